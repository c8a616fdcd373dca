"""Curves in dots of braille: a few in front, the others dim behind them, each named at its right end."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region, Size
from textual.strip import Strip

from initterm.tui.widgets.braille import CellCanvas, DotGrid
from initterm.tui.widgets.curve_picture import AREA, CurvePicture, Line
from initterm.tui.widgets.drawing import Ticks, axis_ticks
from initterm.tui.widgets.end_labels import EndLabel, fitting_labels, placed_labels
from initterm.tui.widgets.inks import NIGHT, Inks

LEAST_WIDTH, LEAST_HEIGHT = 12, 4
LEAST_CANVAS, CANVAS_SHARE = 14, 0.5
"""Labels leave so many columns to the curves, and such a share of what is right of the axis."""


@dataclass(frozen=True, eq=False)
class CurvePainting:
    """A picture in so many cells: title, canvas with its y axis at the left and labels at the right, x axis."""

    picture: CurvePicture
    size: Size
    inks: Inks = NIGHT

    @property
    def _top(self) -> int:
        """Lines over the canvas."""
        return 1 if self.picture.title else 0

    @property
    def fits(self) -> bool:
        """Whether there is something to draw, and room for it."""
        lines = self.size.height - self._top
        return self.picture.ranges is not None and self.size.width >= LEAST_WIDTH and lines >= LEAST_HEIGHT

    @cached_property
    def _y_ticks(self) -> Ticks:
        lines = self.size.height - self._top
        limits = self.picture.ranges[1] if self.picture.ranges else (0.0, 1.0)
        return axis_ticks(limits, max(2, min(6, (lines - 1) // 2)), log=self.picture.log_y)

    @cached_property
    def _margin(self) -> int:
        """Columns of the y axis."""
        return max(map(len, self._y_ticks[1]), default=0) + 1

    @cached_property
    def _labelled(self) -> list[tuple[Line, EndLabel, float]]:
        """Lines with what stands at their right ends, or where they leave the canvas, and at which y."""
        if self.picture.ranges is None:
            return []
        (first, last), _ = self.picture.ranges
        found = []
        for line in self.picture.lines:
            xs, ys = line.points
            if line.label is None or not len(xs) or xs[-1] < first:
                continue
            if xs[-1] <= last:
                found.append((line, line.label, float(ys[-1])))
            elif (y := line.at(last)) is not None:
                found.append((line, replace(line.label, value=self.picture.told(y)), y))
        return found

    @cached_property
    def _labels(self) -> list[EndLabel]:
        """The labels as far as there is room."""
        beside = self.size.width - self._margin
        room = min(beside - LEAST_CANVAS, int(beside * CANVAS_SHARE))
        return fitting_labels([label for _, label, _ in self._labelled], room)

    @cached_property
    def grid(self) -> DotGrid:
        """Where x and y lie."""
        label_width = max((label.width + 1 for label in self._labels), default=0)
        columns = max(1, self.size.width - self._margin - label_width)
        return DotGrid(columns, self.size.height - self._top - 2, *(self.picture.ranges or ((0.0, 1.0), (0.0, 1.0))))

    @property
    def canvas(self) -> Region | None:
        """Where the dots lie; None where there is no room for them."""
        return Region(self._margin, self._top, self.grid.columns, self.grid.lines) if self.fits else None

    @cached_property
    def _placed(self) -> dict[int, int]:
        """Which label stands in which line of the canvas."""
        heights = [float(self.grid.down(y)) / 4 for _, _, y in self._labelled]
        return placed_labels(self._labels, heights, self.grid.lines) if self._labels else {}

    # What the mouse finds

    def x_at(self, column: int) -> float | None:
        """What a column stands for; None beside the canvas."""
        if self.canvas is None or not 0 <= column - self.canvas.x < self.canvas.width:
            return None
        low, high = self.grid.x
        share = (2 * (column - self.canvas.x) + 0.5) / (self.grid.shape[1] - 1)
        x = low + (high - low) * min(1.0, share)
        return round(x) if self.picture.whole_x else x

    def y_at(self, line: int) -> float:
        """What the middle of a line stands for."""
        low, high = self.grid.y
        return high - (high - low) * (4 * (line - self._top) + 1.5) / (self.grid.shape[0] - 1)

    def label_at(self, column: int, line: int) -> Line | None:
        """The line whose label stands there."""
        index = self._placed.get(line - self._top) if self.fits else None
        if index is None or not 0 <= column - self._margin - self._end - 1 < self._labels[index].width:
            return None
        return self._labelled[index][0]

    # Lines of the screen

    def strips(self) -> list[Strip]:
        """Line by line, at most as many as there is room for; only its title where that is too little."""
        title = [self._title()] if self.picture.title else []
        return [*title, *self._rows(), *self._x_axis()] if self.fits else title[: self.size.height]

    def _title(self) -> Strip:
        legend = [Segment(f"  {self.picture.legend}", self.inks.muted)] if self.picture.legend else []
        return Strip([Segment(self.picture.title, self.inks.bold), *legend]).crop(0, self.size.width)

    def _rows(self) -> Iterator[Strip]:
        """Canvas with its y axis at the left and the labels at the right ends."""
        ticks = self._y_ticks
        names = {int(row) // 4: name for row, name in zip(self.grid.down(ticks[0]).round(), ticks[1], strict=True)}
        for row, cells in enumerate(self._cells()):
            name = names.get(row)
            axis = f"{name or '':>{self._margin - 1}}{'│' if name is None else '┤'}"
            label: list[Segment] = []
            if (at := self._placed.get(row)) is not None:
                line = self._labelled[at][0]
                label = [Segment(" "), *self._labels[at].segments(line.colour, self.inks, front=line.front)]
            yield Strip([Segment(axis, self.inks.axis), *cells, *label])

    @cached_property
    def _end(self) -> int:
        """The column of the canvas after the last one that a line has come to, where labels stand."""
        ends = [line.points[0][-1] for line in self.picture.lines if len(line.points[0])]
        if not ends:
            return self.grid.columns
        return min(self.grid.columns, max(1, round(float(self.grid.across(max(ends)))) // 2 + 1))

    def _cells(self) -> Iterator[list[Segment]]:
        """The cells of each row, as far as a line has come."""
        canvas, styles = CellCanvas(self.grid), list[Style]()
        for area in self.picture.areas:
            canvas.lay(self.grid.stipple(area.x, area.low, area.high), AREA)
            styles.append(self.inks.dim(area.colour))
        for line in sorted(self.picture.lines, key=lambda line: line.depth):
            canvas.lay(self.grid.line(line.x, line.values, line.stroke), line.depth)
            styles.append(self.inks.full(line.colour) if line.bright else self.inks.dim(line.colour))
        for row in canvas.rows(self._end):
            yield [Segment(text, styles[ink] if ink >= 0 else None) for text, ink in row]

    def _x_axis(self) -> Iterator[Strip]:
        """The line under the canvas, and what its ticks stand for."""
        most = max(2, self.grid.columns // 8)
        ticks, names = axis_ticks(self.grid.x, most, log=self.picture.log_x, whole=self.picture.whole_x)
        line, words = ["─"] * self.grid.columns, [" "] * (self._margin + self.grid.columns)
        for column, name in zip(self.grid.across(ticks).round(), names, strict=True):
            at = int(column) // 2
            line[at] = "┬"
            first = max(0, min(len(words) - len(name), self._margin + at - len(name) // 2))
            words[first : first + len(name)] = name
        yield Strip([Segment(f"{'└':>{self._margin}}{''.join(line)}", self.inks.axis)])
        yield Strip([Segment("".join(words), self.inks.axis)])


def painted(picture: CurvePicture, size: Size, inks: Inks = NIGHT) -> list[Strip]:
    """The picture line by line, at most as many as there is room for; only its title where that is too little."""
    return CurvePainting(picture, size, inks).strips()
