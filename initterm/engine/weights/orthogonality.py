"""Whether a kernel is orthogonal: WᵀW = gain²·I, or WWᵀ where it is wider than high, up to rounding."""

from __future__ import annotations

import math
from collections.abc import Generator

import numpy as np

from initterm.engine.weights.precision import Precision
from initterm.engine.weights.scores import Weights
from initterm.experiments.weights.events import Check, DrawAdvanced
from initterm.theory.numbers import short

ORTHOGONAL_ROUNDING = 1e-4
"""How far ‖WᵀW − gain²I‖ may be from 0 by float32's rounding alone, as a share of ‖gain²I‖."""

PIECE_PRODUCTS = 2**33
"""How many products make a piece of a matrix multiplication: about a tenth of a second."""


def orthogonality(residual: float, matrix: Weights, precision: Precision) -> Check:
    """Whether a matrix is orthogonal by its residual, which chance doesn't decide."""
    told = f"WᵀW is {short(100 * residual, 2)}% off gain²·I"
    within = residual <= ORTHOGONAL_ROUNDING + _lost_in_sums(matrix, precision)
    return Check("WᵀW = gain²·I", residual, float(within), told)


def _lost_in_sums(matrix: Weights, precision: Precision) -> float:
    """What a coarse type's rounding leaves of orthogonality at most: with each column more is taken off by QR."""
    return precision.epsilon * (4 + min(matrix.shape) / 10) if precision.coarse else 0.0


def orthogonality_residual(matrix: Weights, gain: float) -> Generator[DrawAdvanced, None, float]:
    """‖WᵀW − gain²I‖/‖gain²I‖ by Frobenius, a piece of the columns at a time.

    Args:
        matrix: rows × columns; where it is wider than high, WWᵀ is taken.
        gain: not 0.
    """
    tall = matrix if matrix.shape[0] >= matrix.shape[1] else matrix.T
    size, squares = tall.shape[1], 0.0
    step = max(1, PIECE_PRODUCTS // tall.size)
    for start in range(0, size, step):
        if start:
            yield DrawAdvanced("testing", start / size)
        product = tall.T @ tall[:, start : start + step]
        columns = np.arange(product.shape[1])
        product[start + columns, columns] -= np.float32(gain**2)
        squares += float(np.sum(np.square(product, dtype=np.float64)))
    return math.sqrt(squares / size) / gain**2
