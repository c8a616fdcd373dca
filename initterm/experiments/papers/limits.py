"""Limits from theory: how far what random networks of finite width show may be from what is true of wide ones.

The mean square that leaves a layer of n units varies by SCATTER/n of its square where all inputs are alike, and less
where they differ (the failure mode FM2 of Hanin & Rolnick 2018, arXiv:1803.01719; see also Hanin 2018,
arXiv:1801.03744).
"""

from __future__ import annotations

import math

from initterm.theory.numbers import rounded

ERRORS = 4.0
"""How many standard errors there are to either side: one of 16,000 normal numbers is farther."""

RELU_SCATTER = 5.0
"""Var(φ²)/E[φ²]² of ReLU at normal pre-activations."""

SELU_SCATTER, SELU_PULL = 1.503, 0.783
"""The same of SELU at N(0, 1), and the variance map's slope there (Klambauer et al. 2017, theorem 1)."""

TANH_SCATTER = 2.0
"""The same of tanh where it is a line; it is less farther out."""

DIGITS = 2


def error_of_median(networks: int) -> float:
    """The standard error of the median of so many normal numbers of std 1."""
    return math.sqrt(math.pi / (2 * networks))


def variance_factor_limit(scatter: float, width: int, depth: int, networks: int) -> float:
    """How far a layer's factor of the variance may be off, as a share of it: its geometric mean, median over networks.

    Logarithms add up layer by layer, each of mean −SCATTER/2n and variance SCATTER/n.
    """
    error = math.sqrt(scatter / (width * (depth - 1))) * error_of_median(networks)
    return rounded(ERRORS * error + scatter / (2 * width), DIGITS)


def std_factor_limit(scatter: float, width: int, depth: int, networks: int) -> float:
    """The same of a factor of the std."""
    return rounded(variance_factor_limit(scatter, width, depth, networks) / 2, DIGITS)


def mean_limit(width: int, networks: int) -> float:
    """How far from 0 a layer's mean may be where activations are of mean 0 and variance 1, median over networks."""
    return rounded(ERRORS * error_of_median(networks) / math.sqrt(width), DIGITS)


def settled_std_limit(scatter: float, pull: float, width: int, networks: int) -> float:
    """How far from 1 a layer's std may be where the map draws the variance to 1 by ``pull`` a layer."""
    variance = scatter / width / (1 - pull**2)
    return rounded(ERRORS * error_of_median(networks) * math.sqrt(variance) / 2, DIGITS)


def share_limit(share: float, count: int) -> float:
    """How far a share may be off that is counted among so many."""
    return rounded(ERRORS * math.sqrt(share * (1 - share) / count), DIGITS)
