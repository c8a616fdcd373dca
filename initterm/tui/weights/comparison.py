"""Several kernels beside each other: a panel each on one x axis, all in one plot, and a table to sort."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from rich.console import Console, ConsoleOptions, RenderResult
from rich.style import Style
from rich.table import Table
from rich.text import Text

from initterm.experiments.weights.events import DOUBTFUL
from initterm.report.palette import colour_of, mark_of, name_with_mark
from initterm.theory.initializers import InitializerSpec
from initterm.theory.law import Law, bin_range
from initterm.theory.numbers import NONE, grouped, p_value, short, statistic
from initterm.tui.weights.choice import KernelChoice
from initterm.tui.weights.view import bars_of
from initterm.tui.widgets.drawing import HEADROOM, Curve, Drawing, Range, law_curves

if TYPE_CHECKING:
    from initterm.experiments.weights.events import Drawn

MARKS_A_CURVE = 6
COMFORTABLE = 72
"""From this width on the table has room between its columns."""


@dataclass(frozen=True, eq=False)
class ComparedInitializer:
    """One of the compared initializers: its law, or why it has none for this shape, and its sample once it is there."""

    initializer: InitializerSpec
    law: Law | None
    refusal: str = ""
    sample: Drawn | None = None

    @property
    def key(self) -> tuple[InitializerSpec, bool, str]:
        """What tells two pictures of it for the same shape and seed apart."""
        return self.initializer, self.sample is not None, self.refusal


def headline(choice: KernelChoice) -> Text:
    """What is compared."""
    count = len(choice.shown)
    what = f"{count} initializer{'s' if count > 1 else ''}"
    return Text.assemble(
        (what, "bold"), f" · {choice.shape} · seed {choice.seed} · {grouped(choice.shape.count)} weights"
    )


@dataclass(frozen=True)
class Scale:
    """The ranges of both axes of several panels; single points have no density, and a y axis of their own."""

    x: Range
    y: Range


def common_scale(compared: Sequence[ComparedInitializer]) -> Scale:
    """Every weight that any of them has or may be expected to have, and the highest density."""
    ends = [end for one in compared if one.law for end in one.law.reach]
    ends += [end for one in compared if one.sample for end in (one.sample.min, one.sample.max)]
    continuous = [one for one in compared if one.law and not one.law.atoms]
    heights = [float(one.law.curve()[1].max()) for one in continuous if one.law]
    heights += [height for one in continuous if one.sample for height in one.sample.histogram.density]
    return Scale(bin_range(min(ends), max(ends)) if ends else (-1.0, 1.0), (0.0, HEADROOM * max(heights, default=1.0)))


def panel(one: ComparedInitializer, scale: Scale, axes: bool) -> Drawing:
    """Its histogram and law on the common scale, with its name above."""
    title, colour = f"{mark_of(one.initializer)} {one.initializer}", colour_of(one.initializer)
    if one.law is None:
        return Drawing(f"{title}: refused", title_colour=colour)
    bars = bars_of(one.sample, one.law) if one.sample else None
    title += f" · σ {short(one.law.std, 4)}" if axes else ""
    return Drawing(
        title,
        law_curves(one.law, bars),
        bars,
        scale.x,
        None if one.law.atoms else scale.y,
        edged=True,
        residuals=axes,
        axes=axes,
        title_colour=colour,
    )


def overlay(compared: Sequence[ComparedInitializer], front: InitializerSpec | None = None) -> Drawing:
    """All in one plot: each sample as a faint dashed line, and before them each law with the initializer's mark.

    That of ``front`` stands before the others. Single points are uprights that reach the top, whatever their weight.
    """
    continuous = [one for one in compared if one.law and not one.law.atoms]
    samples = [_sample_line(one, one.sample) for one in continuous if one.sample]
    places = sorted(enumerate(compared), key=lambda place: place[1].initializer == front)
    laws = [_law_line(one, one.law, index, len(compared)) for index, one in places if one.law and not one.law.atoms]
    top = max((y for curve in (*samples, *laws) for y in curve.y if y is not None), default=1.0)
    uprights = [
        Curve((value, value), (0.0, top * HEADROOM), colour_of(one.initializer), False, mark_of(one.initializer), (1,))
        for one in compared
        if one.law
        for value, _ in one.law.atoms
    ]
    scale = common_scale(compared)
    return Drawing(curves=(*samples, *laws, *uprights), x_range=scale.x, y_range=(0.0, top * HEADROOM**2), edged=True)


def _law_line(one: ComparedInitializer, law: Law, index: int, count: int) -> Curve:
    """The density; the marks of each initializer stand elsewhere than the others'."""
    x, y = law.curve()
    step = len(x) // MARKS_A_CURVE
    marked = range(step * (2 * index + 1) // (2 * count), len(x), step)
    return Curve(x.tolist(), y.tolist(), colour_of(one.initializer), False, mark_of(one.initializer), marked)


def _sample_line(one: ComparedInitializer, sample: Drawn) -> Curve:
    """The tops of the histogram's bars, from middle to middle."""
    middles = [(low + high) / 2 for low, high in pairwise(sample.histogram.edges)]
    return Curve(middles, sample.histogram.density, colour_of(one.initializer), dashed=True, faint=True)


@dataclass(frozen=True)
class ComparedColumn:
    """A column of the table: its head, what it sorts by, what it shows, and whether it stands where room is scarce."""

    head: str
    value: Callable[[ComparedInitializer], Any]
    shown: Callable[[Any], str]
    roomy: bool = False


def _measured(name: str) -> Callable[[ComparedInitializer], float | None]:
    return lambda one: getattr(one.sample, name) if one.sample else None


def _p_value(one: ComparedInitializer) -> float | None:
    return one.sample.fit.p_value if one.sample and one.sample.fit else None


_short = partial(statistic, decimals=4, largest=1e3)

COLUMNS = (
    ComparedColumn("initializer", lambda one: str(one.initializer), str),
    ComparedColumn("mean", _measured("mean"), _short),
    ComparedColumn("std", _measured("std"), _short),
    ComparedColumn("min", _measured("min"), _short),
    ComparedColumn("max", _measured("max"), _short),
    ComparedColumn("law σ²", lambda one: one.law.std**2 if one.law else None, partial(short, digits=4)),
    ComparedColumn("fit p", _p_value, p_value, roomy=True),
)


@dataclass(frozen=True)
class Sorting:
    """By which column the table is sorted, None for the list's own order, and whether from the greatest down."""

    column: int | None = None
    falling: bool = False

    def moved(self, by: int) -> Sorting:
        """By another column, the list's own order being one of them."""
        places = [None, *range(len(COLUMNS))]
        return replace(self, column=places[(places.index(self.column) + by) % len(places)])

    def turned(self) -> Sorting:
        """The other way round."""
        return replace(self, falling=not self.falling)

    def by(self, column: int) -> Sorting:
        """By this column; where it is by this one already, the other way round."""
        return self.turned() if column == self.column else Sorting(column)

    def sorted(self, compared: Sequence[ComparedInitializer]) -> list[ComparedInitializer]:
        """In this order; those without a value come last."""
        if self.column is None:
            return list(compared)[:: -1 if self.falling else 1]
        value = COLUMNS[self.column].value
        having = [one for one in compared if value(one) is not None]
        lacking = [one for one in compared if value(one) is None]
        return sorted(having, key=value, reverse=self.falling) + lacking


@dataclass(frozen=True)
class ComparisonTable:
    """A row an initializer, in as many columns as there is room for; a click on a head sorts by it."""

    compared: Sequence[ComparedInitializer]
    sorting: Sorting
    chosen: InitializerSpec

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """The table for this width."""
        roomy = options.max_width >= COMFORTABLE
        columns = [(index, column) for index, column in enumerate(COLUMNS) if roomy or not column.roomy]
        rows = [(one, [_cell(one, column) for _, column in columns[1:]]) for one in self.sorting.sorted(self.compared)]
        table = Table(box=None, pad_edge=False, padding=(0, 3 if roomy else 1, 0, 0))
        table.add_column(self._head(0, COLUMNS[0]), no_wrap=True, overflow="ellipsis")
        for place, (index, column) in enumerate(columns[1:]):
            width = max(cells[place].cell_len for _, cells in rows)
            table.add_column(self._head(index, column), justify="right", no_wrap=True, min_width=width)
        for one, cells in rows:
            style = "bold" if one.initializer == self.chosen else ""
            table.add_row(name_with_mark(one.initializer), *cells, style=style)
        yield table

    def _head(self, index: int, column: ComparedColumn) -> Text:
        arrow = ("▼" if self.sorting.falling else "▲") if index == self.sorting.column else ""
        return Text(f"{column.head}{arrow}", Style(dim=not arrow, meta={"@click": f"sort_by({index})"}))


def _cell(one: ComparedInitializer, column: ComparedColumn) -> Text:
    value = column.value(one)
    if value is None:
        return Text("refused" if one.refusal and column.head == "mean" else NONE if one.sample or one.refusal else "…")
    misfit = column.value is _p_value and value < DOUBTFUL
    return Text(column.shown(value), style="bold red" if misfit else "")
