"""Guide: look up which initializer suits an activation, and why; what people ask; and what shows it."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, ScrollableContainer
from textual.widgets import Input, OptionList, Static

from initterm.experiments.command import command_name
from initterm.experiments.guide.questions import QUESTIONS, Question, questions_matching
from initterm.report.guide.results import experiment_words, keras_code
from initterm.theory.guide import CONVENTIONS, ROWS, GuideRow, row_of, rows_matching
from initterm.tui.catalogue import PAPERS
from initterm.tui.guide.entries import Card, EntryList, Section
from initterm.tui.messages import Proposal, Sent
from initterm.tui.pane import Pane
from initterm.tui.widgets.sentence import Problem

COUNTS = f"{len(CONVENTIONS)} conventions, {len(ROWS) - len(CONVENTIONS)} computed, {len(QUESTIONS)} questions"
NO_EXPERIMENT = "Nothing to try here; choose an activation, or a question that has an experiment."


class GuidePane(Pane):
    """The search, the entries it finds, and the card of the chosen one."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "edit('guide-filter')", "search", key_display="/"),
        Binding("t", "train", "train it"),
        Binding("g", "signal", "signal"),
        Binding("y", "copy_line", "copy", show=False),
        Binding("P", f"app.{PAPERS.action}", "papers"),
        Binding("pagedown", "scroll(1)", "scroll the card", show=False),
        Binding("pageup", "scroll(-1)", "scroll the card", show=False),
        Binding("escape", "step_out", "back to the list", show=False),
    ]

    def compose(self) -> ComposeResult:
        with Horizontal(classes="row"):
            yield Input(placeholder="/ search, or type a formula such as x*sigmoid(x)", compact=True, id="guide-filter")
            yield Static(COUNTS, classes="secondary", id="guide-counts")
        yield EntryList(id="entries")
        yield Problem(id="problem")
        yield Card(id="card")

    def on_mount(self) -> None:
        self._show("")

    def focus_first(self) -> None:
        """Put the focus on the list."""
        self._entries.focus()

    @property
    def _entries(self) -> EntryList:
        return self.query_one(EntryList)

    @property
    def chosen(self) -> GuideRow | Question | None:
        """The entry under the cursor."""
        return self._entries.chosen

    def _show(self, query: str) -> None:
        self.say("")
        sections = _sections(query)
        if not any(entries for _, entries in sections):
            with self.saying_refusals():
                sections = [("Typed", [row_of(query)])]
        self._entries.show(sections)
        self.query_one(Card).entry = self.chosen

    @on(Input.Changed)
    def _filter_changed(self, event: Input.Changed) -> None:
        event.stop()
        self._show(event.value)

    @on(Input.Submitted)
    def _filter_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        if self.chosen:
            self.focus_first()

    @on(OptionList.OptionHighlighted)
    def _entry_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        self.query_one(Card).entry = self.chosen

    @on(OptionList.OptionSelected)
    def _entry_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self._send(lambda row: Sent("explore", Proposal(row.initializer)))

    def _send(self, sent: Callable[[GuideRow], Sent]) -> None:
        """Send what the row comes to, or start a question's experiment in the pane that it belongs to."""
        match self.chosen:
            case GuideRow() as row:
                self.post_message(sent(row))
            case Question(experiment=experiment) if experiment:
                self.post_message(Sent(command_name(experiment), experiment))
            case Question():
                self.notify(NO_EXPERIMENT, severity="warning")

    def action_step_out(self) -> None:
        """Drop the search, and step back to the list."""
        self.query_one(Input).value = ""
        super().action_step_out()

    def action_train(self) -> None:
        """Take the row's activation and initializer to Train, or try the question's experiment."""
        self._send(lambda row: Sent("train", Proposal(row.initializer, row.activation.name)))

    def action_signal(self) -> None:
        """Take the row's initializer to Signal, with its activation where that acts on one number."""
        self._send(
            lambda row: Sent(
                "signal", Proposal(row.initializer, row.activation.name if row.activation.function else None)
            )
        )

    def action_copy_line(self) -> None:
        """Copy the row's line of Keras, or the command of the question's experiment."""
        match self.chosen:
            case GuideRow() as row:
                self.copy(keras_code(row))
            case Question() as question:
                self.copy(experiment_words(question))

    @property
    def scrolled(self) -> ScrollableContainer:
        """The card's words."""
        return self.query_one(Card).words


def _sections(query: str) -> list[Section]:
    rows = rows_matching(query)
    return [
        ("Conventions", [row for row in rows if not row.computed]),
        ("Computed", [row for row in rows if row.computed]),
        ("Notes and questions", list(questions_matching(query))),
    ]
