"""The one widget that draws with plotext: axes and curves by plotext, bars in eighths of a cell."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise
from typing import Any

from plotext._figure import _figure_class
from rich.color import Color
from rich.segment import Segment
from rich.style import Style
from textual.filter import LineFilter
from textual.geometry import Size
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from initterm.report.ground import REFERENCE_GROUND, Ground, Rgb, blend, hex_of, rgb_of
from initterm.report.palette import on_ground
from initterm.tui.messages import Painted
from initterm.tui.themes import OnGround, ground_of
from initterm.tui.widgets.drawing import Band, Bars, Curve, Drawing, Point, Range, Ticks

AXES = "#8a8f98"
LEAST_WIDTH, LEAST_HEIGHT = 16, 4
LEAST_BARE_WIDTH, LEAST_BARE_HEIGHT = 4, 1
EIGHTHS = " ▁▂▃▄▅▆▇█"
QUADRANTS = {
    (0, 0): " ", (1, 0): "▖", (0, 1): "▗", (1, 1): "▄", (2, 0): "▌", (0, 2): "▐", (2, 1): "▙", (1, 2): "▟", (2, 2): "█",
}  # fmt: skip
BAND_SHARE = 0.18
"""How much of its colour tints the background of a band."""

DASH, GAP = 5, 4
"""Length of the strokes and of the gaps of a dashed line, in dots of braille."""


class Plot(Widget):
    """Shows a ``Drawing``; it is redrawn when that, the size or what it stands on changes.

    Drawings name colours as they are on the reference ground.
    """

    drawing: reactive[Drawing] = reactive(Drawing, layout=False, always_update=True)

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._drawn: tuple[Drawing, Size, Ground] | None = None
        self._strips: list[Strip] = []
        self._blank = Strip.blank(0)

    def render_line(self, y: int) -> Strip:
        stands = (self.drawing, self.size, ground_of(self.app))
        if self._drawn != stands:
            self._paint(stands[-1])
            self._drawn = stands
        return self._strips[y] if y < len(self._strips) else self._blank

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Without what shows texts on the ground: a bar isn't to be read against its own background."""
        return [one for one in super().get_line_filters() if not isinstance(one, OnGround)]

    def _paint(self, ground: Ground) -> None:
        """Draw every line on the widget's background."""
        width, behind = self.size.width, self.background_colors[1]
        background = Style(color=self.rich_style.color, bgcolor=behind.rich_color)
        picture = painted(self.drawing, self.size, behind.rgb, ground)
        self._blank = Strip.blank(width, background)
        self._strips = [line.extend_cell_length(width).apply_style(background) for line in picture]
        if picture:
            self.call_later(self._tell)

    def _tell(self) -> None:
        """Post from the widget's own turn: what is posted while the screen renders ends its way at the screen."""
        self.post_message(Painted())


def painted(drawing: Drawing, size: Size, behind: Rgb = (0, 0, 0), ground: Ground = REFERENCE_GROUND) -> list[Strip]:
    """The picture line by line; only its title where there is nothing to draw or no room for it.

    Args:
        drawing: what it shows.
        size: columns and lines.
        behind: the colour of the background, which cells that are half bar, half curve are blended with.
        ground: what its colours are shown for.
    """
    drawing = _on(drawing, ground)
    title = [Strip([Segment(drawing.title, Style(bold=True, color=drawing.title_colour))])] if drawing.title else []
    lines = size.height - len(title)
    least_width, least_height = (LEAST_WIDTH, LEAST_HEIGHT) if drawing.axes else (LEAST_BARE_WIDTH, LEAST_BARE_HEIGHT)
    if drawing.empty or size.width < least_width or lines < least_height:
        return [line.crop(0, size.width) for line in title[: size.height]]
    x_range, y_range = drawing.ranges()
    height = lines - 2 if drawing.axes else lines
    y_ticks: Ticks = drawing.y_ticks(y_range, max(2, min(6, (height + 1) // 2))) if drawing.axes else ([], [])
    margin = max(map(len, y_ticks[1]), default=0) + 1 if drawing.axes else 0
    width = _fitted(size.width - margin, drawing.bins)

    # plotext puts the limits at the centres of the first and the last column; bars begin and end at their edges.
    half = (x_range[1] - x_range[0]) / width / 2 if drawing.bins or drawing.bars else 0.0
    frame = Frame(width, height, (x_range[0] + half, x_range[1] - half), y_range)
    figure = _figure_class()
    figure._limit_size(False, False)
    figure.plot_size(margin + width, lines)
    x_ticks: Ticks = drawing.x_ticks(x_range, max(3, width // 10)) if drawing.axes else ([], [])
    figure.ticks_color(rgb_of(on_ground(AXES, ground)))
    _set_axes(figure, frame, x_ticks, y_ticks)
    for curve in (curve for curve in drawing.curves if curve.line):
        _add_line(figure, frame, curve)
    for curve in drawing.curves:
        _add_marks(figure, curve)
    figure._set_sizes()
    figure._build_matrix()
    matrix = figure.monitor.matrix
    for band in drawing.bands if ground.shades != "16" else ():
        _add_band(matrix, frame, band, behind)
    if drawing.bars:
        _add_bars(matrix, drawing.bars, x_range, y_range, behind)
    return [*title, *_strips(matrix, ground)]


def _on(drawing: Drawing, ground: Ground) -> Drawing:
    """The drawing in the colours of a ground."""

    def shown(part: Any) -> Any:
        return part and replace(part, colour=on_ground(part.colour, ground))

    return replace(
        drawing,
        curves=tuple(map(shown, drawing.curves)),
        bands=tuple(map(shown, drawing.bands)),
        bars=shown(drawing.bars),
        title_colour=drawing.title_colour and on_ground(drawing.title_colour, ground),
    )


@dataclass(frozen=True)
class Frame:
    """The canvas inside the axes: its size in cells, and what its first and last column and row stand for."""

    width: int
    height: int
    x: Range
    y: Range

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
        """x, or the nearest column's."""
        return min(max(x, self.x[0]), self.x[1])


def _fitted(columns: int, bins: int) -> int:
    """As many columns as give each bar the same number of half columns, where there is room for it."""
    half_columns = 2 * columns // bins if bins else 0
    return half_columns * bins // 2 or columns


def _set_axes(figure: Any, frame: Frame, x_ticks: Ticks, y_ticks: Ticks) -> None:
    figure.xaxes(bool(x_ticks[0]), False)
    figure.yaxes(bool(y_ticks[0]), False)
    figure.xlim(*frame.x)
    figure.ylim(*frame.y)
    figure.xticks(*x_ticks)
    figure.yticks(*y_ticks)
    # plotext leaves the ticks out of a plot without any data, so it gets a point outside.
    figure.scatter([frame.x[0] - 1], [frame.y[0] - 1], marker=" ")


def _add_line(figure: Any, frame: Frame, curve: Curve) -> None:
    colour = rgb_of(curve.colour)
    for piece in curve.pieces():
        points = list(_dashes(frame, piece)) if curve.dashed else piece
        draw = figure.scatter if curve.dashed or len(piece) == 1 else figure.plot
        draw([frame.clipped(x) for x, _ in points], [y for _, y in points], marker="braille", color=colour)


def _add_marks(figure: Any, curve: Curve) -> None:
    if marked := curve.marked_points():
        figure.scatter(*zip(*marked, strict=True), marker=curve.marker, color=rgb_of(curve.colour))


def _dashes(frame: Frame, piece: list[Point]) -> Iterator[Point]:
    """Points along the line, a dot apart, with gaps."""
    yield piece[0]
    travelled = 0.0
    for start, end in pairwise(piece):
        length = frame.dots(start, end)
        steps = max(1, math.ceil(length))
        for step in range(1, steps + 1):
            share = step / steps
            if (travelled + length * share) % (DASH + GAP) < DASH:
                yield start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share
        travelled += length


def _add_bars(matrix: Any, bars: Bars, x_range: Range, y_range: Range, behind: Rgb) -> None:
    """Fill the canvas under the bars, behind whatever plotext has drawn there."""
    columns, rows = matrix.Cols_canvas, matrix.Rows_canvas
    colour = rgb_of(bars.colour)
    scale = len(rows) / (y_range[1] - y_range[0])
    halves = iter(_heights(bars, x_range, 2 * len(columns)))
    for column, left, right in zip(columns, halves, halves, strict=True):
        for row in rows:
            low, high = left * scale - (row - rows[0]), right * scale - (row - rows[0])
            mark = _cell(low, high)
            if mark == " ":
                break
            if matrix.marker[row][column] == " ":
                matrix.insert_element(column, row, mark, colour, background=colour if mark == "█" else None)
            else:
                share = max(0.0, min(1.0, (low + high) / 2))
                matrix.set_background(column, row, blend(behind, colour, share))


def _heights(bars: Bars, x_range: Range, pieces: int) -> list[float]:
    """The mean height of the bars over each of so many equal pieces of the range, 0 where there are none."""
    import numpy as np

    edges = np.asarray(bars.edges)
    below = np.concatenate([[0.0], np.cumsum(np.asarray(bars.heights) * np.diff(edges))])
    at = np.linspace(*x_range, pieces + 1)
    heights: list[float] = (np.diff(np.interp(at, edges, below)) / np.diff(at)).tolist()
    return heights


def _add_band(matrix: Any, frame: Frame, band: Band, behind: Rgb) -> None:
    """Tint the canvas between the band's limits, behind whatever is drawn there; where bands cross, colours mix."""
    columns, rows = matrix.Cols_canvas, matrix.Rows_canvas
    colour = rgb_of(band.colour)
    for column in columns:
        across = (column - columns[0] + 0.5) / len(columns)
        limits = band.at(frame.x[0] + (frame.x[1] - frame.x[0]) * across)
        low, high = (frame.height_of(limit, len(rows)) for limit in limits or (math.inf, -math.inf))
        for row in range(max(0, math.floor(low)), min(len(rows), math.ceil(high))):
            ground = matrix.background[rows[row]][column]
            ground = ground if isinstance(ground, tuple) else behind
            matrix.set_background(column, rows[row], blend(ground, colour, BAND_SHARE))


def _cell(left: float, right: float) -> str:
    """The block that fills a cell up to these heights of its left and right half, in cells."""
    eighths = [max(0, min(8, round(height * 8))) for height in (left, right)]
    if eighths[0] == eighths[1]:
        return EIGHTHS[eighths[0]]
    halves = (max(0, min(2, round(left * 2))), max(0, min(2, round(right * 2))))
    return QUADRANTS[halves]


def _strips(matrix: Any, ground: Ground) -> Iterator[Strip]:
    """plotext's matrix from its top row down, runs of equal colours joined."""
    for row in reversed(matrix.Rows):
        segments: list[Segment] = []
        run, colours = "", (None, None)
        for mark, *pair in zip(matrix.marker[row], matrix.fullground[row], matrix.background[row], strict=True):
            if tuple(pair) != colours:
                segments.append(Segment(run, _style(*colours, ground)))
                run, colours = "", (pair[0], pair[1])
            run += mark
        segments.append(Segment(run, _style(*colours, ground)))
        yield Strip(segments)


@lru_cache(maxsize=4096)
def _style(foreground: object, background: object, ground: Ground) -> Style:
    return Style(color=_colour(foreground, ground), bgcolor=_colour(background, ground))


def _colour(value: object, ground: Ground) -> Color | None:
    return Color.parse(ground.nearest(hex_of(value))) if isinstance(value, tuple) else None
