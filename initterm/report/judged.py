"""Numbers of the metric that judges, and differences of them, in words: accuracies in points, others by their name."""

from __future__ import annotations

from math import floor, isfinite, log10

from initterm.experiments.comparison import Interval
from initterm.experiments.metric import Metric
from initterm.theory.numbers import (
    NONE,
    plain,
    points,
    points_between,
    short,
    signed_points,
    with_decimals,
    with_digits,
)


def metric_words(value: float | None, metric: Metric, decimals: int = 4) -> str:
    """What something came to: a share with so many decimals, everything else with as many digits.

    >>> loss = Metric("loss", higher_is_better=False, largest=None)
    >>> metric_words(0.9, Metric()), metric_words(1234.5, loss), metric_words(None, loss)
    ('0.9000', '1234', '–')
    """
    return with_decimals(value, decimals) if metric.is_share else with_digits(value, decimals)


def bounds_words(interval: Interval | None, metric: Metric, decimals: int = 3) -> str:
    """An interval of means; where an end may be negative a dash between them would look like a sign.

    >>> loss = Metric("loss", higher_is_better=False, largest=None)
    >>> bounds_words((0.9, 0.95), Metric()), bounds_words((0.5, 1.5), loss), bounds_words(None, loss)
    ('0.900–0.950', '0.500 to 1.50', '–')
    """
    between = "–" if metric.is_share else " to "
    return between.join(metric_words(end, metric, decimals) for end in interval) if interval else NONE


def judged_title(metric: Metric) -> str | None:
    """What stands over a table; accuracies explain themselves."""
    return None if metric.is_accuracy else f"Judged by {metric.name}: {metric.direction}"


def apart_words(difference: float, metric: Metric) -> str:
    """How far two are from each other.

    >>> apart_words(0.012, Metric()), apart_words(0.12, Metric("loss", higher_is_better=False, largest=None))
    ('1.2 points', '0.12 of loss')
    """
    return points(difference) if metric.is_accuracy else f"{short(difference)} of {metric.name}"


def between_words(interval: Interval, metric: Metric) -> tuple[str, str]:
    """Both ends of an interval of differences, with signs.

    >>> between_words((-0.05, 0.12), Metric("loss", higher_is_better=False, largest=None))
    ('−0.05', '+0.12')
    """
    if metric.is_accuracy:
        return points_between(interval)
    low, high = (f"{'+' * (end >= 0)}{short(end)}".replace("-", "−") for end in interval)
    return low, high


def behind_words(difference: float | None, metric: Metric, half: float | None = None, digits: int = 2) -> str:
    """How far one is behind in a table, with half the interval of that where it is known; below 0 it is worse.

    Of the half there are so many digits, and of the difference as many decimals.

    >>> loss = Metric("loss", higher_is_better=False, largest=None)
    >>> behind_words(-0.003, Metric(), 0.008), behind_words(-1.23, loss, 0.4), behind_words(None, loss)
    ('−0.3 ±0.8', '−1.23 ±0.40', '–')
    """
    if metric.is_accuracy or difference is None:
        return signed_points(difference, half)
    sign = "+" * (difference > 0)
    if not half or not isfinite(half):
        return f"{sign}{short(difference + 0.0)}".replace("-", "−")  # which makes 0 of -0
    decimals = max(0, digits - 1 - floor(log10(half)))
    return f"{sign}{with_decimals(difference + 0.0, decimals)} ±{with_decimals(half, decimals)}"


def unit_words(metric: Metric) -> str:
    """What stands behind a difference."""
    return "points" if metric.is_accuracy else f"of {metric.name}"


def margin_words(margin: float, metric: Metric) -> str:
    """Up to which difference two are equivalent.

    >>> margin_words(0.005, Metric()), margin_words(0.005, Metric("auc"))
    ('0.5 points', '0.005 of auc')
    """
    return f"{plain(100 * margin if metric.is_accuracy else margin)} {unit_words(metric)}"
