"""What Keras, PyTorch and Flax start the chosen layer from, and the Keras lines that give the same."""

from __future__ import annotations

from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widgets import DataTable, Static

from initterm.report.palette import colour_of
from initterm.theory.frameworks import DEFAULTS, FrameworkDefault
from initterm.theory.initializers import InitializerSpec
from initterm.theory.numbers import statistic
from initterm.theory.shapes import Shape
from initterm.tui.keys import ROW_OF, bindings
from initterm.tui.modal import Modal
from initterm.tui.widgets.key_line import KeyLine

COLUMNS = ("framework", "its default", "std", "bound")


class DefaultsTable(DataTable[Text]):
    """A row a framework, with what Enter does to it."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding(ROW_OF["open"].key, "select_cursor", "explore")]


class FrameworksScreen(Modal[InitializerSpec | None]):
    """A table of defaults for one shape, and the chosen one's Keras lines; gives the initializer that is taken."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings("copy_line", copy_line="copy the lines of Keras"),
        Binding(f"{ROW_OF['step_out'].key},{ROW_OF['frameworks'].key}", "dismiss", "back", key_display="esc"),
    ]

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self._shape = shape

    def compose(self) -> ComposeResult:
        with VerticalScroll(can_focus=False):
            yield Static(f"A layer of {self._shape} by default ({self._shape.layer})", classes="title", markup=False)
            yield DefaultsTable(cursor_type="row")
            yield Static(id="default", markup=False)
        yield KeyLine()

    def on_mount(self) -> None:
        table = self.query_one(DefaultsTable)
        table.add_columns(*COLUMNS)
        for default in DEFAULTS:
            table.add_row(*self._cells(default))
        table.focus()

    def _cells(self, default: FrameworkDefault) -> tuple[Text, ...]:
        law = default.law(self._shape)
        return (
            Text(default.framework, style=f"bold {colour_of(default.initializer)}"),
            Text(default.default),
            Text(statistic(law.std), justify="right"),
            Text(f"±{statistic(law.high)}", justify="right"),
        )

    @property
    def _default(self) -> FrameworkDefault:
        return DEFAULTS[self.query_one(DefaultsTable).cursor_row]

    @on(DataTable.RowHighlighted)
    def _row_highlighted(self) -> None:
        default, law = self._default, self._default.law(self._shape)
        kernel, bias = default.keras_lines(self._shape)
        self.query_one("#default", Static).update(
            Text.assemble(
                (f"{default.layers}\n", "bold"),
                f"{law.formula} · {law.words}\n\nIn Keras:\n",
                (f"{kernel},\n{bias}\n\n", colour_of(default.initializer)),
                (f"Source: {default.source}", "dim"),
            )
        )

    @on(DataTable.RowSelected)
    def _row_selected(self) -> None:
        self.dismiss(self._default.initializer)

    def action_copy_line(self) -> None:
        lines = ",\n".join(self._default.keras_lines(self._shape))
        self.app.copy_to_clipboard(lines)
        self.notify(lines, title="Copied", markup=False)
