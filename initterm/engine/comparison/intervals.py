"""Intervals of means over seeds: Student's, those of accuracies, and those that also hold for new images.

Distributions are ``scipy.special``'s rather than ``scipy.stats``'s, a call of which takes a thousand times as long: all
pairs of contenders are compared again and again while they train. The tests check each number against ``scipy.stats``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import fmean

import numpy as np
from numpy.typing import NDArray

from initterm.experiments.comparison import Interval

ALPHA = 0.05
"""How often something may be claimed that isn't so."""

SAME = 1e-12
"""What is left of equal numbers is the rounding of their digits."""

Hits = NDArray[np.integer]
"""(seeds, images): 1 where the class of an image was told right, else 0; −1 to 1 of a difference of two."""


def deviation(values: Sequence[float]) -> float:
    """The standard deviation of the population that these are a sample of."""
    return float(np.std(values, ddof=1))


def t_quantile(freedom: float, alpha: float) -> float:
    """What Student's t exceeds in size with this probability."""
    from scipy import special

    return float(special.stdtrit(freedom, 1 - alpha / 2))


def t_quantiles(most: int) -> tuple[float, ...]:
    """Student's quantiles that a 95% interval of the mean of 2, 3, ... up to ``most`` values is made with."""
    return tuple(t_quantile(count - 1, ALPHA) for count in range(2, most + 1))


def interval_of_mean(values: Sequence[float], alpha: float = ALPHA) -> Interval | None:
    """Student's interval of the mean, at the confidence 1 − alpha; None for fewer than two values."""
    if len(values) < 2:
        return None
    half = t_quantile(len(values) - 1, alpha) * deviation(values) / math.sqrt(len(values))
    return fmean(values) - half, fmean(values) + half


def interval_of_accuracy(accuracies: Sequence[float], alpha: float = ALPHA) -> Interval | None:
    """The interval of a mean accuracy over seeds: Student's on the scale of logits, so that it stays within 0 and 1.

    The mean's standard error is carried to its logit (delta method; Agresti 2013, 3.1.6).
    """
    if len(accuracies) < 2:
        return None
    error = deviation(accuracies) / math.sqrt(len(accuracies))
    return _within(fmean(accuracies), t_quantile(len(accuracies) - 1, alpha) * error)


def interval_on_new_images(hits: Hits, alpha: float = ALPHA) -> Interval | None:
    """The interval of the accuracy of new seeds on new images of the same kind; None for fewer than two of either.

    Args:
        hits: (seeds, images).
        alpha: 1 − its confidence.
    """
    return _within(*_over_both(hits, alpha)) if min(hits.shape) > 1 else None


def interval_of_difference_on_new_images(hits: Hits, others: Hits, alpha: float = ALPHA) -> Interval | None:
    """The same of a mean difference between two contenders, seed by seed on the same images."""
    if min(hits.shape) < 2:
        return None
    mean, half = _over_both(hits.astype(np.int8) - others.astype(np.int8), alpha)
    return max(-1.0, mean - half), min(1.0, mean + half)


def _within(mean: float, half: float) -> Interval:
    """So much to both sides of a share, as logits have it: never outside 0 and 1."""
    slope = mean * (1 - mean)
    if slope <= SAME:
        return mean, mean
    from scipy import special

    middle = math.log(mean / (1 - mean))
    low, high = special.expit([middle - half / slope, middle + half / slope])
    return float(low), float(high)


def _over_both(values: Hits, alpha: float) -> tuple[float, float]:
    """The mean, and half its interval over seeds and images that are both drawn anew.

    Both are random effects, crossed: images add their component of variance (Searle, Casella & McCulloch 1992, ch. 4)
    to the spread over seeds, and each part has its own Student's quantile (Zou & Donner 2008). It is what drawing both
    again and again estimates (Owen 2007, arXiv:0712.1111), without its noise, and wide enough for two seeds too.
    """
    seeds, images = values.shape
    by_seed, by_image = (values.sum(axis=axis, dtype=np.int32) for axis in (1, 0))
    mean = float(by_seed.sum()) / values.size
    of_seeds = float(np.var(by_seed, ddof=1)) / images
    of_images = float(np.var(by_image, ddof=1)) / seeds
    total = float(np.count_nonzero(values)) - values.size * mean**2
    rest = (total - (seeds - 1) * of_seeds - (images - 1) * of_images) / ((seeds - 1) * (images - 1))
    by_seeds = t_quantile(seeds - 1, alpha) ** 2 * of_seeds
    by_images = t_quantile(images - 1, alpha) ** 2 * max(0.0, of_images - max(0.0, rest))
    return mean, math.sqrt((by_seeds + by_images) / values.size)
