"""A law as it is drawn over a histogram."""

from __future__ import annotations

from initterm.theory.bins import bin_range
from initterm.theory.law import Law
from initterm.tui.widgets.drawing import Bars, Curve

LAW_COLOUR = "#ffffff"
BINS = 50


def law_curves(law: Law, bars: Bars | None) -> tuple[Curve, ...]:
    """The density as a line; single points as uprights as high as the bar of all their weights."""
    if not law.atoms:
        x, y = law.curve()
        return (Curve(x.tolist(), y.tolist(), LAW_COLOUR),)
    low, high = (bars.edges[0], bars.edges[-1]) if bars else bin_range(law.low, law.high)
    density = (len(bars.heights) if bars else BINS) / (high - low)
    return tuple(Curve((value, value), (0.0, probability * density), LAW_COLOUR) for value, probability in law.atoms)
