"""Gradients of a model's layers, each measured where it arrives, and let go."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from initterm.engine.models.keras_privates import masked_as
from initterm.engine.runtime import tf
from initterm.experiments.message import Number, finite


class GradientTaps:
    """Taps on tensors of floats: each passes on its tensor, and measures the gradient that comes back to it.

    All gradients at once would be as many numbers as all outputs; a tap keeps the std alone. The tape that runs
    meanwhile needn't watch weights: it watches ``source``, which every tap takes in and nothing depends on.
    """

    def __init__(self) -> None:
        self.source = tf.zeros(())
        self._stds: list[float] = []

    def tapped(self, tensor: Any) -> Any:
        """The tensor with the next tap on it, and with the mask that Keras keeps on it."""
        place = len(self._stds)
        self._stds.append(math.nan)

        @tf.custom_gradient  # type: ignore[untyped-decorator]  # TensorFlow has no types
        def passing(passed: Any, source: Any) -> Any:
            def back(gradient: Any) -> tuple[Any, Any]:
                self._stds[place] = _std_of(gradient)
                return gradient, tf.zeros_like(source)

            return tf.identity(passed), back

        return masked_as(tensor, passing(tensor, self.source))

    @property
    def stds(self) -> list[Number]:
        """The std of the gradient at each tap, in their order; None where none came, or it isn't finite."""
        return [finite(std) for std in self._stds]


def _std_of(gradient: Any) -> float:
    numbers = np.asarray(tf.cast(tf.convert_to_tensor(gradient), tf.float32))
    with np.errstate(invalid="ignore", over="ignore"):
        return float(numbers.std(dtype=np.float64))
