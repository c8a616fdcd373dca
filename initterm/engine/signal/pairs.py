"""Pairs of inputs of known correlations, on their way through a chain."""

from __future__ import annotations

from typing import Any

import numpy as np

from initterm.engine.runtime import tf
from initterm.engine.signal.block import Block
from initterm.engine.signal.inputs import BatchFloats
from initterm.experiments.message import Number
from initterm.theory.arrays import Floats


class PairedInputs:
    """Inputs, and others that have known correlations with them, (1 + starts, pairs, width)."""

    def __init__(self, inputs: BatchFloats) -> None:
        self._shape = inputs.shape[:2]
        self._signal: Any = tf.constant(inputs.reshape(-1, inputs.shape[-1]))

    def through(self, block: Block) -> tuple[Number, ...]:
        """Send them through a block; the correlations of its pre-activations, one for each of ``STARTS``."""
        if 0 in self._shape:
            return ()
        dense, self._signal = block.passed(self._signal)
        return correlations(dense.numpy().reshape(*self._shape, -1))


def correlations(inputs: Any) -> tuple[Number, ...]:
    """The mean over pairs of E[h h′]/√(E[h²]E[h′²]) between the first (pairs, units) of the inputs and each other one.

    None where there is no pair that is finite and isn't 0.
    """
    with np.errstate(all="ignore"):
        first, *others = inputs / np.abs(inputs).max(axis=-1, keepdims=True).astype(np.float64)
        return tuple(_mean(_cosines(first, other)) for other in others)


def _cosines(first: Floats, other: Floats) -> Floats:
    cosines: Floats = (first * other).sum(-1) / np.sqrt((first**2).sum(-1) * (other**2).sum(-1))
    return cosines


def _mean(cosines: Floats) -> Number:
    known = cosines[np.isfinite(cosines)]
    return float(known.mean()) if known.size else None
