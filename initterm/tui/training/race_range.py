"""Which part of an axis shows a race: where those that aren't far behind have been of late."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from initterm.tui.widgets.drawing import Range, nice_step

ByEpoch = NDArray[np.float64]

FAR = 2.0
"""Times the distance between the best and the last of the better half."""

LEAST_GAP = 0.01
"""The least such distance, as a share of what the best has come to."""

LATE_SHARE = 0.5
"""The share of what has been done that counts as late."""

SPARE = 0.08
STEPS = 8
"""Limits are round numbers, of a grid with about so many steps in the range, so that they seldom change."""


def race_range(ranked: Sequence[ByEpoch], front: ByEpoch, limits: Range = (-math.inf, math.inf)) -> Range | None:
    """The range of those that race, and of the one in front, over the late half of their epochs.

    Args:
        ranked: the values of each by epoch, the best first; those without any are left out.
        front: those of the one in front.
        limits: what the range stays within.

    Returns:
        The range, or None where there is no value.
    """
    there = [values for values in ranked if len(values)]
    racing = (*there[: racers([float(values[-1]) for values in there])], front)
    late = [values[-max(1, math.ceil(LATE_SHARE * len(values))) :] for values in racing if len(values)]
    return rounded_range(whole_range(late), limits)


def racers(results: Sequence[float]) -> int:
    """How many race, given what each has come to, the best first: all but those far behind the better half."""
    if not results:
        return 0
    better_half = abs(results[0] - results[min(len(results) - 1, max(1, math.ceil(len(results) / 2) - 1))])
    far = FAR * max(better_half, LEAST_GAP * abs(results[0]))
    return sum(abs(results[0] - result) <= far for result in results)


def whole_range(parts: Sequence[ByEpoch]) -> Range | None:
    """The range of all values; None where there is none."""
    there = [part for part in parts if len(part)]
    return (float(min(part.min() for part in there)), float(max(part.max() for part in there))) if there else None


def rounded_range(wanted: Range | None, limits: Range = (-math.inf, math.inf)) -> Range | None:
    """The range with a little to spare, between round numbers, and within limits, as far as it reaches into them."""
    if wanted is None:
        return None
    low, high = wanted
    spare = max(SPARE * (high - low), 1e-3 * max(abs(low), abs(high)), 1e-6)
    low, high = low - spare, high + spare
    step = nice_step((high - low) / STEPS)
    rounded = math.floor(low / step) * step, math.ceil(high / step) * step
    within = max(limits[0], rounded[0]), min(limits[1], rounded[1])
    return within if within[0] < within[1] else rounded  # a metric of a person's own may go beyond its limits
