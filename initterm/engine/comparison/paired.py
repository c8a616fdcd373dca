"""Tests of two contenders over the same seeds: does one lead, are both as good, does one train where the other doesn't.

Distributions are ``scipy.special``'s; see ``intervals``. How many seeds are needed is in no library.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import NormalDist, fmean

import numpy as np
from numpy.typing import NDArray

from initterm.engine.comparison.intervals import ALPHA, SAME, deviation
from initterm.experiments.comparison import MOST_SEEDS_NEEDED, Interval

POWER = 0.8
"""How likely the seeds that are said to be needed would show a difference as large as the one seen."""

NEEDED_ALPHA = 0.2
"""One less the confidence of the interval of that number."""

NEAR = 16
"""Of so many seeds from the normal approximation on, the number that is needed is nearly always one."""


def p_value_of_mean(differences: Sequence[float]) -> float | None:
    """Student's two-sided test that the mean of paired differences is 0.

    None for fewer than two of them, and where all are the same: no spread, no measure of chance.
    """
    if (error := _error(differences)) is None:
        return None
    from scipy import special

    return float(2 * special.stdtr(len(differences) - 1, -abs(fmean(differences)) / error))


def p_value_of_equivalence(differences: Sequence[float], margin: float) -> float | None:
    """Two one-sided tests that the mean of paired differences is within −margin and margin (Schuirmann 1987).

    None where ``p_value_of_mean`` is.
    """
    if (error := _error(differences)) is None:
        return None
    from scipy import special

    return float(special.stdtr(len(differences) - 1, (abs(fmean(differences)) - margin) / error))


def _error(differences: Sequence[float]) -> float | None:
    """The standard error of their mean; None where there is none."""
    if len(differences) < 2:
        return None
    error = deviation(differences) / math.sqrt(len(differences))
    return error if error > SAME else None


def p_value_of_signs(a_alone: int, b_alone: int) -> float:
    """The exact two-sided test that what happens with one alone is as likely to be a's as b's (McNemar 1947)."""
    from scipy import special

    return float(min(1.0, 2 * special.bdtr(min(a_alone, b_alone), a_alone + b_alone, 0.5)))


def interval_of_share(count: int, of: int, alpha: float = ALPHA) -> Interval:
    """The exact interval of a share of which ``count`` of so many were seen (Clopper & Pearson 1934)."""
    from scipy import special

    low = float(special.betaincinv(count, of - count + 1, alpha / 2)) if count else 0.0
    high = float(special.betaincinv(count + 1, of - count, 1 - alpha / 2)) if count < of else 1.0
    return low, high


def seeds_needed(differences: Sequence[float], alpha: float = ALPHA) -> int | None:
    """With how many seeds a paired t-test would show a mean difference like this one, with ``POWER``.

    The power of the t-test by the noncentral t distribution (Cohen 1988, ch. 2).

    Returns:
        The number of seeds in all, at most ``MOST_SEEDS_NEEDED``, which then means that or more; None where there is
        no difference or no spread.
    """
    error = _error(differences)
    if error is None or not (mean := abs(fmean(differences))):
        return None
    return _seeds_of(mean / error / math.sqrt(len(differences)), alpha)


def seeds_needed_interval(differences: Sequence[float], alpha: float = ALPHA) -> tuple[int, int] | None:
    """Where ``seeds_needed`` of the true difference lies with 80% confidence; None where that is.

    By the interval of the difference in standard deviations (Steiger & Fouladi 1997): t's noncentrality.
    """
    error = _error(differences)
    if error is None:
        return None
    from scipy import special

    count, t = len(differences), abs(fmean(differences)) / error
    low, high = (
        float(special.nctdtrinc(count - 1, share, t)) / math.sqrt(count)
        for share in (1 - NEEDED_ALPHA / 2, NEEDED_ALPHA / 2)
    )
    return _seeds_of(max(abs(low), abs(high)), alpha), _seeds_of(max(0.0, low), alpha)


def _seeds_of(effect: float, alpha: float) -> int:
    """The seeds that show so many standard deviations."""
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
