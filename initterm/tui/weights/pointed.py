"""What the pointer tells of the histograms under it, and what is said while it is elsewhere."""

from __future__ import annotations

import math
from collections.abc import Sequence

from rich.text import Text

from initterm.report.palette import colour_of, mark_of
from initterm.theory.law import Law
from initterm.theory.numbers import grouped, short, with_decimals
from initterm.tui.weights.choice import View
from initterm.tui.weights.comparison import ComparedInitializer
from initterm.tui.weights.view import bars_of
from initterm.tui.widgets.drawing import Bars

MOUSE = {
    "one": "Wheel zooms, drag pans, pointer tells.",
    "grid": "One scale for all. Wheel zooms, click chooses.",
    "overlay": "Solid: laws. Dashed and faint: samples.",
}
RESIDUALS = "Below: bars off the law, to ±3 standard errors. "


def hint(view: View, *, residuals: bool) -> str:
    """What there is to see and to do; ``residuals`` where they are drawn."""
    return f"{RESIDUALS if residuals else ''}{MOUSE[view]}"


def words(ones: Sequence[ComparedInitializer], x: float) -> Text:
    """What one or several samples have at x, and what their laws expect there."""
    if len(ones) == 1:
        return Text(_at_length(ones[0], x), no_wrap=True)
    told = [
        Text.assemble((f"{mark_of(one.initializer)} ", colour_of(one.initializer)), _in_short(one, x)) for one in ones
    ]
    return Text("  ").join([Text(f"{_weight(x)}:"), *told])


def _at_length(one: ComparedInitializer, x: float) -> str:
    """The bin, how many weights it has, how many it should have, and how far these are apart."""
    if one.law is None or one.sample is None:
        density = "" if one.law is None or one.law.atoms else f": density {short(float(one.law.density(x)))} by the law"
        return f"{_weight(x)}{density}"
    bars = bars_of(one.sample, one.law)
    place = bars.bin_at(x)
    if place is None:
        return f"{_weight(x)}: no weights"
    count, ends = bars.counts[place], bars.edges[place : place + 2]
    told = f"{_weight(ends[0])} to {_weight(ends[1])}: {grouped(count)} weights"
    if one.law.atoms:
        return told
    expected = _expected(one.law, bars, place)
    off = round((count - expected) / math.sqrt(max(expected, 1.0)), 1) or 0.0  # never −0
    apart = f", off by {with_decimals(off, 1)} standard errors" if one.law.independent else ""
    return f"{told}, {grouped(round(expected))} expected{apart}"


def _weight(x: float) -> str:
    return f"{'−' if x < 0 else ''}{short(abs(x), 4)}"


def _in_short(one: ComparedInitializer, x: float) -> str:
    if one.law is None or one.sample is None:
        return "…"
    bars = bars_of(one.sample, one.law)
    place = bars.bin_at(x)
    if place is None:
        return "none"
    expected = "" if one.law.atoms else f" of {grouped(round(_expected(one.law, bars, place)))}"
    return f"{grouped(bars.counts[place])}{expected}"


def _expected(law: Law, bars: Bars, place: int) -> float:
    """How many weights the law expects in a bin."""
    return float(law.shares(bars.edges[place : place + 2])[0]) * bars.count
