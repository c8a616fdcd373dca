"""Which part of an axis shows a race: where those that are well placed have been of late."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from initterm.tui.widgets.drawing import Range, nice_step

Racer = TypeVar("Racer")
Values = NDArray[np.float64]

LEAST_IN_RACE = 3
LATE_SHARE = 0.5
"""The share of what has been done that counts as late."""

SPARE = 0.08
STEPS = 8
"""Limits are round numbers, of a grid with about so many steps in the range, so that they seldom change."""


def race_range(ranked: Sequence[Values], front: Values, limits: Range = (-math.inf, math.inf)) -> Range | None:
    """The range of the better half, of three at least and of the one in front, over the late half of their epochs.

    Args:
        ranked: the values of each by epoch, the best first; those without any are left out.
        front: those of the one in front.
        limits: what the range stays within.

    Returns:
        The range, or None where there is no value.
    """
    there = (*racing([values for values in ranked if len(values)]), front)
    late = [values[-max(1, math.ceil(LATE_SHARE * len(values))) :] for values in there if len(values)]
    return rounded_range(whole_range(late), limits)


def racing(ranked: Sequence[Racer]) -> Sequence[Racer]:
    """The better half of those that are ranked, of three at least."""
    return ranked[: max(LEAST_IN_RACE, math.ceil(len(ranked) / 2))]


def whole_range(parts: Sequence[Values]) -> Range | None:
    """The range of all values; None where there is none."""
    there = [part for part in parts if len(part)]
    return (float(min(part.min() for part in there)), float(max(part.max() for part in there))) if there else None


def rounded_range(wanted: Range | None, limits: Range = (-math.inf, math.inf)) -> Range | None:
    """The range with a little to spare, between round numbers, and within limits."""
    if wanted is None:
        return None
    low, high = wanted
    spare = max(SPARE * (high - low), 1e-3 * max(abs(low), abs(high)), 1e-6)
    low, high = low - spare, high + spare
    step = nice_step((high - low) / STEPS)
    return max(limits[0], math.floor(low / step) * step), min(limits[1], math.ceil(high / step) * step)
