"""What accuracies over seeds allow to conclude: Student's intervals and paired tests, by scipy's t distribution.

The distribution is ``scipy.special``'s rather than ``scipy.stats``'s whole tests, a call of which takes a thousand
times as long: all pairs of contenders are compared again and again while they train. Holm's correction and the seeds
that are needed are in neither. The tests check each number against ``scipy.stats``.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from statistics import NormalDist, fmean

import numpy as np
from numpy.typing import NDArray

from initterm.experiments.comparison import MOST_SEEDS_NEEDED, Accuracies, Comparison, Interval, Mean, Pair
from initterm.experiments.message import Number

ALPHA = 0.05
"""How often a difference may be claimed where there is none."""

POWER = 0.8
"""How likely the seeds that are said to be needed would show a difference as large as the one seen."""

NEAR = 16
"""Of so many seeds from the normal approximation on, the number that is needed is nearly always one."""


def compare(accuracies: Accuracies) -> Comparison:
    """Means with intervals, and every pair compared over the seeds that both have.

    p-values are corrected for the number of pairs by Holm's method, so that of all pairs none is claimed to differ by
    luck in at least 95% of experiments, whichever contender turned out to lead.

    Args:
        accuracies: a row for each contender, in it one for each seed, None where there is none.
    """
    rows = [[value for value in row if value is not None] for row in accuracies]
    means = tuple(Mean(fmean(row) if row else None, interval_of_mean(row), len(row)) for row in rows)
    couples = list(itertools.combinations(range(len(rows)), 2))
    differences = [_differences(accuracies[a], accuracies[b]) for a, b in couples]
    p_values = holm([p_value_of_mean(difference) for difference in differences])
    tested = sum(p is not None for p in p_values)
    pairs = (
        Pair(
            a,
            b,
            seeds=len(of_pair),
            wins=sum(value > 0 for value in of_pair),
            losses=sum(value < 0 for value in of_pair),
            difference=fmean(of_pair) if of_pair else None,
            ci95=interval_of_mean(of_pair),
            p_value=p_value,
            seeds_needed=seeds_needed(of_pair, ALPHA / tested) if tested else None,
        )
        for (a, b), of_pair, p_value in zip(couples, differences, p_values, strict=True)
    )
    return Comparison(means, tuple(pairs))


def _differences(a: Sequence[Number], b: Sequence[Number]) -> list[float]:
    return [of_a - of_b for of_a, of_b in zip(a, b, strict=True) if of_a is not None and of_b is not None]


def _deviation(values: Sequence[float]) -> float:
    """The standard deviation of the population that these are a sample of."""
    return float(np.std(values, ddof=1))


def t_quantiles(most: int) -> tuple[float, ...]:
    """Student's quantiles that a 95% interval of the mean of 2, 3, ... up to ``most`` values is made with."""
    if most < 2:
        return ()
    from scipy import special

    return tuple(float(special.stdtrit(count - 1, 1 - ALPHA / 2)) for count in range(2, most + 1))


def interval_of_mean(values: Sequence[float]) -> Interval | None:
    """Student's 95% interval of the mean; None for fewer than two values."""
    if len(values) < 2:
        return None
    from scipy import special

    half = float(special.stdtrit(len(values) - 1, 1 - ALPHA / 2)) * _deviation(values) / math.sqrt(len(values))
    return fmean(values) - half, fmean(values) + half


def p_value_of_mean(differences: Sequence[float]) -> float | None:
    """Student's two-sided test that the mean of paired differences is 0.

    None for fewer than two of them, and where all are the same but not 0: no spread, no measure of chance.
    """
    if len(differences) < 2:
        return None
    from scipy import special

    spread = _deviation(differences) / math.sqrt(len(differences))
    if spread <= 1e-12:  # what is left of equal differences is the rounding of their digits
        return 1.0 if abs(fmean(differences)) <= 1e-12 else None
    return float(2 * special.stdtr(len(differences) - 1, -abs(fmean(differences)) / spread))


def holm(p_values: Sequence[float | None]) -> list[float | None]:
    """Holm's correction (1979) for several tests, in the order given; None stays None."""
    ranked = sorted((p, index) for index, p in enumerate(p_values) if p is not None)
    corrected: list[float | None] = list(p_values)
    largest = 0.0
    for rank, (p, index) in enumerate(ranked):
        largest = max(largest, min(1.0, p * (len(ranked) - rank)))
        corrected[index] = largest
    return corrected


def seeds_needed(differences: Sequence[float], alpha: float = ALPHA) -> int | None:
    """With how many seeds a paired t-test would show a mean difference like this one, with ``POWER``.

    The power of the t-test by the noncentral t distribution (Cohen 1988, ch. 2).

    Returns:
        The number of seeds in all, at most ``MOST_SEEDS_NEEDED``, which then means that or more; None where there is
        no difference or no spread.
    """
    if len(differences) < 2 or not (spread := _deviation(differences)) or not (mean := abs(fmean(differences))):
        return None
    effect = mean / spread
    quantile = NormalDist().inv_cdf
    least = math.floor(((quantile(1 - alpha / 2) + quantile(POWER)) / effect) ** 2) if effect > 1e-3 else math.inf
    if least >= MOST_SEEDS_NEEDED:
        return MOST_SEEDS_NEEDED
    candidates = np.arange(max(2, int(least)), MOST_SEEDS_NEEDED)
    for seeds in (candidates[:NEAR], candidates[NEAR:]):
        enough = seeds[_power(effect, seeds, alpha) >= POWER]
        if enough.size:
            return int(enough[0])
    return MOST_SEEDS_NEEDED


def _power(effect: float, seeds: NDArray[np.int_], alpha: float) -> NDArray[np.float64]:
    """Of each of these numbers of seeds."""
    from scipy import special

    critical = special.stdtrit(seeds - 1, 1 - alpha / 2)
    return np.asarray(1 - special.nctdtr(seeds - 1, effect * np.sqrt(seeds), critical))
