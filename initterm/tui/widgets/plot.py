"""The one widget that draws with plotext: axes and curves by plotext, bars and bands behind them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
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
from initterm.report.tables import clipped
from initterm.tui.messages import Painted
from initterm.tui.themes import OnGround, ground_of
from initterm.tui.widgets.bars import BarColumns, BarInk, add_bars, residual_lines
from initterm.tui.widgets.drawing import Band, Bars, Curve, Drawing, Point
from initterm.tui.widgets.frame import AXIS_LINES, Frame, framed

AXES = "#8a8f98"
BAND_SHARE = 0.18
"""How much of its colour tints the background of a band."""

FAINT_SHARE = 0.5
"""How much of its colour a faint curve has."""

DASH, GAP = 5, 4
"""Length of the strokes and of the gaps of a dashed line, in dots of braille."""


class Plot(Widget):
    """Shows a ``Drawing``; it is redrawn when that, the size or what it stands on changes.

    Drawings name colours as they are on the reference ground.
    """

    drawing: reactive[Drawing] = reactive(Drawing, layout=False, always_update=True)

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._drawn: tuple[object, ...] = ()
        self._strips: list[Strip] = []
        self._blank = Strip.blank(0)

    @property
    def seen(self) -> Drawing:
        """What is seen of the drawing."""
        return self.drawing

    @property
    def stands(self) -> tuple[object, ...]:
        """All that the picture follows from."""
        return self.drawing, self.size, ground_of(self.app)

    def render_line(self, y: int) -> Strip:
        if self._drawn != (stands := self.stands):
            self._paint()
            self._drawn = stands
        return self._strips[y] if y < len(self._strips) else self._blank

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Without what shows texts on the ground: a bar isn't to be read against its own background."""
        return [one for one in super().get_line_filters() if not isinstance(one, OnGround)]

    def _paint(self) -> None:
        """Draw every line on the widget's background."""
        width, behind = self.size.width, self.background_colors[1]
        background = Style(color=self.rich_style.color, bgcolor=behind.rich_color)
        picture = painted(self.seen, self.size, behind.rgb, ground_of(self.app))
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
        behind: the colour of the background, into which bars fade.
        ground: what its colours are shown for.
    """
    drawing = _on(drawing, ground)
    title = clipped(drawing.title, size.width)
    titles = [Strip([Segment(title, Style(bold=True, color=drawing.title_colour))])] if title else []
    frame = framed(drawing, size)
    if frame is None:
        return titles[: size.height]
    axes = rgb_of(on_ground(AXES, ground))
    matrix = _matrix(drawing, frame, axes)
    for band in drawing.bands if ground.shades != "16" else ():
        _add_band(matrix, frame, band, behind)
    if drawing.bars:
        line = rgb_of(drawing.curves[0].colour) if drawing.curves else None
        ink = BarInk(rgb_of(drawing.bars.colour), line, behind, ground.shades)
        add_bars(matrix, drawing.bars, frame, ink)
    return [*titles, *_strips(matrix, ground), *_residuals(drawing.bars, frame, axes, behind, ground)]


def _residuals(bars: Bars | None, frame: Frame, axes: Rgb, behind: Rgb, ground: Ground) -> Iterator[Strip]:
    """What is under the axis: blank while there are no bars."""
    if not frame.residual_lines:
        return
    if bars is None or not bars.expected:
        yield from [Strip([])] * frame.residual_lines
        return
    for cells in residual_lines(bars, frame, rgb_of(bars.colour), axes, behind):
        yield _strip(*cells, ground)


def _matrix(drawing: Drawing, frame: Frame, axes: Rgb) -> Any:
    """What plotext draws: axes and curves."""
    figure = _figure_class()
    figure._limit_size(False, False)
    figure.plot_size(frame.left + frame.width, frame.height + (AXIS_LINES if drawing.axes else 0))
    figure.ticks_color(axes)
    _set_axes(figure, frame)
    columns = BarColumns.of(drawing.bars, frame) if drawing.bars else None
    for curve in (curve for curve in drawing.curves if curve.line):
        _add_line(figure, frame, curve, columns)
    for curve in drawing.curves:
        _add_marks(figure, curve)
    figure._set_sizes()
    figure._build_matrix()
    return figure.monitor.matrix


def _on(drawing: Drawing, ground: Ground) -> Drawing:
    """The drawing in the colours of a ground."""

    def shown(part: Any) -> Any:
        return part and replace(part, colour=on_ground(part.colour, ground))

    def shown_curve(curve: Curve) -> Curve:
        faint = ground.tint(curve.colour, FAINT_SHARE) if curve.faint else None
        return replace(curve, colour=faint or on_ground(curve.colour, ground))

    return replace(
        drawing,
        curves=tuple(map(shown_curve, drawing.curves)),
        bands=tuple(map(shown, drawing.bands)),
        bars=shown(drawing.bars),
        title_colour=drawing.title_colour and on_ground(drawing.title_colour, ground),
    )


def _set_axes(figure: Any, frame: Frame) -> None:
    figure.xaxes(bool(frame.x_ticks[0]), False)
    figure.yaxes(bool(frame.y_ticks[0]), False)
    figure.xlim(*frame.x)
    figure.ylim(*frame.y)
    figure.xticks(*frame.x_ticks)
    figure.yticks(*frame.y_ticks)
    # plotext leaves the ticks out of a plot without any data, so it gets a point outside.
    figure.scatter([frame.x[0] - 1], [frame.y[0] - 1], marker=" ")


def _add_line(figure: Any, frame: Frame, curve: Curve, columns: BarColumns | None) -> None:
    """Draw a curve; where there are bars it keeps to their columns."""
    colour = rgb_of(curve.colour)
    for piece in curve.pieces():
        points = list(_dashes(frame, piece)) if curve.dashed else piece
        draw = figure.scatter if curve.dashed or len(piece) == 1 else figure.plot
        xs = [columns.moved(x, frame) if columns else x for x, _ in points]
        draw(list(map(frame.clipped, xs)), [y for _, y in points], marker="braille", color=colour)


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


def _strips(matrix: Any, ground: Ground) -> Iterator[Strip]:
    """plotext's matrix from its top row down."""
    for row in reversed(matrix.Rows):
        yield _strip(matrix.marker[row], matrix.fullground[row], matrix.background[row], ground)


def _strip(marks: Sequence[str], foregrounds: Sequence[object], backgrounds: Sequence[object], ground: Ground) -> Strip:
    """A line of cells, runs of equal colours joined."""
    segments: list[Segment] = []
    run = ""
    colours: tuple[object, object] = (None, None)
    for mark, *pair in zip(marks, foregrounds, backgrounds, strict=True):
        if tuple(pair) != colours:
            segments.append(Segment(run, _style(*colours, ground)))
            run, colours = "", (pair[0], pair[1])
        run += mark
    segments.append(Segment(run, _style(*colours, ground)))
    return Strip(segments)


@lru_cache(maxsize=4096)
def _style(foreground: object, background: object, ground: Ground) -> Style:
    return Style(color=_colour(foreground, ground), bgcolor=_colour(background, ground))


def _colour(value: object, ground: Ground) -> Color | None:
    return Color.parse(ground.nearest(hex_of(value))) if isinstance(value, tuple) else None
