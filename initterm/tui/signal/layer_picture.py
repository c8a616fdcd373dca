"""A quantity by layer on a logarithmic axis: theory as a line, what was measured as points on the same grid of dots."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region, Size
from textual.strip import Strip

from initterm.experiments.message import Number
from initterm.theory.numbers import power_of_ten, short
from initterm.tui.signal.layer_drawing import LayerDrawing, LayerLine
from initterm.tui.widgets.braille import CellCanvas, DotGrid, Dots
from initterm.tui.widgets.drawing import WHOLE, Range, Window, axis_ticks, log_ticks, logs_of
from initterm.tui.widgets.end_labels import EndLabel, fitting_labels, placed_labels
from initterm.tui.widgets.inks import NIGHT, Inks

LEAST_WIDTH, LEAST_LINES = 18, 3
LABEL_SHARE = 0.45
"""How much of the width may be labels."""

EDGES = ("÷10", "×10")
"""What is written beside the edges, where there is room."""

APART = 5
"""How many columns of dots there are from one point to the next at least."""

EDGE_DEPTH, LINE_DEPTH, FRONT_DEPTH = range(3)
"""What is in front of what."""


@dataclass(frozen=True, eq=False)
class LayerPicture:
    """A drawing in a size: its title, the dots with an axis at one side and labels at the other, the layers.

    ``window`` is the part that is looked at.
    """

    drawing: LayerDrawing
    size: Size
    inks: Inks = NIGHT
    window: Window = WHOLE

    @cached_property
    def ranges(self) -> tuple[Range, Range]:
        """The layers and the logarithms that are looked at."""
        return self.window.of((1.0, float(max(2, self.drawing.depth))), self.drawing.limits)

    @property
    def lines(self) -> int:
        """Lines of dots."""
        return self.size.height - 2

    @cached_property
    def ticks(self) -> list[tuple[float, str]]:
        """Logarithms on the axis, with what is written there."""
        ticks, labels = log_ticks(*self.ranges[1], max(2, min(7, (self.lines + 1) // 2)))
        return [(tick, _axis_label(tick, label)) for tick, label in zip(ticks, labels, strict=True)]

    @cached_property
    def margin(self) -> int:
        """Columns of the axis."""
        return max((len(label) for _, label in self.ticks), default=0) + 1

    @cached_property
    def _labelled(self) -> list[tuple[LayerLine, EndLabel, float]]:
        """Lines that come to the last layer seen, what stands there, and at which logarithm; the one in front last."""
        first, last = self.ranges[0]
        last = min(self.drawing.depth, math.floor(last)) if self.drawing.ends == "right" else math.ceil(first)
        found = [(one, one.at(last)) for one in self.drawing.ordered]
        ends = [(one, value, log) for one, value in found if (log := logs_of([value])[0]) is not None]
        labels = [EndLabel(one.mark, one.name, short(value, 2)) for one, value, _ in ends]
        fitted = fitting_labels(labels, int(self.size.width * LABEL_SHARE))
        return [(one, label, log) for (one, _, log), label in zip(ends, fitted, strict=False)]

    @cached_property
    def label_width(self) -> int:
        """Columns of the labels, with a blank before them."""
        return max((label.width + 1 for _, label, _ in self._labelled), default=0)

    @cached_property
    def grid(self) -> DotGrid:
        """Where layers and logarithms lie."""
        columns = max(1, self.size.width - self.margin - self.label_width)
        return DotGrid(columns, max(1, self.lines), *self.ranges)

    @property
    def first_column(self) -> int:
        """Where the dots begin."""
        return self.margin if self.drawing.ends == "right" else self.label_width

    @property
    def canvas(self) -> Region | None:
        """Where the dots lie; None where there is no room for them."""
        return Region(self.first_column, 1, self.grid.columns, self.grid.lines) if self.fits else None

    def layer_at(self, column: int) -> int | None:
        """The layer at a column of the picture; None beside the dots."""
        inside = column - self.first_column
        if not (0 <= inside < self.grid.columns and self.fits):
            return None
        share = (2 * inside + 0.5) / max(1, 2 * self.grid.columns - 1)
        first, last = self.grid.x
        return min(self.drawing.depth, round(first + share * (last - first)))

    def nearest(self, at: tuple[int, int]) -> int | None:
        """Which of the lines comes nearest to a column and line of the picture; None where there is none."""
        layer, found = self.layer_at(at[0]), []
        for index, one in enumerate(self.drawing.lines if layer else ()):
            if (log := logs_of([one.at(layer or 1)])[0]) is not None:
                found.append((abs(float(self.grid.down(log)) / 4 + 1 - at[1]), index))
        return min(found)[1] if found else None

    @property
    def fits(self) -> bool:
        """Whether there is something to draw, and room for it."""
        drawable = any(one.odd or any(True for _ in one.logs()) for one in self.drawing.lines)
        return drawable and self.size.width >= LEAST_WIDTH and self.lines >= LEAST_LINES

    def strips(self) -> list[Strip]:
        """Line by line; the title alone where there is nothing to draw or no room for more."""
        title = Strip([Segment(self.drawing.title, self.inks.bold)]).crop(0, self.size.width)
        return [title, *self._rows(), Strip(self._layers())] if self.fits else [title][: self.size.height]

    def _rows(self) -> Iterator[Strip]:
        canvas, styles = self._canvas()
        names = {self._row_of(tick): label for tick, label in self.ticks}
        edges = dict(zip(map(self._row_of, self.drawing.edges), EDGES, strict=True))
        heights = [float(self.grid.down(log)) / 4 for _, _, log in self._labelled]
        placed = placed_labels([label for _, label, _ in self._labelled], heights, self.grid.lines)
        for row, runs in enumerate(canvas.rows(self.grid.columns)):
            dots = self._with_odd([Segment(text, styles[ink] if ink >= 0 else None) for text, ink in runs], row)
            label = self._label(placed[row]) if row in placed else self._edge(edges.get(row, ""))
            yield Strip(self._between(dots, names.get(row), label))

    def _row_of(self, log: float) -> int:
        """The line of dots that a logarithm lies on."""
        return round(float(self.grid.down(log))) // 4

    def _label(self, index: int) -> list[Segment]:
        """What stands beside the end of a line."""
        one, text, _ = self._labelled[index]
        written = text.segments(one.colour, self.inks, front=one is self.drawing.ordered[-1])
        blank = Segment(" " * (self.label_width - 1 - text.width))
        return [Segment(" "), *written, blank] if self.drawing.ends == "right" else [blank, *written, Segment(" ")]

    def _edge(self, mark: str) -> list[Segment]:
        """The same beside an edge, or beside nothing."""
        width = self.label_width
        mark = mark if len(mark) < width else ""
        written = f" {mark}".ljust(width) if self.drawing.ends == "right" else f"{mark} ".rjust(width)
        return [Segment(written[:width], self.inks.axis)]

    def _between(self, dots: list[Segment], tick: str | None, label: list[Segment]) -> list[Segment]:
        """Dots between axis and label."""
        if self.drawing.ends == "right":
            return [Segment(f"{tick or '':>{self.margin - 1}}{'┤' if tick else '│'}", self.inks.axis), *dots, *label]
        return [*label, *dots, Segment(f"{'├' if tick else '│'}{tick or ''}", self.inks.axis)]

    def _with_odd(self, dots: list[Segment], row: int) -> list[Segment]:
        """Marks of what has no logarithm in the place of dots, at the upper and the lower edge."""
        if row not in (0, self.grid.lines - 1):
            return dots
        strip = Strip(dots)
        for one in self.drawing.ordered:
            for layer, mark in one.odd:
                if (mark == "0") == (row > 0):
                    at, style = round(float(self.grid.across(layer))) // 2, self.inks.full(one.colour)
                    if 0 <= at < self.grid.columns:
                        strip = Strip.join([strip.crop(0, at), Strip([Segment(mark, style)]), strip.crop(at + 1)])
        return list(strip)

    def _canvas(self) -> tuple[CellCanvas, list[Style]]:
        """All dots, the line in front before the others; and the style of each that was laid."""
        canvas, styles, grid = CellCanvas(self.grid), list[Style](), self.grid

        def lay(dots: Dots, style: Style, depth: int) -> None:
            canvas.lay(dots, depth)
            styles.append(style)

        for edge in self.drawing.edges:
            lay(_across(grid, edge), self.inks.axis, EDGE_DEPTH)
        if self.drawing.here:
            lay(_upright(grid, float(self.drawing.here)), self.inks.axis, EDGE_DEPTH)
        for index, one in enumerate(self.drawing.ordered):
            depth = FRONT_DEPTH if index == len(self.drawing.lines) - 1 else LINE_DEPTH
            full, dim = self.inks.full(one.colour), self.inks.dim(one.colour)
            for dots, bright in _dots_of(one, grid):
                lay(dots, full if bright else dim, depth)
        return canvas, styles

    def _layers(self) -> list[Segment]:
        """The axis of layers, with their numbers in it."""
        columns, text = self.grid.columns, ["─"] * self.grid.columns
        ticks, labels = axis_ticks(self.grid.x, max(2, columns // 9), whole=True)
        for tick, label in zip(ticks, labels, strict=True):
            at = max(0, min(round(float(self.grid.across(tick))) // 2, columns - len(label)))
            if all(mark == "─" for mark in text[max(0, at - 1) : at + len(label)]):
                text[at : at + len(label)] = label
        axis = "".join(text)
        if self.drawing.ends == "right":
            return [Segment(f"{'└':>{self.margin}}{axis}", self.inks.axis)]
        return [Segment(f"{'':{self.label_width}}{axis}┘", self.inks.axis)]


def _dots_of(one: LayerLine, grid: DotGrid) -> Iterator[tuple[Dots, bool]]:
    """Theory as a line, means as points on it with the spans of seeds; without theory a line: which is bright."""
    if one.theory:
        yield grid.line(*_points(one.theory), "solid"), not one.measured
    layers = spaced_layers(max(len(one.measured), len(one.spans), len(one.earlier)), grid)
    if one.earlier:
        yield grid.line(layers, _logs([one.earlier[layer - 1] for layer in layers]), "points"), False
    for layer in layers if one.spans else ():
        low, high = logs_of(one.spans[layer - 1])
        if low is not None and high is not None and low < high:
            yield _upright(grid, float(layer), (low, high)), True
    if one.measured and one.theory:
        yield grid.line(layers, _logs([one.measured[layer - 1] for layer in layers]), "points"), True
    elif one.measured:
        yield grid.line(*_points(one.measured), "thick"), True


def spaced_layers(count: int, grid: DotGrid) -> list[int]:
    """Layers that have a point of their own: the last, and others so far apart that the line is seen between them."""
    apart = (grid.shape[1] - 1) / (grid.x[1] - grid.x[0])
    return [*range(count, 0, -max(1, math.ceil(APART / apart)))][::-1]


def _axis_label(tick: float, label: str) -> str:
    return power_of_ten(round(tick)) if abs(tick - round(tick)) < 1e-9 else label


def _points(values: Sequence[Number]) -> tuple[list[int], list[float]]:
    return [*range(1, len(values) + 1)], _logs(values)


def _logs(values: Sequence[Number]) -> list[float]:
    return [math.nan if log is None else log for log in logs_of(values)]


def _across(grid: DotGrid, y: float) -> Dots:
    """A line of a few dots at y, where that is seen."""
    dots = np.zeros(grid.shape, bool)
    row = round(float(grid.down(y)))
    if grid.y[0] < y < grid.y[1]:
        dots[row, ::4] = True
    return dots


def _upright(grid: DotGrid, x: float, y: Range | None = None) -> Dots:
    """A line at x, where that is seen: between two values, or of a few dots through the whole plot."""
    dots = np.zeros(grid.shape, bool)
    column = round(float(grid.across(x)))
    if not 0 <= column < grid.shape[1]:
        return dots
    if y is None:
        dots[::3, column] = True
        return dots
    bottom, top = (round(float(grid.down(end))) for end in y)
    dots[max(0, top) : bottom + 1, column] = True
    return dots
