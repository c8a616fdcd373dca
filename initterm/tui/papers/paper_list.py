"""The papers as a list, a line each or two, with what came of them so far."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.text import Text
from textual.binding import Binding, BindingType
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from initterm.report.tables import clipped, filled
from initterm.tui.frozen import StateChanged
from initterm.tui.papers.replication import Replication

NAME_WIDTH, VERDICT_WIDTH = 15, 12
LEAST_WIDTH_OF_ONE_LINE = 60
STYLES = {"✓": "green", "✗": "bold red", "!": "bold red", "▸": "bold"}


class PaperList(OptionList):
    """One is chosen with the cursor."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "select", "run it")]

    class Resized(StateChanged):
        """The list is of another width."""

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id, compact=True, markup=False)
        self._under_way: list[bool] = []
        self._width = 0

    @property
    def chosen(self) -> int:
        """Which is under the cursor, from 0."""
        return self.highlighted or 0

    def show(self, replications: Sequence[Replication]) -> None:
        """Show these in their order; the cursor stays, and stays in sight where rows take more lines than before."""
        self._under_way = [one.under_way for one in replications]
        width = max(self.size.width - 2, VERDICT_WIDTH)
        if width != self._width:
            self._width = width
            self.call_after_refresh(self.scroll_to_highlight)
        rows = [_row(one, width) for one in replications]
        if self.option_count != len(rows):
            self.clear_options()
            self.add_options([Option(row) for row in rows])
            self.highlighted = 0
            return
        for index, row in enumerate(rows):
            if self.get_option_at_index(index).prompt != row:
                self.replace_option_prompt_at_index(index, row)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool:
        return action != "select" or not any(self._under_way[self.chosen : self.chosen + 1])

    def on_resize(self) -> None:
        self.post_message(self.Resized())


def _row(one: Replication, width: int) -> Text:
    """Mark, name, year, title and verdict; where there is little room the title in a line of its own."""
    paper, name = one.paper, f"{one.paper.name:<{NAME_WIDTH}}"
    style = STYLES.get(one.mark, "dim")
    head = Text.assemble((f"{one.mark} ", style), (name, "bold"), f"{paper.year}  ", no_wrap=True)
    room = width - head.cell_len
    verdict = Text(one.verdict, style)
    if width >= LEAST_WIDTH_OF_ONE_LINE:
        title = clipped(paper.title, room - VERDICT_WIDTH - 2)
        return head.append(filled(title, room - VERDICT_WIDTH)).append(f"{one.verdict:>{VERDICT_WIDTH}}", style)
    return head.append_text(verdict).append(f"\n  {clipped(paper.title, width - 2)}", "dim")
