"""Guide: look up which initializer suits an activation, and why; what people ask; and what shows it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, ScrollableContainer, VerticalScroll
from textual.reactive import reactive
from textual.widgets import Input, OptionList, Static

from initterm.experiments.command import command_name
from initterm.experiments.guide.question import Question
from initterm.experiments.guide.questions import QUESTIONS, questions_matching
from initterm.experiments.sweep.sweep import Sweep
from initterm.report.guide.results import experiment_words, keras_code, question_card, row_card
from initterm.theory.activation import Activation
from initterm.theory.guide import CONVENTIONS, ROWS, GuideRow, rows_matching, rows_of
from initterm.theory.initializers import other_name
from initterm.theory.quadrature import normal_density
from initterm.tui.guide.entry_list import EntryList, GuideEntry, GuideSection
from initterm.tui.keys import bindings
from initterm.tui.messages import Proposal, Sent
from initterm.tui.pane import Pane
from initterm.tui.remembered import Memory
from initterm.tui.widgets.drawing import Bars, Curve, Drawing, Range
from initterm.tui.widgets.plot import Plot
from initterm.tui.widgets.sentence import Problem

REACH, POINTS, BINS = 3.0, 121, 36
FUNCTION_COLOUR, SLOPE_COLOUR, NORMAL_COLOUR = "#5aa9ff", "#ff9f43", "#3a4048"
NORMAL_HEIGHT = 0.6
"""How much of the plot's height the density of the unit normal takes; it has no scale of its own."""


class Card(Horizontal):
    """What the guide knows of one entry; empty for None."""

    entry: reactive[GuideEntry | None] = reactive(None, init=False)

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self._plot = Plot(id="phi")
        self._told = Static(id="card-text", markup=False)
        self.words = VerticalScroll(self._told, id="card-words", can_focus=False)

    def compose(self) -> ComposeResult:
        yield self._plot
        yield self.words

    def watch_entry(self, entry: GuideEntry | None) -> None:
        words = "" if entry is None else question_card(entry) if isinstance(entry, Question) else row_card(entry)
        self._told.update(words)
        self.words.scroll_home(animate=False)
        activation = None if entry is None or isinstance(entry, Question) else entry.activation
        self._plot.display = activation is not None and activation.function is not None
        if activation and activation.function:
            self._plot.drawing = activation_drawing(activation)


def activation_drawing(activation: Activation) -> Drawing:
    """φ solid and φ′ dashed over three standard deviations, the density of z ~ N(0, 1) behind them."""
    z = np.linspace(-REACH, REACH, POINTS)
    values = [function(z) if function else z for function in (activation.function, activation.derivative)]
    drawn = [np.clip(value, -2 * REACH, 2 * REACH) for value in values]
    low, high = min(float(value.min()) for value in drawn), max(float(value.max()) for value in drawn)
    return Drawing(
        "φ ─  φ′ ╌  N(0, 1) ▇",
        tuple(
            Curve(z.tolist(), value.tolist(), colour, dashed)
            for value, colour, dashed in zip(drawn, (FUNCTION_COLOUR, SLOPE_COLOUR), (False, True), strict=True)
        ),
        _normal_bars((low, high)),
        x_range=(-REACH, REACH),
        y_range=(low, high),
    )


def _normal_bars(y_range: Range) -> Bars:
    edges = np.linspace(-REACH, REACH, BINS + 1)
    density = normal_density((edges[:-1] + edges[1:]) / 2)
    heights = density / density.max() * NORMAL_HEIGHT * (y_range[1] - y_range[0])
    return Bars(edges.tolist(), heights.tolist(), NORMAL_COLOUR)


COUNTS = f"{len(CONVENTIONS)} conventions, {len(ROWS) - len(CONVENTIONS)} computed, {len(QUESTIONS)} questions"
NO_EXPERIMENT = "Nothing to try here; choose an activation, or a question that has an experiment."


@dataclass(frozen=True)
class KeptEntry:
    """What is kept from start to start: what is searched for, and the title of the chosen entry."""

    search: str
    entry: str


def _title(entry: GuideEntry) -> str:
    """What tells an entry from all others."""
    if isinstance(entry, Question):
        return entry.title
    return f"{entry.activation.title}, computed" if entry.computed else entry.activation.title


class GuidePane(Pane):
    """The search, the entries it finds, and the card of the chosen one."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(
        "find train signal copy_line",
        find="find",
        train="to Train",
        signal="to Signal",
        copy_line="copy",
        page_down="",
        page_up="",
        step_out="",
    )
    find_field = "guide-filter"

    def compose(self) -> ComposeResult:
        with Horizontal(classes="row"):
            yield Input(placeholder="/ search, or type a formula such as x*sigmoid(x)", compact=True, id="guide-filter")
            yield Static(COUNTS, classes="secondary", id="guide-counts")
        yield EntryList(id="entries")
        yield Problem(id="problem")
        yield Card(id="card")

    def recall(self, memory: Memory) -> None:
        """Begin with the search and the entry that were kept."""
        self._kept = memory.value("guide", KeptEntry)

    def on_mount(self) -> None:
        kept: KeptEntry | None = self._kept
        self._show(kept.search if kept else "")
        if kept:
            with self.prevent(Input.Changed):
                self.query_one(Input).value = kept.search
            self._entries.go_to(lambda entry: _title(entry) == kept.entry)

    def focus_first(self) -> None:
        """Put the focus on the list."""
        self._entries.focus()

    def take(self, value: str) -> None:
        """Look something up."""
        self.query_one(Input).value = value

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
                sections = [("Typed", rows_of(query))]
        self._entries.show(sections)
        self._tell()

    def _tell(self) -> None:
        """Tell what is known of the chosen entry, and keep which it is."""
        self.query_one(Card).entry = chosen = self.chosen
        if chosen:
            self.keep(KeptEntry(self.query_one(Input).value, _title(chosen)))

    @on(Input.Changed)
    def _filter_changed(self, event: Input.Changed) -> None:
        event.stop()
        self._show(event.value)

    @on(Input.Submitted)
    def _filter_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        if said := other_name(event.value):
            self.notify(said, markup=False)
        if self.chosen:
            self.focus_first()

    @on(OptionList.OptionHighlighted)
    def _entry_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        self._tell()

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
            case Question(sweep=text) if text:
                self.post_message(Sent("sweep", Sweep.parse(text)))
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


def _sections(query: str) -> list[GuideSection]:
    rows = rows_matching(query)
    return [
        ("Conventions", [row for row in rows if not row.computed]),
        ("Computed", [row for row in rows if row.computed]),
        ("Notes and questions", list(questions_matching(query))),
    ]
