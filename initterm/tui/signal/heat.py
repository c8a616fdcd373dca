"""How far something is from 1, as colour and mark: layers as strips, and the phase diagram as a map with a cursor."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

from rich.console import Console, ConsoleOptions, RenderResult
from rich.segment import Segment
from rich.style import Style
from rich.table import Table
from rich.text import Text
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from initterm.experiments.message import Number
from initterm.experiments.signal.board import SignalBoard
from initterm.experiments.signal.events import Oddity
from initterm.report.palette import name_with_mark
from initterm.theory.initializers import InitializerSpec
from initterm.theory.numbers import factor, short
from initterm.theory.phases import PhaseDiagram
from initterm.tui.keys import bindings
from initterm.tui.messages import StateChanged, frozen

STEADY, VANISHING, EXPLODING = (58, 63, 72), (38, 110, 235), (235, 70, 50)
INK = "#ffffff"
FULL_AT = 8.0
"""From so many powers of ten on the colour is full."""

MARKS = "−·+"
ODD_MARKS: dict[Oddity, str] = {"zero": "0", "inf": "∞", "nan": "?"}
ODD_RATIOS = {"0": 0.0}
"""What odd marks are coloured as; all others have exploded."""

LEGEND = "· within tenfold  − vanishing  + exploding"


def heat_cell(ratio: float | None) -> tuple[str, Style]:
    """One cell for a ratio: its mark and its style; blank where there is none."""
    if ratio is None or math.isnan(ratio):
        return " ", Style()
    decades = _decades(ratio)
    mark = MARKS[1 + (decades > 1) - (decades < -1)]
    return mark, Style(color=INK, bgcolor=_colour(decades), dim=mark == MARKS[1])


def _decades(ratio: float) -> float:
    if ratio <= 0:
        return -math.inf
    return math.log10(ratio) if math.isfinite(ratio) else math.inf


def _colour(decades: float) -> str:
    end = EXPLODING if decades > 0 else VANISHING
    share = min(1.0, abs(decades) / FULL_AT) ** 0.5
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in zip(STEADY, end, strict=True))


def strip(ratios: list[float | None], oddities: list[str], width: int) -> Text:
    """Layers from the first to the last in so many cells at most; what is odd is named by its own mark."""
    count = len(ratios)
    text = Text(no_wrap=True)
    for cell in range(min(width, count)):
        layer = cell if count <= width else round(cell * (count - 1) / max(1, width - 1))
        odd = oddities[layer]
        mark, style = heat_cell(ODD_RATIOS.get(odd, math.inf) if odd else ratios[layer])
        text.append(odd or mark, style)
    return text


NAME_WIDTH, WIDE, BESIDE_STRIPS = 16, 80, 31


@dataclass(frozen=True, eq=False)
class StripTable:
    """A line an initializer: what is left at each layer as a strip, forward and backward, and what it comes to."""

    board: SignalBoard
    shown: tuple[InitializerSpec, ...]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """The table for this width; factors are left out where there is no room for both."""
        wide = options.max_width >= WIDE
        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
        numbers = ("a layer →", "a layer ←") if wide else ()
        width = max(6, min(60, (options.max_width - BESIDE_STRIPS - 11 * len(numbers)) // 2))
        table.add_column("", no_wrap=True, overflow="ellipsis", max_width=NAME_WIDTH)
        for head in ("signal →", "← gradient"):
            table.add_column(head, no_wrap=True, min_width=width, max_width=width)
        for head in (*numbers, ""):
            table.add_column(head, no_wrap=True, justify="right" if head else "left")
        for contender, one in enumerate(self.shown):
            summary = self.board.summary(contender)
            factors = (summary.forward_factor, summary.backward_factor) if summary else (None, None)
            table.add_row(
                name_with_mark(one),
                *(strip(ratios, odd, width) for ratios, odd in _strips(self.board, contender)),
                *(map(factor, factors) if wide else ()),
                summary.verdict if summary else "theory is silent" if self.board.predictions else "…",
            )
        yield table


def _strips(board: SignalBoard, contender: int) -> Iterator[tuple[list[Number], list[str]]]:
    """Signal over that at the first layer, gradient over that at the last, and odd marks: measured, else by theory."""
    layers, depth = board.layers(contender), board.experiment.chain.depth
    if layers:
        yield (
            _ratios([layer.activation.mean for layer in layers], depth),
            _odd([layer.oddity for layer in layers], depth),
        )
        backward = [layer.gradient.mean for layer in reversed(layers)]
        odd = _odd([layer.gradient_oddity for layer in layers], depth)
        yield list(reversed(_ratios(backward, len(layers)))) + [None] * (depth - len(layers)), odd
        return
    prediction = board.predictions[contender] if board.predictions else None
    signal = prediction.activation_std.tolist() if prediction else []
    gradient = prediction.gradient_std(depth)[::-1].tolist() if prediction else []
    yield _ratios(signal, depth), [""] * depth
    yield _ratios(gradient, depth)[::-1], [""] * depth


def _ratios(stds: Sequence[Number], depth: int) -> list[Number]:
    """Each over the first, None where there is none."""
    first = stds[0] if stds else None
    ratios = [std / first if std is not None and first else None for std in stds]
    return ratios + [None] * (depth - len(ratios))


def _odd(oddities: Sequence[Oddity], depth: int) -> list[str]:
    marks = [ODD_MARKS.get(oddity, "") for oddity in oddities]
    return marks + [""] * (depth - len(marks))


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
        *bindings("quantity open", quantity="signal or gradient", open="to the plots"),
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

    def action_quantity(self) -> None:
        self.quantity = "gradient" if self.quantity == "signal" else "signal"
        self.post_message(self.Moved())

    def action_open(self) -> None:
        if place := self.place:
            self.post_message(self.Chosen(place[0], place[1]))
