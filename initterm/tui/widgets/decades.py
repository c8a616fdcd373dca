"""Sizes over many powers of ten, as decimal logarithms that can be drawn."""

from __future__ import annotations

import math
from collections.abc import Sequence

from initterm.experiments.message import Number
from initterm.tui.widgets.drawing import Range

MOST_DECADES = 60
"""What is farther from 1 than so many powers of ten is drawn at the edge."""

LEAST_DECADES = 1.0


def logs_of(values: Sequence[Number]) -> list[Number]:
    """The decimal logarithms of what is positive and finite, held within ``MOST_DECADES``; None of all else."""
    return [_log(value) for value in values]


def _log(value: Number) -> Number:
    if value is None or not value > 0 or not math.isfinite(value):
        return None
    return max(-MOST_DECADES, min(MOST_DECADES, math.log10(value)))


def log_limits(logs: Sequence[Number]) -> Range:
    """The range of a plot's logarithms, never less than a power of ten, so that what is steady looks steady."""
    known = [log for log in logs if log is not None]
    low, high = (min(known), max(known)) if known else (-1.0, 1.0)
    spare = max(0.05 * (high - low), (LEAST_DECADES - (high - low)) / 2)
    return low - spare, high + spare
