"""Where the bins of a histogram of weights begin and end."""

from __future__ import annotations

import math

import numpy as np

from initterm.theory.arrays import Floats
from initterm.theory.law import Law

ROUNDING = 1e-6
"""How far beyond a limit, as a share of it, a float32 may lie by its rounding alone."""


def bin_range(low: float, high: float) -> tuple[float, float]:
    """Where a histogram of weights between low and high begins and ends: never so close that bins have no width."""
    size = max(abs(low), abs(high))
    if high - low > 1e-6 * size:
        return low, high
    margin = max(0.5, 1e-3 * size) if size else 0.5
    return low - margin, high + margin


def bin_edges(law: Law, low: float, high: float, bins: int) -> Floats:
    """The edges of about ``bins`` bins over weights from low to high, none of them across a hard edge of the law.

    Between the law's two limits the bins are equal and whole; weights outside, by more than rounding, get bins of their
    own. A law of dependent weights has its limits far outside of what is drawn, and is binned by the weights alone.
    """
    span, size = law.high - law.low, max(abs(law.low), abs(law.high))
    if law.dependent or not math.isfinite(span) or span <= ROUNDING * size:
        return np.linspace(*bin_range(low, high), bins + 1)
    below, above = (outside if outside > ROUNDING * size else 0.0 for outside in (law.low - low, high - law.high))
    share = bins / (span + below + above)
    inside = np.linspace(law.low, law.high, max(1, round(span * share)) + 1)
    under: Floats = np.linspace(low, law.low, max(1, round(below * share)) + 1)[:-1] if below else np.empty(0)
    over: Floats = np.linspace(law.high, high, max(1, round(above * share)) + 1)[1:] if above else np.empty(0)
    return np.concatenate([under, inside, over])
