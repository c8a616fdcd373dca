"""Guide: look up which initializer suits an activation, and why."""

from __future__ import annotations

from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widget import Widget
from textual.widgets import DataTable, Input, Static

from initterm.report.palette import colour_of
from initterm.theory.guide import NOTES, GuideRow, problem, rows_matching
from initterm.tui.messages import SentToExplore, SentToSignal, SentToTrain
from initterm.tui.widgets.problem import Problem

COLUMNS = ("activation", "use", "gain →", "gain ←", "basis")


class LookupTable(DataTable[Text]):
    """The table, with what Enter does to a row."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "select_cursor", "explore it")]


class GuidePane(Widget):
    """The lookup table with its filter, the chosen row's reason, and the notes."""

    HELP: ClassVar[str] = """\
# Guide

Which initializer suits which activation. Type `/` and part of a name to filter. *gain →* is the √(fan_in)·σ of weights
that pass a signal of unit variance on unchanged through this activation, *gain ←* the √(fan_out)·σ of weights that pass
the gradient back unchanged; they are computed by quadrature.
"""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "filter", "filter", key_display="/"),
        Binding("t", "train", "train it"),
        Binding("g", "signal", "signal"),
        Binding("y", "copy_line", "copy"),
        Binding("escape", "step_out", "back to the table", show=False),
    ]

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self._rows: list[GuideRow] = []

    def compose(self) -> ComposeResult:
        """Filter, table, reason, notes."""
        yield Input(placeholder="/ filter by activation or initializer", compact=True, id="guide-filter")
        yield LookupTable(cursor_type="row", id="lookup")
        yield Problem(id="nothing")
        with VerticalScroll(id="reasons"):
            yield Static(id="reason", markup=False)
            yield Static(_notes(), id="notes")

    def on_mount(self) -> None:
        """Fill the table."""
        table = self.query_one(LookupTable)
        for column in COLUMNS:
            table.add_column(column)
        self._show("")

    def focus_first(self) -> None:
        """Put the focus on the table."""
        self.query_one(LookupTable).focus()

    @property
    def chosen(self) -> GuideRow | None:
        """The row under the cursor."""
        index = self.query_one(LookupTable).cursor_row
        return self._rows[index] if 0 <= index < len(self._rows) else None

    def _show(self, query: str) -> None:
        self._rows = list(rows_matching(query))
        table = self.query_one(LookupTable)
        table.clear()
        for row in self._rows:
            table.add_row(*_cells(row))
        nothing = "" if self._rows else f"Nothing here matches {query!r}; try relu, gelu, selu, tanh or glorot."
        self.query_one(Problem).say(nothing)
        self._show_reason()

    def _show_reason(self) -> None:
        row = self.chosen
        self.query_one("#reason", Static).update(_reason(row) if row else "")

    @on(Input.Changed)
    def _filter_changed(self, event: Input.Changed) -> None:
        self._show(event.value)

    @on(Input.Submitted)
    def _filter_submitted(self) -> None:
        if self._rows:
            self.focus_first()

    @on(DataTable.RowHighlighted)
    def _row_highlighted(self) -> None:
        self._show_reason()

    @on(DataTable.RowSelected)
    def _row_selected(self) -> None:
        self.action_explore()

    def action_filter(self) -> None:
        """Type to filter the table."""
        self.query_one(Input).focus()

    def action_step_out(self) -> None:
        """Drop the filter, or step back to the table."""
        self.query_one(Input).value = ""
        self.focus_first()

    def action_explore(self) -> None:
        """Take the row's initializer to Explore."""
        if row := self.chosen:
            self.post_message(SentToExplore(row.initializer))

    def action_train(self) -> None:
        """Take the row's activation and initializer to Train."""
        if row := self.chosen:
            self.post_message(SentToTrain(row.initializer, row.activation.name))

    def action_signal(self) -> None:
        """Take the row's initializer to Signal, with its activation where that acts on one number."""
        if row := self.chosen:
            activation = row.activation.name if row.activation.function else None
            self.post_message(SentToSignal(row.initializer, activation))

    def action_copy_line(self) -> None:
        """Copy the Keras line."""
        if row := self.chosen:
            self.app.copy_to_clipboard(row.initializer.keras_line)
            self.notify(row.initializer.keras_line, title="Copied", markup=False)


def _cells(row: GuideRow) -> tuple[Text, ...]:
    return (
        Text(row.activation.title, style="bold"),
        Text(row.initializer.keras_line, style=colour_of(row.initializer)),
        _gain(row.activation.gain_forward),
        _gain(row.activation.gain_backward),
        Text("computed" if row.computed else "convention", style="dim"),
    )


def _gain(value: float | None) -> Text:
    return Text("–" if value is None else f"{value:.4f}", justify="right")


def _reason(row: GuideRow) -> Text:
    kind = "computed here" if row.computed else "the field's convention"
    return Text.assemble((row.activation.title, "bold"), f" ({kind}): {row.reason}\n", (row.reference, "dim"))


def _notes() -> Text:
    notes = [Text.assemble((f"{note.title}: ", "bold"), note.text) for note in NOTES]
    why = Text.assemble(("Why it matters: ", "bold"), problem())
    return Text("\n").join([*notes, Text(), why])
