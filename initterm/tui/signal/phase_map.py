"""The phase diagram as a heat map with the critical line and a cursor."""

from __future__ import annotations

import math
from typing import ClassVar, Literal

from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from initterm.theory.numbers import short
from initterm.theory.phases import PhaseDiagram
from initterm.tui.frozen import StateChanged, frozen
from initterm.tui.signal.heat import heat_cell

Quantity = Literal["signal", "gradient"]

MARGIN = 8
AXIS = Style(color="#8a8f98")
LINE = Style(color="#ffffff", bold=True)
CURSOR = Style(color="#000000", bgcolor="#ffffff", bold=True)
CRITICAL_MARK, CURSOR_MARK = "─", "◆"


class PhaseMap(Widget, can_focus=True):
    """Depth across, σ_w² up on a log scale; a cell is what theory says is left over that many layers."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "move(-1, 0)", "move the cursor", key_display="←↑↓→", show=False),
        Binding("right", "move(1, 0)", show=False),
        Binding("up", "move(0, 1)", show=False),
        Binding("down", "move(0, -1)", show=False),
        Binding("m", "other_quantity", "signal or gradient"),
        Binding("enter", "choose", "send to the plots"),
    ]

    diagram: reactive[PhaseDiagram | None] = reactive(None, layout=False)
    quantity: reactive[Quantity] = reactive("signal", layout=False)
    cursor: reactive[tuple[int, int]] = reactive((30, 0), layout=False)
    """The depth, and the index of the weight variance."""

    class Moved(StateChanged):
        """The cursor stands elsewhere, or something else is shown."""

    @frozen
    class Chosen(Message):
        """The place under the cursor shall go to the plots."""

        depth: int
        weight_variance: float

    def show(self, diagram: PhaseDiagram, depth: int) -> None:
        """Show a diagram, the cursor at this depth, on the critical line or else in the middle."""
        self.diagram = diagram
        self.cursor = (min(depth, len(diagram.signal)), self._critical_row(diagram, len(diagram.weight_variances) // 2))
        self.post_message(self.Moved())

    def _critical_row(self, diagram: PhaseDiagram, otherwise: int) -> int:
        critical = diagram.critical
        if critical is None:
            return otherwise
        distances = [abs(math.log(variance / critical.weight_variance)) for variance in diagram.weight_variances]
        return distances.index(min(distances))

    @property
    def place(self) -> tuple[int, float, float, float] | None:
        """Depth, σ_w², and what is left of signal and gradient, under the cursor."""
        if self.diagram is None:
            return None
        depth, row = self.cursor
        signal, gradient = self.diagram.signal[depth - 1, row], self.diagram.gradient[depth - 1, row]
        return depth, float(self.diagram.weight_variances[row]), float(signal), float(gradient)

    def render_line(self, y: int) -> Strip:
        """One line: a σ_w² and its depths; at last the depths' axis."""
        background = Style(bgcolor=self.background_colors[1].rich_color)
        return Strip(self._segments(y)).extend_cell_length(self.size.width).apply_style(background)

    def _segments(self, y: int) -> list[Segment]:
        diagram, height, columns = self.diagram, self._lines, self.size.width - MARGIN
        if diagram is None or height < 1 or columns < 2:
            return [Segment("", Style())]
        if y >= height:
            return [Segment(self._axis(columns) if y == height else "", AXIS)]
        row = self._row_at(y, height)
        label = short(diagram.weight_variances[row]) if y in (0, height - 1, height // 2) else ""
        margin = Segment(label.rjust(MARGIN - 1) + " ", AXIS)
        return [margin, *(self._cell(diagram, row, (x, y), columns, height) for x in range(columns))]

    def _cell(self, diagram: PhaseDiagram, row: int, at: tuple[int, int], columns: int, height: int) -> Segment:
        if at == (self._column_of(self.cursor[0], columns), self._line_of(self.cursor[1], height)):
            return Segment(CURSOR_MARK, CURSOR)
        depth = self._depth_at(at[0], columns)
        mark, style = heat_cell(float(getattr(diagram, self.quantity)[depth - 1, row]))
        if diagram.critical and at[1] == self._line_of(self._critical_row(diagram, -1), height):
            return Segment(CRITICAL_MARK, style + LINE)
        return Segment(mark, style)

    @property
    def _lines(self) -> int:
        """Lines for variances: an odd number, so that the middle one has a line of its own."""
        return (self.size.height - 2) // 2 * 2 + 1

    @property
    def _depths(self) -> int:
        return len(self.diagram.signal) if self.diagram else 1

    @property
    def _rows(self) -> int:
        return len(self.diagram.weight_variances) if self.diagram else 1

    def _depth_at(self, x: int, columns: int) -> int:
        return 1 + round(x * (self._depths - 1) / (columns - 1))

    def _column_of(self, depth: int, columns: int) -> int:
        return round((depth - 1) * (columns - 1) / max(1, self._depths - 1))

    def _row_at(self, y: int, height: int) -> int:
        """The index of the variance of a line, the largest at the top."""
        return self._rows - 1 - round(y * (self._rows - 1) / max(1, height - 1))

    def _line_of(self, row: int, height: int) -> int:
        return round((self._rows - 1 - row) * (height - 1) / max(1, self._rows - 1))

    def _axis(self, columns: int) -> str:
        last, middle = self._depths, self._depth_at(columns // 2, columns)
        text = f"{'σ_w²':>{MARGIN - 1}} 1"
        text += f"{middle}".rjust(MARGIN + columns // 2 + 1 - len(text))
        return text + f"depth {last}".rjust(MARGIN + columns - len(text))

    def action_move(self, right: int, up: int) -> None:
        columns, height = max(2, self.size.width - MARGIN), max(2, self._lines)
        depth, row = self.cursor
        across, along = -(-self._depths // columns), -(-self._rows // height)
        self.cursor = (
            max(1, min(self._depths, depth + right * across)),
            max(0, min(self._rows - 1, row + up * along)),
        )
        self.post_message(self.Moved())

    def action_other_quantity(self) -> None:
        self.quantity = "gradient" if self.quantity == "signal" else "signal"
        self.post_message(self.Moved())

    def action_choose(self) -> None:
        if place := self.place:
            self.post_message(self.Chosen(place[0], place[1]))
