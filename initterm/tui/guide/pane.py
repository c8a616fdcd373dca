"""Guide: look up which initializer suits an activation, and why; what people ask; and what shows it."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widget import Widget
from textual.widgets import Input, OptionList, Static

from initterm.experiments.guide.questions import QUESTIONS, Question, questions_matching
from initterm.report.guide.results import experiment_words, keras_code
from initterm.theory.guide import CONVENTIONS, ROWS, GuideRow, row_of, rows_matching
from initterm.theory.refusal import Refusal
from initterm.tui.guide.card import Card
from initterm.tui.guide.entries import EntryList, Section
from initterm.tui.messages import ExperimentSent, SentToExplore, SentToSignal, SentToTrain
from initterm.tui.widgets.problem import Problem

COUNTS = f"{len(CONVENTIONS)} conventions, {len(ROWS) - len(CONVENTIONS)} computed, {len(QUESTIONS)} questions"
NO_EXPERIMENT = "Nothing to try here; choose an activation, or a question that has an experiment."


class GuidePane(Widget):
    """The search, the entries it finds, and the card of the chosen one."""

    HELP: ClassVar[str] = """\
# Guide

Which initializer suits which activation: first the field's conventions, then what is computed for every other
activation of Keras, then notes and the questions people ask. `/` searches all of it. Or type an activation there: with
parameters, `leaky_relu(negative_slope=0.3)`, or as a formula in x, `x*tanh(softplus(x))`, `where(x>0, x, 0.1*x)`.

*gain →* is the √(fan_in)·σ of weights that pass a signal of unit variance on unchanged through this activation,
*gain ←* the √(fan_out)·σ of weights that pass the gradient back unchanged; *scale* is the square of a gain, as in
Keras's `VarianceScaling`. All are computed by quadrature. The **fixed point** is where the variance settles that a
deep network passes on: an unstable one is left by any small change; χ is what a layer makes of the gradient's variance.

`P` opens the **papers**: classic results, replicated here and judged claim by claim.
"""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "filter", "search", key_display="/"),
        Binding("t", "train", "train it"),
        Binding("g", "signal", "signal"),
        Binding("y", "copy_line", "copy", show=False),
        Binding("P", "app.papers", "papers"),
        Binding("pagedown", "scroll(1)", "scroll the card", show=False),
        Binding("pageup", "scroll(-1)", "scroll the card", show=False),
        Binding("escape", "step_out", "back to the list", show=False),
    ]

    def compose(self) -> ComposeResult:
        """Search, entries, card."""
        with Horizontal(classes="row"):
            yield Input(placeholder="/ search, or type a formula such as x*sigmoid(x)", compact=True, id="guide-filter")
            yield Static(COUNTS, classes="secondary", id="guide-counts")
        yield EntryList(id="entries")
        yield Problem(id="nothing")
        yield Card(id="card")

    def on_mount(self) -> None:
        """Fill the list."""
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
        problem = ""
        sections = _sections(query)
        if not any(entries for _, entries in sections):
            try:
                sections = [("Typed", [row_of(query)])]
            except Refusal as refusal:
                problem = str(refusal)
        self._entries.show(sections)
        self.query_one(Problem).say(problem)
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
        match self.chosen:
            case GuideRow() as row:
                self.post_message(SentToExplore(row.initializer))
            case Question() as question:
                self._try(question)

    def action_filter(self) -> None:
        """Type to search, or to have an activation computed."""
        self.query_one(Input).focus()

    def action_step_out(self) -> None:
        """Drop the search, and step back to the list."""
        self.query_one(Input).value = ""
        self.focus_first()

    def action_train(self) -> None:
        """Take the row's activation and initializer to Train, or try the question's experiment."""
        match self.chosen:
            case GuideRow() as row:
                self.post_message(SentToTrain(row.initializer, row.activation.name))
            case Question() as question:
                self._try(question)

    def action_signal(self) -> None:
        """Take the row's initializer to Signal, with its activation where that acts on one number."""
        match self.chosen:
            case GuideRow() as row:
                activation = row.activation.name if row.activation.function else None
                self.post_message(SentToSignal(row.initializer, activation))
            case Question() as question:
                self._try(question)

    def _try(self, question: Question) -> None:
        """Start a question's experiment in the pane that it belongs to."""
        if question.experiment:
            self.post_message(ExperimentSent(question.experiment))
        else:
            self.notify(NO_EXPERIMENT, severity="warning")

    def action_copy_line(self) -> None:
        """Copy the row's line of Keras, or the command of the question's experiment."""
        match self.chosen:
            case GuideRow() as row:
                line = keras_code(row)
            case Question() as question if words := experiment_words(question):
                line = words
            case _:
                return
        self.app.copy_to_clipboard(line)
        self.notify(line, title="Copied", markup=False)

    def action_scroll(self, pages: int) -> None:
        """Scroll the card by a page, down or up."""
        self.query_one(Card).scroll_words(pages)


def _sections(query: str) -> list[Section]:
    rows = rows_matching(query)
    return [
        ("Conventions", [row for row in rows if not row.computed]),
        ("Computed", [row for row in rows if row.computed]),
        ("Notes and questions", list(questions_matching(query))),
    ]
