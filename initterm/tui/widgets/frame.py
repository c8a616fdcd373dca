"""Where a plot's canvas lies between its axes, and what its columns and rows stand for."""

from __future__ import annotations

import math
from dataclasses import dataclass

from textual.geometry import Size

from initterm.tui.widgets.drawing import Drawing, Point, Range, Ticks

LEAST_WIDTH, LEAST_HEIGHT = 16, 4
LEAST_BARE_WIDTH, LEAST_BARE_HEIGHT = 4, 1
AXIS_LINES, RESIDUAL_LINES = 2, 2
LEAST_HEIGHT_WITH_RESIDUALS = 16
"""From so many lines on there is room for residuals under the axis."""


@dataclass(frozen=True)
class Frame:
    """The canvas: what lies before and under it, its size in cells, and what it stands for.

    ``x`` and ``y`` are what the outermost dots of braille stand for; ``x_edges`` and ``y_edges`` what the edges do.
    """

    left: int
    top: int
    width: int
    height: int
    residual_lines: int
    x: Range
    y: Range
    x_edges: Range
    y_edges: Range
    x_ticks: Ticks
    y_ticks: Ticks

    @property
    def column_width(self) -> float:
        """How much of x a column is."""
        return (self.x_edges[1] - self.x_edges[0]) / self.width

    def point_at(self, column: int, line: int) -> Point | None:
        """What the middle of a cell of the plot stands for; None outside of the canvas and of what is under it."""
        across, down = column - self.left, line - self.top
        if not 0 <= across < self.width or down < 0:
            return None
        up = 1 - (min(down, self.height) + 0.5) / self.height
        low, high = self.y_edges
        return self.x_edges[0] + (across + 0.5) * self.column_width, low + (high - low) * up

    def dots(self, start: Point, end: Point) -> float:
        """How many dots of braille lie between two points."""
        across = (end[0] - start[0]) / (self.x[1] - self.x[0]) * 2 * self.width
        up = (end[1] - start[1]) / (self.y[1] - self.y[0]) * 4 * self.height
        return math.hypot(across, up)

    def height_of(self, y: float, rows: int) -> float:
        """How many rows lie under y; a little outside of them for a y outside."""
        share = (y - self.y[0]) / (self.y[1] - self.y[0])
        return min(max(share, -1.0), 2.0) * rows

    def clipped(self, x: float) -> float:
        """x, or the nearest dot's where that is less than a column away."""
        low, high = self.x
        return min(max(x, low), high) if low - self.column_width < x < high + self.column_width else x


def framed(drawing: Drawing, size: Size) -> Frame | None:
    """The frame of a drawing in a plot of so many columns and lines; None where there is nothing to draw or no room."""
    top = 1 if drawing.title else 0
    lines = size.height - top
    least_width, least_height = (LEAST_WIDTH, LEAST_HEIGHT) if drawing.axes else (LEAST_BARE_WIDTH, LEAST_BARE_HEIGHT)
    if drawing.empty or size.width < least_width or lines < least_height:
        return None
    residuals = RESIDUAL_LINES if drawing.residuals and lines >= LEAST_HEIGHT_WITH_RESIDUALS else 0
    height = lines - (AXIS_LINES if drawing.axes else 0) - residuals
    x_range, y_range = drawing.ranges()
    x_ticks: Ticks = ([], [])
    y_ticks: Ticks = ([], [])
    if drawing.axes:
        y_ticks = drawing.y_ticks(y_range, max(2, min(6, (height + 1) // 2)))
    left = max(map(len, y_ticks[1]), default=0) + 1 if drawing.axes else 0
    width = size.width - left
    if drawing.axes:
        x_ticks = drawing.x_ticks(x_range, max(3, width // 10))
    edged = drawing.edged or drawing.bars is not None
    x, x_edges = _limits(x_range, width, 2, edged=edged)
    y, y_edges = _limits(y_range, height, 4, edged=edged)
    return Frame(left, top, width, height, residuals, x, y, x_edges, y_edges, x_ticks, y_ticks)


def _limits(limits: Range, cells: int, dots: int, *, edged: bool) -> tuple[Range, Range]:
    """What the outermost dots and the edges of so many cells stand for, each of so many dots.

    The range is that of the edges where it is ``edged``, else that of the dots, as plotext has it.
    """
    low, high = limits
    if edged:
        half = (high - low) / cells / dots / 2
        return (low + half, high - half), limits
    half = (high - low) / max(1, cells * dots - 1) / 2
    return limits, (low - half, high + half)
