"""The gallery's papers: how far the replication of each has come, which of them run, and all of them as a list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, Literal, cast

from rich.text import Text
from textual.binding import Binding, BindingType
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from initterm.experiments.papers.events import PanelDrawn, PaperEvent
from initterm.experiments.papers.paper import Paper, PaperBoard
from initterm.report.papers.results import verdict_sentence
from initterm.report.tables import clipped, filled
from initterm.theory.numbers import percent, seconds
from initterm.theory.refusal import Refusal
from initterm.theory.wording import counted
from initterm.tui.messages import OpenedRun, StateChanged

ReplicationState = Literal["not run", "running", "cancelled", "failed", "over"]

MARKS: dict[ReplicationState, str] = {"not run": "·", "running": "▸", "cancelled": "×", "failed": "!"}
WAITING, HOLDS, FAILS = "…", "✓", "✗"
INVITATION = "Not run yet: Enter runs it, A runs all of them."


@dataclass(frozen=True, eq=False)
class Replication:
    """What is known of a paper's latest run; ``problem`` is a sentence where that failed.

    ``waiting`` says that another run will take its place, as soon as those before it are over. ``latest`` is the panel
    that has changed last.
    """

    board: PaperBoard
    state: ReplicationState = "not run"
    problem: str = ""
    waiting: bool = False
    latest: int = 0

    @classmethod
    def of_kept(cls, opened: OpenedRun) -> Replication:
        """That of a run that is kept, as it stands."""
        state: ReplicationState = "over"
        match opened.state:
            case "running" | "cancelled" | "failed":
                state = opened.state
            case "interrupted":
                state = "cancelled"
        return cls(cast(PaperBoard, opened.board), state, opened.problem or opened.run.header.problem)

    @property
    def paper(self) -> Paper:
        """What is replicated."""
        return self.board.paper

    @property
    def under_way(self) -> bool:
        """Whether it runs, or will."""
        return self.waiting or self.state == "running"

    def begun(self, data: str, seed: int) -> Replication:
        """A run that begins anew, with these data and this first seed."""
        return Replication(PaperBoard(self.paper.on(data, seed)), "running")

    def after(self, event: PaperEvent) -> Replication:
        """The replication once this event is taken in."""
        latest = event.index if isinstance(event, PanelDrawn) and event.panel.begun else self.latest
        return replace(self, board=self.board.after(event), latest=latest)

    def ended(self, *, cancelled: bool, problem: str) -> Replication:
        """It has ended."""
        state: ReplicationState = "failed" if problem else "cancelled" if cancelled else "over"
        return replace(self, state=state, problem=problem, waiting=False)

    @property
    def mark(self) -> str:
        """One character for its state."""
        if self.waiting or self.state != "over":
            return WAITING if self.waiting else MARKS[self.state]
        return HOLDS if self.board.holds else FAILS

    @property
    def verdict(self) -> str:
        """Its state in two or three words."""
        if self.state == "running":
            return f"running {percent(self.board.share_done)}"
        if self.waiting or self.state != "over":
            return "waiting" if self.waiting else self.state
        holding = sum(one.holds for one in self.board.judged)
        return f"{holding} of {len(self.board.judged)} {_verb('hold', holding)}"

    @property
    def sentence(self) -> str:
        """What is happening, or what came of it."""
        if self.waiting:
            return "Waits for those before it; X takes it out again."
        match self.state:
            case "not run":
                return INVITATION
            case "running":
                return f"{self.board.doing.capitalize()} … {percent(self.board.share_done)}"
            case "cancelled":
                return "Cancelled; Enter runs it again."
            case "failed":
                return ""
            case "over":
                return f"{verdict_sentence(self.board)} {self.board.data}, {seconds(self.board.seconds or 0.0)}."


class ReplicationQueue:
    """A replication for each paper, in the papers' order. One runs at a time; the others wait their turn."""

    def __init__(self, papers: tuple[Paper, ...]) -> None:
        self.replications = [Replication(PaperBoard(paper)) for paper in papers]
        self.running: int | None = None
        self._waiting: list[int] = []

    @property
    def idle(self) -> bool:
        """Whether nothing runs."""
        return self.running is None

    def add(self, index: int) -> None:
        """Let a paper wait for its turn, unless it does or runs."""
        one = self.replications[index]
        if not one.under_way:
            self._waiting.append(index)
            self.replications[index] = replace(one, waiting=True)

    def withdraw(self, index: int) -> None:
        """Let a paper that waits wait no longer."""
        if index in self._waiting:
            self._waiting.remove(index)
            self.replications[index] = replace(self.replications[index], waiting=False)

    def clear(self) -> None:
        """Let none wait any longer."""
        for index in tuple(self._waiting):
            self.withdraw(index)

    def begin_next(self, data: str, seed: int) -> Paper | None:
        """The paper whose turn it is, which from now on runs; None where none waits or one runs."""
        while self._waiting and self.idle:
            index = self._waiting.pop(0)
            try:
                self.replications[index] = self.replications[index].begun(data, seed)
            except Refusal as refusal:
                self.replications[index] = self.replications[index].ended(cancelled=False, problem=str(refusal))
                continue
            self.running = index
            return self.replications[index].paper
        return None

    def show(self, index: int, one: Replication) -> None:
        """Put another run in a paper's place, which is the one that runs where it does; nothing else runs now."""
        self.replications[index] = one
        self.running = index if one.state == "running" else None

    def take(self, event: PaperEvent) -> None:
        """An event of the one that runs."""
        if self.running is not None:
            self.replications[self.running] = self.replications[self.running].after(event)

    def end(self, *, cancelled: bool, problem: str) -> None:
        """The one that runs has ended."""
        if self.running is not None:
            one = self.replications[self.running]
            self.replications[self.running] = one.ended(cancelled=cancelled, problem=problem)
            self.running = None

    @property
    def counts(self) -> str:
        """How many papers there are before one has run; then how many have run, hold and fail."""
        run = [one.board.holds for one in self.replications if one.state == "over"]
        results = (("hold", sum(run)), ("fail", run.count(False)))
        told = (f"{count} {_verb(word, count)}" for word, count in results if count)
        return ", ".join((f"{len(run)} run", *told)) if run else counted("paper", len(self.replications))


def _verb(word: str, count: int) -> str:
    """It as so many do it: one holds, two hold."""
    return word + "s" * (count == 1)


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
