"""A kernel's sample beside its law, as a drawing, a table and sentences."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.console import Console, ConsoleOptions, RenderResult
from rich.table import Table
from rich.text import Text

from initterm.report.palette import colour_of
from initterm.theory.initializers import InitializerSpec
from initterm.theory.law import ROUNDING, Law
from initterm.theory.numbers import grouped, scientific, short, statistic, with_decimals
from initterm.theory.shapes import Shape
from initterm.tui.weights.choice import KernelChoice
from initterm.tui.widgets.drawing import HEADROOM, Bars, Curve, Drawing, law_curves

if TYPE_CHECKING:
    from initterm.experiments.weights.events import Drawn

AWAITING, DRAWING = "The sample comes as soon as TensorFlow is there.", "Drawing the sample …"
JOINS = "Space lets it join the comparison."
COMFORTABLE = 46
"""From this width on the statistics have room for all their columns."""

SUM_ROUNDING = 1e-12
"""What double precision may lose over a sum of equal weights."""


def drawing_of(law: Law, initializer: InitializerSpec, sample: Drawn | None) -> Drawing:
    """The sample's histogram, once it is there, and the law over it, in the same place whatever the law."""
    bars = bars_of(sample, law) if sample else None
    curves = law_curves(law, bars)
    y_range = None if bars else _height_of(curves)
    return Drawing(curves=curves, bars=bars, y_range=y_range, edged=True, residuals=True)


def bars_of(sample: Drawn, law: Law) -> Bars:
    """The sample's histogram in its initializer's colour, and what a law of independent weights expects in each bin."""
    histogram, count = sample.histogram, sample.shape.count
    expected = (law.shares(histogram.edges) * count).tolist() if law.independent else ()
    return Bars(histogram.edges, histogram.density, colour_of(sample.initializer), count=count, expected=expected)


def _height_of(curves: tuple[Curve, ...]) -> tuple[float, float]:
    """The range of y while only the law is drawn, so that it doesn't jump when the sample joins."""
    return (0.0, HEADROOM * max(y for curve in curves for y in curve.y if y is not None))


def headline(initializer: InitializerSpec, shape: Shape, seed: int) -> Text:
    """What is shown."""
    return Text.assemble(
        (str(initializer), f"bold {colour_of(initializer)}"),
        f" · {shape} · seed {seed} · {grouped(shape.count)} weights",
    )


@dataclass(frozen=True, eq=False)
class Statistics:
    """Mean, std, min and max to 6 decimals: sample, law, its standard error, and how many of them they are apart.

    Its head is the plot's legend. Where room is scarce it does without the standard errors themselves.
    """

    law: Law
    initializer: InitializerSpec
    sample: Drawn | None
    count: int

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """The table for this width."""
        roomy = options.max_width >= COMFORTABLE
        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
        table.add_column("", no_wrap=True)
        heads = (Text.assemble(("▇", colour_of(self.initializer)), " sample"), Text("─ law"), "s.e.", "off by")
        for head in heads if roomy else (*heads[:2], heads[3]):
            table.add_column(head, justify="right", header_style="none", no_wrap=True)
        for name, measured, expected, error, off in self._rows():
            errors = (error,) if roomy else ()
            table.add_row(name, _statistic(measured), _statistic(expected), *errors, Text(off, style="dim"))
        yield table

    def _rows(self) -> Iterator[tuple[str, float | None, float, str, str]]:
        law, sample = self.law, self.sample
        mean, std, low, high = (sample.mean, sample.std, sample.min, sample.max) if sample else (None,) * 4
        of_mean, of_std = law.std_error_of_mean(self.count), law.std_error_of_std(self.count)
        yield "mean", mean, law.mean, *_errors(mean, law.mean, of_mean if law.independent else math.nan)
        yield "std", std, law.std, *_errors(std, law.std, of_std if law.independent else math.nan)
        yield "min", low, law.low, "", _inside(low, law)
        yield "max", high, law.high, "", _inside(high, law)


def _errors(measured: float | None, expected: float, standard_error: float) -> tuple[str, str]:
    """The standard error, and how far a measured value is off."""
    shown = "" if math.isnan(standard_error) else short(standard_error, 2)
    if measured is None:
        return shown, ""
    off = abs(measured - expected)
    if shown:
        return shown, f"{with_decimals(off / standard_error, 1)} s.e."
    return shown, "exact" if off <= SUM_ROUNDING * max(abs(expected), 1.0) else scientific(off)


def _inside(measured: float | None, law: Law) -> str:
    if measured is None:
        return ""
    slack = ROUNDING * max(abs(measured), 1e-30)
    return "inside" if law.low - slack <= measured <= law.high + slack else "outside"


def _statistic(value: float | None) -> str:
    return "…" if value is None else statistic(value)


def origin(initializer: InitializerSpec) -> str:
    """Who proposed it, when, and for what."""
    family = initializer.family
    return f"{family.authors}{f' {family.year}' if family.year else ''} · for {family.suits}"


def waiting(choice: KernelChoice, *, ready: bool) -> str:
    """What the sample under the cursor waits for."""
    if choice.initializer not in choice.shown:
        return JOINS
    return DRAWING if ready else AWAITING


def fans(shape: Shape) -> str:
    """The layer that has such a kernel, and its fans as they are computed."""
    counts = "\n".join(f"{name:<7} {formula}" for name, formula in shape.fan_formulas)
    return f"{shape.layer}\n{counts}"
