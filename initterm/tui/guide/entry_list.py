"""The Guide's list: conventions, what is computed, and questions, each entry a line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, TypeAlias

from rich.text import Text
from textual.binding import Binding, BindingType

from initterm.experiments.guide.question import Question
from initterm.experiments.training.experiment import Experiment
from initterm.report.palette import colour_of
from initterm.report.tables import filled
from initterm.theory.guide import GuideRow
from initterm.theory.numbers import with_decimals
from initterm.tui.keys import ROW_OF
from initterm.tui.widgets.section_list import SectionList

GuideEntry: TypeAlias = GuideRow | Question
GuideSection: TypeAlias = tuple[str, Sequence[GuideEntry]]

NAME_WIDTH, USE_WIDTH, GAIN_WIDTH = 15, 30, 8


class EntryList(SectionList[GuideEntry]):
    """Conventions, what is computed, and questions."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding(ROW_OF["open"].key, "select", "explore")]

    def show(self, sections: Sequence[GuideSection]) -> None:
        """Show these entries, the cursor on the first."""
        self.show_sections(
            (_heading(heading, entries), [(entry, _line(entry)) for entry in entries])
            for heading, entries in sections
            if entries
        )


def _heading(heading: str, entries: Sequence[GuideEntry]) -> Text:
    if isinstance(entries[0], Question):
        return Text(heading, style="bold")
    columns = f"{'use':<{USE_WIDTH}}{'gain →':>{GAIN_WIDTH}} {'gain ←':>{GAIN_WIDTH}}  why"
    return Text.assemble((f"{heading:<{NAME_WIDTH}} ", "bold"), (columns, "dim"), no_wrap=True)


def _line(entry: GuideEntry) -> Text:
    return _question_line(entry) if isinstance(entry, Question) else _row_line(entry)


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
    shown = "  t tries it in Train" if isinstance(question.experiment, Experiment) else "  g shows it in Signal"
    where = shown if question.experiment else "  t maps it in Sweep" if question.sweep else ""
    return Text.assemble(question.title, (where, "dim"), no_wrap=True)
