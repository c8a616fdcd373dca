"""The phase diagram as a picture: two variances a line, depths across, an axis each, and a bar of colours."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import groupby

import numpy as np
from numpy.typing import NDArray
from rich.segment import Segment
from rich.style import Style

from initterm.experiments.signal.ridges import Quantity
from initterm.theory.arrays import Floats
from initterm.theory.numbers import power_of_ten, short
from initterm.theory.phases import PhaseDiagram
from initterm.tui.signal.scale import FULL_AT, DivergingScale, sign_of
from initterm.tui.widgets.drawing import log_ticks, whole_ticks

MapCell = tuple[str, Style]

MARGIN, BAR = 8, 10
"""Columns for the variances at the left, and for the bar of colours at the right."""

HERE = Style(bold=True)
AXIS = Style(dim=True)
CURSOR = Style(color="#000000", bgcolor="#ffffff", bold=True)
CURSOR_MARK, CRITICAL_MARK = "◆", "─"
DOTS_APART = 3
"""The critical line is dotted: a dot in so many columns."""

EXTREME = 1e-300, 1e300
BAR_MARKS = (0, 1, -1, 2, -2, 4, -4, int(FULL_AT), -int(FULL_AT))
"""Powers of ten beside the bar, those first that are wanted most."""


@dataclass(frozen=True, eq=False)
class MapFrame:
    """Where depths and weight variances of a diagram lie in so many columns and lines."""

    diagram: PhaseDiagram
    columns: int
    lines: int

    @property
    def depths(self) -> int:
        """How many depths there are, from 1 on."""
        return len(self.diagram.signal)

    @property
    def rows(self) -> int:
        """How many variances there are."""
        return len(self.diagram.weight_variances)

    def depth_at(self, column: int) -> int:
        """The depth of a column, the nearest one outside of the map."""
        column = min(max(column, 0), self.columns - 1)
        return 1 + round(column * (self.depths - 1) / max(1, self.columns - 1))

    def column_of(self, depth: int) -> int:
        """The column of a depth."""
        return round((depth - 1) * (self.columns - 1) / max(1, self.depths - 1))

    def row_at(self, line: int) -> int:
        """The index of the variance of a line, the largest at the top; the nearest one outside of the map."""
        line = min(max(line, 0), self.lines - 1)
        return self.rows - 1 - round(line * (self.rows - 1) / max(1, self.lines - 1))

    def line_of(self, row: float) -> int:
        """The line of a variance."""
        return round((self.rows - 1 - row) * (self.lines - 1) / max(1, self.rows - 1))

    def row_of(self, variance: float) -> float:
        """Where a variance lies among those of the diagram, which are evenly spaced by their logarithms."""
        logs = np.log(self.diagram.weight_variances)
        return float((math.log(variance) - logs[0]) / (logs[-1] - logs[0]) * (self.rows - 1))

    def decades(self, quantity: Quantity, lines: int) -> Floats:
        """The decimal logarithms of what is left, (lines, columns) from the top, between variances by interpolation."""
        left: Floats = getattr(self.diagram, quantity)
        logs = np.log10(np.clip(left, *EXTREME)).T
        at = np.linspace(self.rows - 1, 0, lines)
        below = np.minimum(at.astype(int), self.rows - 2) if self.rows > 1 else np.zeros(lines, int)
        share = (at - below)[:, None]
        depths = [self.depth_at(column) - 1 for column in range(self.columns)]
        picked = logs[:, depths]
        between: Floats = picked[below] * (1 - share) + picked[np.minimum(below + 1, self.rows - 1)] * share
        return between


@dataclass(frozen=True, eq=False)
class MapPicture:
    """All of the map that doesn't move."""

    frame: MapFrame
    quantity: Quantity
    scale: DivergingScale
    axis: Style = AXIS

    @cached_property
    def lines(self) -> list[list[MapCell]]:
        """The cells of each line of the map: half blocks of colour, or signs where there is none."""
        return [list(self._blocks(line)) if self.scale.coloured else self._signs(line) for line in range(self._height)]

    @property
    def _height(self) -> int:
        return self.frame.lines

    def _signs(self, line: int) -> list[MapCell]:
        signs = [(sign_of(float(decades)), Style()) for decades in self._by_line[line]]
        if line != self._critical_line:
            return signs
        return [(CRITICAL_MARK if column % DOTS_APART else sign, style) for column, (sign, style) in enumerate(signs)]

    @cached_property
    def _by_line(self) -> Floats:
        return self.frame.decades(self.quantity, self._height)

    def _blocks(self, line: int) -> Iterator[MapCell]:
        for top, bottom in zip(*self._colours[2 * line : 2 * line + 2], strict=True):
            yield _block(top, bottom)

    @cached_property
    def _colours(self) -> list[list[str | None]]:
        """Two rows a line: what is left, the contour just beyond tenfold, the critical line in dots."""
        decades = self.frame.decades(self.quantity, 2 * self._height)
        colours = [[None if math.isnan(one) else self.scale.colour(one) for one in row] for row in decades.tolist()]
        for row, column in np.argwhere(tenfold_contour(decades)).tolist():
            colours[row][column] = self.scale.contour(float(decades[row, column]))
        if self._critical_line is not None:
            for column in range(0, self.frame.columns, DOTS_APART):
                colours[2 * self._critical_line + 1][column] = self.scale.ink
        return colours

    @property
    def _critical_line(self) -> int | None:
        critical = self.frame.diagram.critical
        return self.frame.line_of(self.frame.row_of(critical.weight_variance)) if critical else None

    @cached_property
    def variance_labels(self) -> dict[int, str]:
        """What stands at the left of which lines."""
        variances = self.frame.diagram.weight_variances
        ticks, labels = log_ticks(math.log10(variances[0]), math.log10(variances[-1]), max(2, self._height // 2))
        return {
            self.frame.line_of(self.frame.row_of(10**tick)): label for tick, label in zip(ticks, labels, strict=True)
        }

    @cached_property
    def depth_labels(self) -> dict[int, str]:
        """What begins under which columns."""
        ticks = whole_ticks(0, self.frame.depths, max(3, self.frame.columns // 8))
        return {self.frame.column_of(int(tick) or 1): str(int(tick) or 1) for tick in ticks}

    @cached_property
    def bar(self) -> list[list[Segment]]:
        """Line by line the bar of colours, and which power of ten of what went in has which."""
        places = {_bar_place(exponent, self._height): exponent for exponent in reversed(BAR_MARKS)}
        free = dict(places) if self._height > len(BAR_MARKS) else {place: places[place] for place in _spaced(places)}
        return [self._bar_line(line, free.get(line)) for line in range(self._height)]

    def _bar_line(self, line: int, exponent: int | None) -> list[Segment]:
        halves = [1 - 2 * (2 * line + half + 0.5) / (2 * self._height) for half in (0, 1)]
        top, bottom = (math.copysign(FULL_AT * half**2, half) for half in halves)
        label = Segment(f" {'' if exponent is None else power_of_ten(exponent)}".ljust(BAR - 3), self.axis)
        if not self.scale.coloured:
            return [Segment(f" {sign_of((top + bottom) / 2) * 2}"), label]
        style = Style(color=self.scale.colour(top), bgcolor=self.scale.colour(bottom))
        return [Segment(" "), Segment("▀▀", style), label]


@lru_cache(maxsize=4096)
def _block(top: str | None, bottom: str | None) -> MapCell:
    if top == bottom:
        return " ", Style(bgcolor=bottom)
    return ("▄", Style(color=bottom)) if top is None else ("▀", Style(color=top, bgcolor=bottom))


def tenfold_contour(decades: Floats) -> NDArray[np.bool_]:
    """The cells beyond tenfold that have a neighbour, above, below or beside them, within it."""
    within = np.abs(decades) <= 1
    padded = np.pad(within, 1)
    beside = padded[:-2, 1:-1] | padded[2:, 1:-1] | padded[1:-1, :-2] | padded[1:-1, 2:]
    return np.asarray(beside & ~within & ~np.isnan(decades))


def _bar_place(exponent: int, lines: int) -> int:
    """The line of the bar that a power of ten has its colour on."""
    half = math.copysign(math.sqrt(abs(exponent) / FULL_AT), exponent)
    return min(lines - 1, int((1 - half) / 2 * lines))


def _spaced(places: Iterable[int]) -> set[int]:
    """Of lines in the order they are wanted from the last on, those that leave a line free between two."""
    taken: set[int] = set()
    for place in reversed(list(places)):
        if not taken & {place - 1, place, place + 1}:
            taken.add(place)
    return taken


def joined(cells: Iterable[MapCell]) -> Iterator[Segment]:
    """Cells of one style as one segment."""
    for style, run in groupby(cells, key=lambda cell: cell[1]):
        yield Segment("".join(mark for mark, _ in run), style)


def variance_text(variance: float) -> str:
    """A variance beside the map."""
    return short(variance).rjust(MARGIN - 1)
