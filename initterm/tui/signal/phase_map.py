"""The phase diagram with a cursor that arrows and the mouse move."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.filter import LineFilter
from textual.geometry import Region
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from initterm.experiments.signal.ridges import Quantity
from initterm.theory.phases import PhaseDiagram
from initterm.tui.keys import bindings
from initterm.tui.messages import StateChanged, frozen
from initterm.tui.signal.map_picture import (
    BAR,
    CURSOR,
    CURSOR_MARK,
    HERE,
    MARGIN,
    MapCell,
    MapFrame,
    MapPicture,
    joined,
    variance_text,
)
from initterm.tui.signal.scale import DivergingScale
from initterm.tui.themes import OnGround
from initterm.tui.widgets.inks import inks_of

TITLES: dict[Quantity, str] = {"signal": "signal left, by theory", "gradient": "gradient left, by theory"}


class PhaseMap(Widget, can_focus=True):
    """Depth across, σ_w² up on a log scale; a colour is what theory says is left over that many layers."""

    ALLOW_SELECT = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "move(-1, 0)", "move the cursor", key_display="←↑↓→", show=False),
        Binding("right", "move(1, 0)", show=False),
        Binding("up", "move(0, 1)", show=False),
        Binding("down", "move(0, -1)", show=False),
        *bindings("quantity open", quantity="quantity", open="plot"),
    ]

    diagram: reactive[PhaseDiagram | None] = reactive(None, layout=False)
    quantity: reactive[Quantity] = reactive("signal", layout=False)
    cursor: reactive[tuple[int, int]] = reactive((30, 0), layout=False, repaint=False)
    """The depth, and the index of the weight variance."""

    _picture: MapPicture | None = None
    _dragged = False
    _shown_for: tuple[int, float | None, int, int] | None = None

    class Moved(StateChanged):
        """The cursor stands elsewhere, or something else is shown."""

    @frozen
    class Chosen(Message):
        """The place under the cursor shall go to the plots."""

        depth: int
        weight_variance: float

    def show(self, diagram: PhaseDiagram, depth: int, weight_variance: float | None) -> None:
        """Show a diagram, the cursor at this depth and variance; without one on the critical line or in the middle.

        The cursor stays where it is in a diagram of the same axes, if it is to be where it was to be there.
        """
        frame = MapFrame(diagram, 2, 2)
        critical = diagram.critical.weight_variance if diagram.critical else None
        wanted = weight_variance or critical
        row = frame.row_of(wanted) if wanted else frame.rows // 2
        before, self._shown_for = self._shown_for, (depth, wanted, frame.depths, frame.rows)
        self.diagram = diagram
        if self._shown_for != before:
            self.cursor = (min(depth, frame.depths), min(max(round(row), 0), frame.rows - 1))
        self.post_message(self.Moved())

    @property
    def place(self) -> tuple[int, float, float, float] | None:
        """Depth, σ_w², and what is left of signal and gradient, under the cursor."""
        if self.diagram is None:
            return None
        depth, row = self.cursor
        signal, gradient = self.diagram.signal[depth - 1, row], self.diagram.gradient[depth - 1, row]
        return depth, float(self.diagram.weight_variances[row]), float(signal), float(gradient)

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Without what shows texts on the ground: colours of the scale are of it."""
        return [one for one in super().get_line_filters() if not isinstance(one, OnGround)]

    @property
    def coloured(self) -> bool:
        """Whether colours tell what is left; else signs do."""
        return DivergingScale.of(self.app).coloured

    @property
    def frame(self) -> MapFrame | None:
        """Where things lie; None where there is nothing, or no room for it."""
        columns, lines = self.size.width - MARGIN - BAR, self.size.height - 2
        return MapFrame(self.diagram, columns, lines) if self.diagram and columns >= 2 and lines >= 2 else None

    def render_line(self, y: int) -> Strip:
        """The title, a line of the map with its variance and the bar, or at last the depths."""
        background = Style(color=self.rich_style.color, bgcolor=self.background_colors[1].rich_color)
        strip = Strip(self._segments(y))
        return strip.extend_cell_length(self.size.width).crop(0, self.size.width).apply_style(background)

    def _segments(self, y: int) -> list[Segment]:
        picture = self._painted()
        if picture is None:
            return []
        if y == 0:
            return [Segment("σ_w² ↑".rjust(MARGIN - 1) + " ", picture.axis), Segment(TITLES[self.quantity], HERE)]
        if y == picture.frame.lines + 1:
            return self._axis(picture)
        return self._line(picture, y - 1) if y <= picture.frame.lines else []

    def _painted(self) -> MapPicture | None:
        """The picture, painted anew where something else is to be seen, in another size or other colours."""
        frame, scale, axis, now = self.frame, DivergingScale.of(self.app), inks_of(self).axis, self._picture
        if frame is None:
            return None
        size = (frame.columns, frame.lines)
        same = now and (now.frame.columns, now.frame.lines) == size and now.frame.diagram is frame.diagram
        if now is None or not same or (now.quantity, now.scale, now.axis) != (self.quantity, scale, axis):
            self._picture = now = MapPicture(frame, self.quantity, scale, axis)
        return now

    def _line(self, picture: MapPicture, line: int) -> list[Segment]:
        frame, (depth, row) = picture.frame, self.cursor
        cells: list[MapCell] = picture.lines[line]
        here = line == frame.line_of(row)
        if here:
            at = frame.column_of(depth)
            mark = (CURSOR_MARK, CURSOR if picture.scale.coloured else Style(reverse=True))
            cells = [*cells[:at], mark, *cells[at + 1 :]]
        label = variance_text(frame.diagram.weight_variances[row]) if here else picture.variance_labels.get(line, "")
        margin = Segment(label.rjust(MARGIN - 1) + ("┤" if label else "│"), HERE if here else picture.axis)
        return [margin, *joined(cells), *picture.bar[line]]

    def _axis(self, picture: MapPicture) -> list[Segment]:
        """The depths under the map, that of the cursor in front."""
        columns, here = picture.frame.columns, picture.frame.column_of(self.cursor[0])
        text, depth = [" "] * (columns + BAR), str(self.cursor[0])
        for column, label in picture.depth_labels.items():
            if column + len(label) < here or column > here + len(depth):
                text[column : column + len(label)] = label
        before, after = "".join(text[:here]), "".join(text[here + len(depth) :])
        return [
            Segment("depth → ".rjust(MARGIN) + before, picture.axis),
            Segment(depth, HERE),
            Segment(after, picture.axis),
        ]

    def watch_cursor(self, before: tuple[int, int], now: tuple[int, int]) -> None:
        """Draw the lines anew on which the cursor was and is, and the depths."""
        if frame := self.frame:
            lines = {1 + frame.line_of(before[1]), 1 + frame.line_of(now[1]), frame.lines + 1}
            self.refresh(*(Region(0, line, self.size.width, 1) for line in lines))

    def move_to(self, depth: int, row: int) -> None:
        """Put the cursor there, or where the diagram ends."""
        if frame := MapFrame(self.diagram, 2, 2) if self.diagram else None:
            self.cursor = (max(1, min(frame.depths, depth)), max(0, min(frame.rows - 1, row)))
            self.post_message(self.Moved())

    def action_move(self, right: int, up: int) -> None:
        frame = self.frame
        across = max(1, -(-frame.depths // frame.columns)) if frame else 1
        along = max(1, -(-frame.rows // frame.lines)) if frame else 1
        self.move_to(self.cursor[0] + right * across, self.cursor[1] + up * along)

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """The cursor follows the pressed mouse, also outside of the map."""
        self._dragged = True
        self.capture_mouse()
        self._follow(event)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        if self._dragged:
            self._follow(event)

    def on_mouse_up(self) -> None:
        self._dragged = False
        self.release_mouse()

    def _follow(self, event: events.MouseEvent) -> None:
        event.stop()
        if frame := self.frame:
            self.move_to(frame.depth_at(event.x - MARGIN), frame.row_at(event.y - 1))

    def action_quantity(self) -> None:
        self.quantity = "gradient" if self.quantity == "signal" else "signal"
        self.post_message(self.Moved())

    def action_open(self) -> None:
        if place := self.place:
            self.post_message(self.Chosen(place[0], place[1]))
