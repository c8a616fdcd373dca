"""Curves in dots of braille: a few in front, the others dim behind them, each named at its right end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray
from rich.segment import Segment
from textual.filter import LineFilter
from textual.geometry import Region, Size
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from initterm.tui.themes import OnGround
from initterm.tui.widgets.braille import CellCanvas, DotGrid, Stroke
from initterm.tui.widgets.drawing import LARGEST, Range, Ticks, axis_ticks, widened
from initterm.tui.widgets.end_labels import EndLabel, fitting_labels, placed_labels
from initterm.tui.widgets.inks import NIGHT, Inks, inks_of

AREA, BACK, FRONT_DOTTED, FRONT = range(4)
"""What is drawn on what."""

LEAST_WIDTH, LEAST_HEIGHT = 12, 4
LEAST_CANVAS, CANVAS_SHARE = 14, 0.5
"""Labels leave so many columns to the curves, and such a share of what is right of the axis."""


@dataclass(frozen=True, eq=False)
class Line:
    """A line through (x, y), x rising; broken where y is None, NaN or can't be drawn.

    One in ``front`` has its own colour, the others are dim and behind it. ``label`` stands at its right end.
    """

    x: ArrayLike
    y: Sequence[float | None] | NDArray[np.float64]
    colour: str
    front: bool = False
    stroke: Stroke = "solid"
    label: EndLabel | None = None

    @cached_property
    def values(self) -> NDArray[np.float64]:
        """y, NaN for None."""
        return np.asarray(self.y, float)

    @cached_property
    def points(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """x and y of what can be drawn."""
        x, y = np.asarray(self.x, float), self.values
        drawable = np.abs(y) <= LARGEST
        return x[drawable], y[drawable]

    @property
    def bright(self) -> bool:
        """Whether it has its colour."""
        return self.front and self.stroke != "dotted"

    @property
    def depth(self) -> int:
        """What it is drawn on, and what on it."""
        if not self.front:
            return BACK
        return FRONT_DOTTED if self.stroke == "dotted" else FRONT


@dataclass(frozen=True, eq=False)
class Area:
    """What lies between ``low`` and ``high`` over rising x, stippled behind all lines."""

    x: ArrayLike
    low: ArrayLike
    high: ArrayLike
    colour: str


@dataclass(frozen=True, eq=False)
class CurvePicture:
    """What is drawn, from the back to the front; where labels have no room, those of the last lines stay.

    Ranges that are not given follow from the lines. ``whole_x`` puts ticks on whole numbers only. ``log_x`` and
    ``log_y`` say that every x or y is a decimal logarithm, which the ticks are labelled by.
    """

    title: str = ""
    legend: str = ""
    lines: Sequence[Line] = ()
    areas: Sequence[Area] = ()
    x_range: Range | None = None
    y_range: Range | None = None
    whole_x: bool = False
    log_x: bool = False
    log_y: bool = False

    @cached_property
    def ranges(self) -> tuple[Range, Range] | None:
        """The ranges of x and y, each at least a little wide; None where nothing tells them."""
        xs, ys = ([part[axis] for line in self.lines if len((part := line.points)[0])] for axis in (0, 1))
        x_range, y_range = self.x_range or _extent(xs), self.y_range or _extent(ys)
        return (widened(x_range), widened(y_range)) if x_range and y_range else None


def _extent(parts: list[NDArray[np.float64]]) -> Range | None:
    return (float(min(part.min() for part in parts)), float(max(part.max() for part in parts))) if parts else None


class CurvePlot(Widget):
    """Shows a ``CurvePicture``; only the lines of the screen that another one changes are drawn anew."""

    picture: reactive[CurvePicture] = reactive(CurvePicture, layout=False, repaint=False, always_update=True)

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._drawn: tuple[CurvePicture, Size] | None = None
        self._strips: list[Strip] = []

    def watch_picture(self) -> None:
        """Draw what has changed, where it is seen; else all of it when it will be."""
        if not (self._drawn and self.is_on_screen and self._drawn[1] == self.size):
            self.refresh()
            return
        before = self._strips
        self._paint()
        regions = [
            Region(0, line, self.size.width, 1)
            for line, (old, new) in enumerate(zip(before, self._strips, strict=True))
            if old != new
        ]
        if regions:
            self.refresh(*regions)

    def notify_style_update(self) -> None:
        """Colours may have changed."""
        super().notify_style_update()
        self._drawn = None

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Without what shows texts on the ground: what is faded here was shown on it before."""
        return [one for one in super().get_line_filters() if not isinstance(one, OnGround)]

    def render_line(self, y: int) -> Strip:
        if self._drawn != (self.picture, self.size):
            self._paint()
        return self._strips[y] if y < len(self._strips) else Strip.blank(self.size.width, self.rich_style)

    def _paint(self) -> None:
        """Every line of the widget, on its background."""
        width, style = self.size.width, self.rich_style
        lines = painted(self.picture, self.size, inks_of(self))
        lines += [Strip([])] * (self.size.height - len(lines))
        self._strips = [line.extend_cell_length(width).apply_style(style) for line in lines]
        self._drawn = self.picture, self.size


def painted(picture: CurvePicture, size: Size, inks: Inks = NIGHT) -> list[Strip]:
    """The picture line by line, at most as many as there is room for; only its title where that is too little."""
    title = [_title(picture, size.width, inks)] if picture.title else []
    lines = size.height - len(title)
    if picture.ranges is None or size.width < LEAST_WIDTH or lines < LEAST_HEIGHT:
        return title[: size.height]
    x_range, y_range = picture.ranges
    y_ticks = axis_ticks(y_range, max(2, min(6, (lines - 1) // 2)), log=picture.log_y)
    margin = max(map(len, y_ticks[1]), default=0) + 1
    labelled = [line for line in picture.lines if line.label and len(line.points[0])]
    labels = fitting_labels(
        [line.label for line in labelled if line.label],
        min(size.width - margin - LEAST_CANVAS, int((size.width - margin) * CANVAS_SHARE)),
    )
    label_width = max((label.width + 1 for label in labels), default=0)
    grid = DotGrid(size.width - margin - label_width, lines - 2, x_range, y_range)
    frame = _Frame(picture, grid, margin, inks)
    return [*title, *frame.rows(y_ticks, labelled, labels), *frame.x_axis()]


def _title(picture: CurvePicture, width: int, inks: Inks) -> Strip:
    legend = [Segment(f"  {picture.legend}", inks.muted)] if picture.legend else []
    return Strip([Segment(picture.title, inks.bold), *legend]).crop(0, width)


@dataclass(frozen=True, eq=False)
class _Frame:
    """A picture in so many cells."""

    picture: CurvePicture
    grid: DotGrid
    margin: int
    inks: Inks

    def rows(self, ticks: Ticks, labelled: Sequence[Line], labels: Sequence[EndLabel]) -> Iterator[Strip]:
        """Canvas with its y axis at the left and the labels at the right ends."""
        axis_style = self.inks.axis
        names = {int(row) // 4: name for row, name in zip(self.grid.down(ticks[0]).round(), ticks[1], strict=True)}
        heights = [float(row) / 4 for line in labelled for row in self.grid.down(line.points[1][-1:])]
        placed = placed_labels(labels, heights, self.grid.lines) if labels else {}
        for row, cells in enumerate(self._canvas()):
            name = names.get(row)
            axis = f"{name or '':>{self.margin - 1}}{'│' if name is None else '┤'}"
            label: list[Segment] = []
            if (at := placed.get(row)) is not None:
                line = labelled[at]
                label = [Segment(" "), *labels[at].segments(line.colour, self.inks, front=line.front)]
            yield Strip([Segment(axis, axis_style), *cells, *label])

    def _end(self) -> int:
        """The column after the last one that a line has come to, where labels stand."""
        ends = [line.points[0][-1] for line in self.picture.lines if len(line.points[0])]
        if not ends:
            return self.grid.columns
        return min(self.grid.columns, max(1, round(float(self.grid.across(max(ends)))) // 2 + 1))

    def _canvas(self) -> Iterator[list[Segment]]:
        """The cells of each row, as far as a line has come."""
        canvas, styles = CellCanvas(self.grid), []
        for area in self.picture.areas:
            canvas.lay(self.grid.stipple(area.x, area.low, area.high), AREA)
            styles.append(self.inks.dim(area.colour))
        for line in sorted(self.picture.lines, key=lambda line: line.depth):
            canvas.lay(self.grid.line(line.x, line.values, line.stroke), line.depth)
            styles.append(self.inks.full(line.colour) if line.bright else self.inks.dim(line.colour))
        for row in canvas.rows(self._end()):
            yield [Segment(text, styles[ink] if ink >= 0 else None) for text, ink in row]

    def x_axis(self) -> Iterator[Strip]:
        """The line under the canvas, and what its ticks stand for."""
        most = max(2, self.grid.columns // 10)
        ticks, names = axis_ticks(self.grid.x, most, log=self.picture.log_x, whole=self.picture.whole_x)
        line, words = ["─"] * self.grid.columns, [" "] * (self.margin + self.grid.columns)
        for column, name in zip(self.grid.across(ticks).round(), names, strict=True):
            at = int(column) // 2
            line[at] = "┬"
            first = max(0, min(len(words) - len(name), self.margin + at - len(name) // 2))
            words[first : first + len(name)] = name
        yield Strip([Segment(f"{'└':>{self.margin}}{''.join(line)}", self.inks.axis)])
        yield Strip([Segment("".join(words), self.inks.axis)])
