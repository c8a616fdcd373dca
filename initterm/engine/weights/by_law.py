"""Weights that Keras has no initializer for, drawn by the law that theory has for their shape."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

import numpy as np

from initterm.engine.runtime import keras
from initterm.theory.initializers import InitializerSpec
from initterm.theory.laws import law_of
from initterm.theory.shapes import Shape


class ByLaw(keras.initializers.Initializer):  # type: ignore[misc]  # Keras has no types
    """Independent weights of an initializer's law; each call gives the same, as of Keras's own.

    Without a seed it takes one from Python's generator, as Keras's do.
    """

    def __init__(self, spec: InitializerSpec, seed: int | None = None) -> None:
        self._spec = spec
        self._seed = random.getrandbits(32) if seed is None else seed

    def __call__(self, shape: Sequence[int], dtype: Any = None) -> Any:
        """Weights of this shape.

        Raises:
            Refusal: the initializer can't serve it.
        """
        shares = np.random.default_rng(self._seed).random(tuple(shape))
        weights = law_of(self._spec, Shape(tuple(shape))).quantile(shares)
        return keras.ops.convert_to_tensor(weights, dtype or keras.config.floatx())
