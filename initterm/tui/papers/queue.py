"""All papers of the gallery, and which of them run, one after the other."""

from __future__ import annotations

from dataclasses import replace

from initterm.experiments.papers.board import PaperBoard
from initterm.experiments.papers.events import PaperEvent
from initterm.experiments.papers.paper import Paper
from initterm.theory.refusal import Refusal
from initterm.tui.papers.replication import Replication


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
        """How many papers hold, and how many don't."""
        over = [one for one in self.replications if one.state == "over"]
        holding = sum(one.board.holds for one in over)
        parts = (f"{len(self.replications)} papers", f"{holding} hold", f"{len(over) - holding} fail")
        return " · ".join(parts[: 1 + bool(over) + (holding < len(over))])
