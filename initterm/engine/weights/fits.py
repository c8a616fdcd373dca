"""Whether a sample follows its law, and its weights each other not: tests whose p-values chance alone gives a true one.

They need arrays and a law alone: ``fit_of_kernel``.
"""

from __future__ import annotations

import math
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from msgspec import structs
from numpy.typing import NDArray

from initterm.engine.weights.dependence import dependence_checks
from initterm.engine.weights.orthogonality import orthogonality, orthogonality_residual
from initterm.engine.weights.precision import FLOAT32, Precision
from initterm.engine.weights.repeats import repeat_checks
from initterm.engine.weights.score_sums import score_sums
from initterm.engine.weights.scores import Weights
from initterm.experiments.weights.events import DOUBTFUL, Check, DrawAdvanced, Fit
from initterm.theory.arrays import Floats
from initterm.theory.law import ROUNDING, Law
from initterm.theory.numbers import short, with_decimals


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


Result = TypeVar("Result")

LARGEST_SORTED = 2**20
"""Kolmogorov-Smirnov's test sorts the weights; of a larger kernel it takes this many, evenly spaced."""

MOST_FOR_EXACT = 1000
"""Of more weights Kolmogorov and Smirnov's chance is their limit law's: the exact one may take a second."""

FEWEST_FOR_STD = 30
"""Of fewer weights the std is too far from normal for its standard error to test it."""

STRIDE = 32
"""At every so many weights of the order the law is asked first."""

DISTRIBUTION = "its distribution"
INDEPENDENCE = "its distribution and its independence"
ORTHOGONALITY = "its distribution and its orthogonality"
"""Which law was tested."""


def fit_of_kernel(kernel: Weights, law: Law, precision: Precision = FLOAT32) -> Fit | None:
    """The fit of a kernel of any shape, at least one weight, all finite; None where there is nothing to test.

    >>> from initterm.theory.initializers import InitializerSpec
    >>> from initterm.theory.laws import law_of
    >>> from initterm.theory.shapes import Shape
    >>> law = law_of(InitializerSpec("he_uniform"), Shape((64, 32)))
    >>> kernel = law.quantile(np.random.default_rng(1).random((64, 32))).astype(np.float32)
    >>> fit_of_kernel(kernel, law).p_value > 0.01
    True
    >>> kernel[17] = kernel[3]
    >>> fit_of_kernel(kernel, law).misfits[0]
    'rows 3 and 17 are equal'
    """
    matrix = kernel.reshape(-1, kernel.shape[-1])
    return result_of(fit_of(matrix, WeightMoments.of(matrix.astype(np.float64)), law, precision))


def result_of(pieces: Generator[object, None, Result]) -> Result:
    """What a piecewise computation returns at its end."""
    while True:
        try:
            next(pieces)
        except StopIteration as end:
            result: Result = end.value
            return result


def fit_of(
    matrix: Weights, moments: WeightMoments, law: Law, precision: Precision = FLOAT32
) -> Generator[DrawAdvanced, None, Fit | None]:
    """The test that suits the law; None for single points, which have no chance to test, and where none is known.

    Args:
        matrix: all weights, rows × columns, the last dimension as columns; finite.
        moments: theirs.
        law: what they should follow.
        precision: of the type that they were kept in.
    """
    if law.atoms:
        return None
    if not law.dependent:
        return (yield from fit_of_independent(matrix, moments, law, precision))
    if law.orthogonal is None:
        return None
    residual = yield from orthogonality_residual(matrix, law.orthogonal)
    return fit_of_orthogonal(residual, matrix, law, precision)


def fit_of_independent(
    matrix: Weights, moments: WeightMoments, law: Law, precision: Precision = FLOAT32
) -> Generator[DrawAdvanced, None, Fit]:
    """Independent weights against a continuous law: the whole distribution, its std, its ends, and independence.

    Each check sees what the others don't: Kolmogorov-Smirnov's the shape, the std a scale, the ends a few outliers;
    those of dependence what is built into rows, columns and neighbours; those of repeats what was copied or rounded.
    """
    ordered = _ordered(matrix.ravel())
    distribution = [_kolmogorov_smirnov(ordered, law, precision)]
    if moments.count >= FEWEST_FOR_STD:
        distribution.append(_std(moments, law, precision))
    distribution.append(_ends(moments, law, precision))
    sums = yield from score_sums(matrix, law)
    dependence = list(dependence_checks(sums, centre=precision.coarse))
    repeats = list(repeat_checks(matrix, ordered, law, precision, sums))
    return _Evidence(distribution, dependence, repeats).fit(INDEPENDENCE, precision)


def fit_of_orthogonal(residual: float | None, matrix: Weights, law: Law, precision: Precision = FLOAT32) -> Fit:
    """An orthogonal kernel: WᵀW = gain²I up to rounding, and its entries' law; they depend on each other by that.

    Args:
        residual: ‖WᵀW − gain²I‖ over ‖gain²I‖, by Frobenius; None where that would take too long.
        matrix: all weights, rows × columns.
        law: of one entry.
        precision: of the type that they were kept in.
    """
    ordered = _ordered(matrix.ravel())
    distribution = [_kolmogorov_smirnov(ordered, law, precision)]
    if residual is not None:
        distribution.append(orthogonality(residual, matrix, precision))
    repeats = list(repeat_checks(matrix, ordered, law, precision))
    tested = DISTRIBUTION if residual is None else ORTHOGONALITY
    return _Evidence(distribution, repeats=repeats).fit(tested, precision)


def _ordered(weights: Weights) -> Weights:
    """In rising order; of many as many as are sorted, evenly spaced. As the small numbers they are, which is faster."""
    return np.sort(weights[:: -(-weights.size // LARGEST_SORTED)])


def _kolmogorov_smirnov(ordered: Weights, law: Law, precision: Precision) -> Check:
    """The greatest distance of the sample's distribution function from the law's, and the chance of it.

    A coarse weight stands for all that are rounded to it. ``scipy.stats.ks_1samp`` sorts once more and asks for the
    law at every weight, which takes several times as long; tests compare both.
    """
    distance = max(0.0, _farthest_apart(ordered, law, precision))
    told = f"its distribution function is up to {short(distance, 2)} off"
    return Check("Kolmogorov-Smirnov", distance, chance_of_distance(distance, ordered.size), told)


def chance_of_distance(distance: float, count: int) -> float:
    """P(a sample's distribution function lies as far from its law's): Kolmogorov's, of many weights by his limit law.

    That is corrected as Stephens 1970 (J. Roy. Statist. Soc. B 32, section 2) does, which leaves it within 6% of the
    exact chance down to 1e-14, and within 2% down to 1e-3.
    """
    from scipy import special, stats

    if count <= MOST_FOR_EXACT:
        return float(stats.kstwo.sf(distance, count))
    root = math.sqrt(count)
    return float(special.kolmogorov((root + 0.12 + 0.11 / root) * distance))


def _farthest_apart(ordered: Weights, law: Law, precision: Precision) -> float:
    """The distance: at every so many weights first, then at all where it may be greater between two of them."""
    few = np.append(np.arange(0, ordered.size - 1, STRIDE), ordered.size - 1)
    lower, upper = _between(ordered[few], law, precision)
    known = _distance(few, lower, upper, ordered.size)
    left, right = few[:-1], few[1:]
    bounds = np.maximum(right / ordered.size - lower[:-1], upper[1:] - left / ordered.size)
    open_ = left[bounds > known]
    if not open_.size:
        return known
    rest = np.minimum((open_[:, None] + np.arange(STRIDE)).ravel(), ordered.size - 1)
    return max(known, _distance(rest, *_between(ordered[rest], law, precision), ordered.size))


def _between(weights: Weights, law: Law, precision: Precision) -> tuple[Floats, Floats]:
    """The law's shares below the least and the greatest that each weight may stand for: as it is, to a step of it."""
    x = weights.astype(np.float64)
    if not precision.coarse:
        below = law.cdf(x)
        return below, below
    slack = precision.slack(x, law)
    return law.cdf(x - slack), law.cdf(x + slack)


def _distance(places: NDArray[np.int64], lower: Floats, upper: Floats, count: int) -> float:
    """How far the sample's steps at these places of the order lie beyond what the law has there."""
    return float(max(((places + 1) / count - upper).max(), (lower - places / count).max()))


def _std(moments: WeightMoments, law: Law, precision: Precision) -> Check:
    """The std's distance from the law's in standard errors, beyond what rounding may do to it."""
    ratio = moments.std / law.std
    rounding = precision.epsilon / 2 if precision.coarse else 0.0
    beyond = math.copysign(max(0.0, abs(ratio - 1) - rounding), ratio - 1)
    off = beyond * law.std / law.std_error_of_std(moments.count)
    told = f"the std is {short(ratio)} times the law's, {with_decimals(abs(off), 1)} s.e. off"
    return Check("std", off, math.erfc(abs(off) / math.sqrt(2)), told)


def _ends(moments: WeightMoments, law: Law, precision: Precision) -> Check:
    """How far, in std, the farthest weight lies: it may be at the limits, or where so many weights still reach."""
    slack = max(ROUNDING, precision.epsilon if precision.coarse else 0.0) * max(abs(law.low), abs(law.high))
    farthest = max(abs(moments.low - law.mean), abs(moments.high - law.mean))
    told = f"a weight lies {with_decimals(farthest / law.std, 1)} std from the mean"
    if math.isfinite(slack):
        told += ", beyond the law's limit"
        inside = law.low - slack <= moments.low and moments.high <= law.high + slack
        return Check("limits", farthest / law.std, float(inside), told)
    beyond = min(law.beyond(farthest), 1 - 1e-16)
    return Check("farthest weight", farthest / law.std, -math.expm1(moments.count * math.log1p(-beyond)), told)


@dataclass(frozen=True)
class _Evidence:
    """All checks: of the distribution, Kolmogorov and Smirnov's first, of dependence, and of repeats."""

    distribution: Sequence[Check]
    dependence: Sequence[Check] = ()
    repeats: Sequence[Check] = ()

    @property
    def checks(self) -> list[Check]:
        return [*self.distribution, *self.dependence, *self.repeats]

    @property
    def chances(self) -> int:
        """How many checks are up to chance."""
        return max(1, sum(0 < check.p_value < 1 for check in self.checks))

    def fit(self, tested: str, precision: Precision) -> Fit:
        """One p-value for all: the least, times how many of them are up to chance (Bonferroni)."""
        plainest_first = *self.repeats, *self.distribution[:0:-1], *self.dependence, self.distribution[0]
        return Fit(
            ", ".join(check.name for check in self.checks),
            self.distribution[0].statistic,
            self._together(self.checks),
            tuple(check if self._refuses(check) else structs.replace(check, told="") for check in self.checks),
            tested + (f", up to rounding to {precision.name}" if precision.coarse else ""),
            tuple(check.told for check in plainest_first if self._refuses(check) and not self._explained(check)),
            self._together(self.distribution),
        )

    def _together(self, checks: Sequence[Check]) -> float:
        return min(1.0, self.chances * min(check.p_value for check in checks))

    def _explained(self, check: Check) -> bool:
        """Whether values repeat because rows or columns do, or were rounded."""
        causes = [one for one in self.repeats if one.name in ("equal rows", "equal columns", "rounding")]
        return check.name == "repeated values" and any(map(self._refuses, causes))

    def _refuses(self, check: Check) -> bool:
        return self.chances * check.p_value < DOUBTFUL
