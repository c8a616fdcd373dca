"""The guide's entries as one list, each section with a heading; and the card of the chosen one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, TypeAlias

import numpy as np
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.reactive import reactive
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from initterm.experiments.guide.questions import Question
from initterm.experiments.training.experiment import Experiment
from initterm.report.guide.results import question_card, row_card
from initterm.report.palette import colour_of
from initterm.report.tables import filled
from initterm.theory.activation import Activation
from initterm.theory.guide import GuideRow
from initterm.theory.numbers import with_decimals
from initterm.theory.quadrature import normal_density
from initterm.tui.widgets.drawing import Bars, Curve, Drawing, Range
from initterm.tui.widgets.plot import Plot

GuideEntry: TypeAlias = GuideRow | Question
Section: TypeAlias = tuple[str, Sequence[GuideEntry]]

NAME_WIDTH, USE_WIDTH, GAIN_WIDTH = 15, 30, 8


class EntryList(OptionList):
    """The entries under their headings, which the cursor passes over."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "select", "explore")]

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id, compact=True, markup=False)
        self._entries: list[GuideEntry | None] = []

    @property
    def chosen(self) -> GuideEntry | None:
        """The entry under the cursor."""
        at = self.highlighted
        return self._entries[at] if at is not None and at < len(self._entries) else None

    def show(self, sections: Sequence[Section]) -> None:
        """Show these entries, the cursor on the first; a section without any has no heading."""
        self._entries, options = [], []
        for heading, entries in sections:
            if entries:
                self._entries += [None, *entries]
                options += [Option(_heading(heading, entries), disabled=True), *map(_option, entries)]
        self.clear_options()
        self.add_options(options)
        self.highlighted = 1 if options else None


def _heading(heading: str, entries: Sequence[GuideEntry]) -> Text:
    if isinstance(entries[0], Question):
        return Text(heading, style="bold")
    columns = f"{'use':<{USE_WIDTH}}{'gain →':>{GAIN_WIDTH}} {'gain ←':>{GAIN_WIDTH}}  why"
    return Text.assemble((f"{heading:<{NAME_WIDTH}} ", "bold"), (columns, "dim"), no_wrap=True)


def _option(entry: GuideEntry) -> Option:
    return Option(_question_line(entry) if isinstance(entry, Question) else _row_line(entry))


def _row_line(row: GuideRow) -> Text:
    """A line of the table; what is computed for one row alone takes no colour from those that are compared."""
    gains = [with_decimals(gain, 5) for gain in (row.activation.gain_forward, row.activation.gain_backward)]
    return Text.assemble(
        (f"{filled(row.activation.title, NAME_WIDTH)} ", "bold"),
        (f"{row.initializer!s:<{USE_WIDTH}}", "" if row.computed else colour_of(row.initializer)),
        f"{gains[0]:>{GAIN_WIDTH}} {gains[1]:>{GAIN_WIDTH}}  ",
        (row.reason, "dim"),
        no_wrap=True,
    )


def _question_line(question: Question) -> Text:
    where = ""
    if question.experiment:
        where = "  t tries it in Train" if isinstance(question.experiment, Experiment) else "  g shows it in Signal"
    return Text.assemble(question.title, (where, "dim"), no_wrap=True)


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
