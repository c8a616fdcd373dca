"""Whether a sample follows its law: tests whose p-values a true sample has by chance alone."""

from __future__ import annotations

import math
from collections.abc import Generator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from initterm.experiments.weights.events import Check, DrawAdvanced, Fit
from initterm.theory.arrays import Floats
from initterm.theory.law import ROUNDING, Law


@dataclass(frozen=True)
class WeightMoments:
    """Count, mean, sum of squared deviations from it, least and greatest of some weights.

    No library adds up chunks of a kernel that is being drawn; the tests check the sums by ``scipy.stats.describe``.
    """

    count: int
    mean: float
    squares: float
    low: float
    high: float

    @classmethod
    def of(cls, weights: Floats) -> WeightMoments:
        """The moments of some weights, at least one; infinite ones give NaN."""
        with np.errstate(invalid="ignore"):
            mean = float(weights.mean())
            squares = float(np.sum(np.square(weights - mean)))
        return cls(weights.size, mean, squares, float(weights.min()), float(weights.max()))

    @property
    def std(self) -> float:
        """The standard deviation."""
        return math.sqrt(self.squares / self.count)

    def __add__(self, other: WeightMoments) -> WeightMoments:
        """Both together (Chan, Golub & LeVeque 1983, eq. 2.1)."""
        count, apart = self.count + other.count, other.mean - self.mean
        mean = self.mean + apart * other.count / count
        squares = self.squares + other.squares + apart**2 * self.count * other.count / count
        return WeightMoments(count, mean, squares, min(self.low, other.low), max(self.high, other.high))


Weights = NDArray[np.float32]

LARGEST_SORTED = 2**20
"""Kolmogorov-Smirnov's test sorts the weights; of a larger kernel it takes this many, evenly spaced."""

FEWEST_FOR_STD = 30
"""Of fewer weights the std is too far from normal for its standard error to test it."""

ORTHOGONAL_ROUNDING = 1e-4
"""How far ‖WᵀW − gain²I‖ may be from 0 by float32's rounding alone, as a share of ‖gain²I‖."""

PIECE_PRODUCTS = 2**33
"""How many products make a piece of a matrix multiplication: about a tenth of a second."""


def fit_of(matrix: Weights, moments: WeightMoments, law: Law) -> Generator[DrawAdvanced, None, Fit | None]:
    """The test that suits the law; None for single points, which have no chance to test, and where none is known."""
    if law.atoms:
        return None
    if not law.dependent:
        return fit_of_independent(matrix.ravel(), moments, law)
    if law.orthogonal is None:
        return None
    residual = yield from orthogonality_residual(matrix, law.orthogonal)
    return fit_of_orthogonal(residual, matrix.ravel(), law)


def fit_of_independent(weights: Weights, moments: WeightMoments, law: Law) -> Fit:
    """Independent weights against a continuous law: the whole distribution, its std, and its ends.

    Each check sees what the others don't: Kolmogorov-Smirnov's the shape, the std a scale, the ends a few outliers.

    Args:
        weights: all of them, one dimension.
        moments: theirs.
        law: continuous, of independent weights.
    """
    checks = [_kolmogorov_smirnov(weights, law)]
    if moments.count >= FEWEST_FOR_STD:
        checks.append(_std(moments, law))
    return _together([*checks, _ends(moments, law)])


def fit_of_orthogonal(residual: float, weights: Weights, law: Law) -> Fit:
    """An orthogonal kernel: WᵀW = gain²I up to rounding, and its entries' law.

    Args:
        residual: ‖WᵀW − gain²I‖ over ‖gain²I‖, by Frobenius.
        weights: all of them, one dimension.
        law: of one entry.
    """
    orthogonality = Check("WᵀW = gain²·I", residual, 1.0 if residual <= ORTHOGONAL_ROUNDING else 0.0)
    return _together([_kolmogorov_smirnov(weights, law), orthogonality])


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


def _kolmogorov_smirnov(weights: Weights, law: Law) -> Check:
    """The greatest distance of the sample's distribution function from the law's, and scipy's chance of it.

    ``scipy.stats.ks_1samp`` sorts once more and holds several copies, which takes twice as long; tests compare both.
    """
    from scipy import stats

    some = np.sort(weights[:: -(-weights.size // LARGEST_SORTED)])  # as the small numbers they are, which is faster
    below, steps = law.cdf(some), np.arange(some.size + 1) / some.size
    distance = float(max((steps[1:] - below).max(), (below - steps[:-1]).max()))
    return Check("Kolmogorov-Smirnov", distance, float(stats.kstwo.sf(distance, some.size)))


def _std(moments: WeightMoments, law: Law) -> Check:
    off = (moments.std - law.std) / law.std_error_of_std(moments.count)
    return Check("std", off, math.erfc(abs(off) / math.sqrt(2)))


def _ends(moments: WeightMoments, law: Law) -> Check:
    """How far, in std, the farthest weight lies: it may be at the limits, or where so many weights still reach."""
    slack = ROUNDING * max(abs(law.low), abs(law.high))
    farthest = max(abs(moments.low - law.mean), abs(moments.high - law.mean))
    if math.isfinite(slack):
        inside = law.low - slack <= moments.low and moments.high <= law.high + slack
        return Check("limits", farthest / law.std, float(inside))
    beyond = min(law.beyond(farthest), 1 - 1e-16)
    return Check("farthest weight", farthest / law.std, -math.expm1(moments.count * math.log1p(-beyond)))


def _together(checks: list[Check]) -> Fit:
    """One p-value for all: the least, times how many of them are up to chance (Bonferroni)."""
    p_values = [check.p_value for check in checks]
    chances = sum(0 < p_value < 1 for p_value in p_values)
    names = ", ".join(check.name for check in checks)
    return Fit(names, checks[0].statistic, min(1.0, max(1, chances) * min(p_values)), tuple(checks))
