"""A kernel's sample beside its law, as a drawing, a table and sentences."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from initterm.report.palette import colour_of
from initterm.theory.initializers import InitializerSpec
from initterm.theory.laws import Law, bin_range
from initterm.theory.shapes import Shape
from initterm.tui.widgets.drawing import HEADROOM, Bars, Curve, Drawing

if TYPE_CHECKING:
    from initterm.engine.protocol import Drawn

LAW_COLOUR = "#ffffff"
BINS = 50
DOUBTFUL = 0.01
"""A p-value under this is called a misfit: one true sample in a hundred has it."""


MOST_PLAIN = 1e6
ROUNDING = 1e-12
"""What double precision may lose over a sum of equal weights."""


def drawing_of(law: Law, initializer: InitializerSpec, sample: Drawn | None) -> Drawing:
    """The sample's histogram, once it is there, and the law over it."""
    bars = None
    if sample:
        bars = Bars(sample.histogram.edges, sample.histogram.density, colour_of(initializer))
    return Drawing(curves=_law_curves(law, bars), bars=bars, y_range=None if bars else _law_height(law), bins=BINS)


def _law_height(law: Law) -> tuple[float, float]:
    """The range of y while only the law is drawn, so that it doesn't jump when the sample joins."""
    heights = [y for curve in _law_curves(law, None) for y in curve.y if y is not None]
    return (0.0, HEADROOM * max(heights))


def _law_curves(law: Law, bars: Bars | None) -> tuple[Curve, ...]:
    """The density as a line; single points as uprights as high as the bar of all their weights."""
    if not law.atoms:
        x, y = law.curve()
        return (Curve(x.tolist(), y.tolist(), LAW_COLOUR),)
    low, high = (bars.edges[0], bars.edges[-1]) if bars else bin_range(law.low, law.high)
    density = BINS / (high - low)
    return tuple(Curve((value, value), (0.0, probability * density), LAW_COLOUR) for value, probability in law.atoms)


def headline(initializer: InitializerSpec, shape: Shape, seed: int) -> Text:
    """What is shown."""
    return Text.assemble(
        (str(initializer), f"bold {colour_of(initializer)}"),
        f" · {shape} · seed {seed} · {shape.count:,} weights",
    )


def statistics(law: Law, initializer: InitializerSpec, sample: Drawn | None, count: int) -> Table:
    """Mean, std, min and max to 6 decimals: sample, law, and how far apart they are. Its head is the plot's legend."""
    table = Table(box=None, pad_edge=False, padding=(0, 3, 0, 0))
    table.add_column("")
    heads = (
        Text.assemble(("▇", colour_of(initializer)), " sample"),
        Text.assemble(("─", LAW_COLOUR), " law"),
        "off by",
    )
    for head in heads:
        table.add_column(head, justify="right", header_style="none")
    mean, std, low, high = (sample.mean, sample.std, sample.min, sample.max) if sample else (None,) * 4
    rows = (
        ("mean", mean, law.mean, _errors(mean, law.mean, _mean_error(law, count))),
        ("std", std, law.std, _errors(std, law.std, _std_error(law, count))),
        ("min", low, law.low, _inside(low, law)),
        ("max", high, law.high, _inside(high, law)),
    )
    for name, measured, expected, off in rows:
        table.add_row(name, _number(measured), _number(expected), Text(off, style="dim"))
    return table


def _mean_error(law: Law, count: int) -> float:
    return math.nan if law.dependent or law.atoms else law.std_error_of_mean(count)


def _std_error(law: Law, count: int) -> float:
    return math.nan if law.dependent or law.atoms else law.std_error_of_std(count)


def _errors(measured: float | None, expected: float, standard_error: float) -> str:
    if measured is None:
        return ""
    off = abs(measured - expected)
    if not math.isnan(standard_error):
        return f"{off / standard_error:.1f} s.e."
    return "exact" if off <= ROUNDING * max(abs(expected), 1.0) else f"{off:.1e}"


def _inside(measured: float | None, law: Law) -> str:
    if measured is None:
        return ""
    slack = 1e-6 * max(abs(measured), 1e-30)
    return "inside" if law.low - slack <= measured <= law.high + slack else "outside"


def _number(value: float | None) -> str:
    if value is None:
        return "…"
    if math.isinf(value):
        return "none"
    return f"{value:.6f}".replace("-", "−") if abs(value) < MOST_PLAIN else f"{value:.6e}"


def origin(initializer: InitializerSpec) -> str:
    """Who proposed it, when, and for what."""
    family = initializer.family
    return f"{family.authors}{f' {family.year}' if family.year else ''} · for {family.suits}"


def fit_sentence(law: Law, sample: Drawn | None) -> str:
    """Whether the sample follows its law, in words."""
    if sample is None:
        return ""
    if not sample.initializer.family.random:
        return "Deterministic: there is no chance in it to test."
    if sample.fit is None:
        return "Its entries depend on each other: a test for independent weights doesn't apply."
    verdict = "Consistent with its law" if sample.fit.p_value >= DOUBTFUL else "Doubtful that it follows its law"
    return f"{verdict} ({sample.fit.test} p = {sample.fit.p_value:.2g})."
