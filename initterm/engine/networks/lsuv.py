"""Layer-sequential unit variance: weights scaled layer by layer until each layer's output on a batch has variance 1.

Mishkin & Matas 2016, All you need is a good init, arXiv:1511.06422, algorithm 1.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from initterm.engine.runtime import tf

TOLERANCE = 0.01
"""How far from 1 the variance of the batch may be."""

MOST_TRIES = 50

LEAST_VARIANCE = 1e-20
"""A layer whose output is constant can't be scaled, and is left as it is."""


def fit_layer(kernel: Any, output: Callable[[], Any]) -> Any:
    """Divide a kernel by the std of the layer's output until that is 1; the output then.

    Args:
        kernel: the variable to scale.
        output: gives the layer's output, before its activation, with the kernel as it is.
    """
    for _ in range(MOST_TRIES):
        result = output()
        variance = float(tf.math.reduce_variance(result))
        if not variance > LEAST_VARIANCE or abs(variance - 1) <= TOLERANCE:
            return result
        kernel.assign(kernel / variance**0.5)
    return output()
