"""The guide's entries as one list: conventions, computed rows, notes and questions, each with a heading."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, TypeAlias

from rich.text import Text
from textual.binding import Binding, BindingType
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from initterm.experiments.guide.questions import Question
from initterm.experiments.training.experiment import Experiment
from initterm.report.palette import colour_of
from initterm.report.tables import filled
from initterm.theory.guide import GuideRow
from initterm.theory.numbers import with_decimals

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
