"""Weights as normal scores: Φ⁻¹(F(w)), which are independent standard normals where weights independently follow F.

So each test of dependence has the same exact law, whatever F is, and an outlier decides none of them.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from initterm.theory.law import Distribution, Law, Normal, Uniform

Weights = NDArray[np.float32]

CELLS = 2**16
"""Of the table that scores are read from, linearly."""

FARTHEST = 8.0
"""Scores end here; a standard normal goes farther once in 1e15."""

TINY = 1e-300

MEDIAN_SIZE = 0.6744897501960817
"""The median of |score|."""


def scores_of(weights: Weights, law: Law) -> Weights:
    """The scores of finite weights by a continuous law, of the same shape; those beyond its limits are at the end."""
    with np.errstate(over="ignore", under="ignore", invalid="ignore", divide="ignore"):
        if law.distribution == Normal(law.mean, law.std):
            scores = (weights - np.float32(law.mean)) / np.float32(law.std)
            return np.clip(np.nan_to_num(scores, copy=False), -FARTHEST, FARTHEST, out=scores)
        standard, low, high = _standard(law)
        cells = (weights - np.float32(low)) * np.float32(CELLS / max(high - low, TINY))
    np.clip(np.nan_to_num(cells, copy=False), 0, np.nextafter(np.float32(CELLS), np.float32(0)), out=cells)
    values, rises = _table(*standard)
    index = cells.astype(np.int32)
    cells -= index
    cells *= rises[index]
    cells += values[index]
    return cells


def _standard(law: Law) -> tuple[tuple[Distribution, float, float], float, float]:
    """A distribution between two ends that has the same scores at the same share of the way, and the law's ends."""
    match law.distribution:
        case Uniform(low, high):
            return (Uniform(-1.0, 1.0), -1.0, 1.0), low, high
        case Normal(mean, scale, cut):
            return (Normal(0.0, 1.0, cut), -cut, cut), mean - cut * scale, mean + cut * scale
        case distribution:
            low = max(law.low, law.mean - FARTHEST * law.std)
            high = min(law.high, law.mean + FARTHEST * law.std)
            return (distribution, low, high), low, high


@lru_cache(maxsize=8)
def _table(distribution: Distribution, low: float, high: float) -> tuple[Weights, Weights]:
    """The score at each edge between cells from low to high, and how much it rises in each cell; of symmetric ones."""
    from scipy import special

    middle = CELLS // 2
    below = distribution.cdf(np.linspace(low, high, CELLS + 1)[1:middle])
    scores = np.zeros(CELLS + 1)
    scores[1:middle] = np.clip(special.ndtri(below), -FARTHEST, 0.0)
    scores[0] = _end(float(scores[1]))
    scores[middle + 1 :] = -scores[middle - 1 :: -1]
    return scores.astype(np.float32), np.diff(scores).astype(np.float32)


def _end(inner: float) -> float:
    """The score where the law ends: so that those of the last cell, from ``inner`` on, have a normal's mean square."""
    from scipy import special

    density = math.exp(-(inner**2) / 2) / math.sqrt(2 * math.pi)
    square = 1 - inner * density / max(float(special.ndtr(inner)), 1e-300)
    return max(-FARTHEST, (-inner - math.sqrt(max(12 * square - 3 * inner**2, 0.0))) / 2)
