"""Several trainings that are looked at, each by a letter, and what of them is chosen."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from string import ascii_uppercase
from typing import Any, cast

from initterm.experiments.watch.board import WatchBoard
from initterm.experiments.watch.events import WatchEvent
from initterm.store.stored import StoredRun
from initterm.theory.refusal import Refusal, printable
from initterm.tui.messages import OpenedRun

MOST = len(ascii_uppercase)


@dataclass(frozen=True, eq=False)
class WatchedRun:
    """One of them; ``is_live`` while its training goes on, ``problem`` says how it ended otherwise than by its end."""

    letter: str
    run: StoredRun
    board: WatchBoard
    is_live: bool = False
    problem: str = ""

    @classmethod
    def of(cls, letter: str, opened: OpenedRun) -> WatchedRun:
        """A run that was opened."""
        problem = opened.problem or opened.run.header.problem
        return cls(letter, opened.run, cast(WatchBoard, opened.board), opened.is_live, problem)

    @property
    def name(self) -> str:
        """What a person calls it, or else its model."""
        return printable(self.run.label.name or self.board.watched.model)


@dataclass(frozen=True, eq=False)
class WatchedRuns:
    """All that are looked at, and which of them is the chosen one, counted from 0."""

    runs: tuple[WatchedRun, ...]
    chosen: int = 0

    @classmethod
    def of(cls, opened: Sequence[OpenedRun]) -> WatchedRuns:
        """These, called by letters in their order.

        Raises:
            Refusal: they are more than there are letters.
        """
        if len(opened) > MOST:
            raise Refusal(f"At most {MOST} runs are compared at once.")
        return cls(tuple(map(WatchedRun.of, ascii_uppercase, opened)))

    @property
    def one(self) -> WatchedRun:
        """The chosen one."""
        return self.runs[self.chosen]

    @property
    def is_live(self) -> bool:
        """Whether one of them goes on."""
        return any(one.is_live for one in self.runs)

    def after(self, letter: str, events: Iterable[WatchEvent]) -> WatchedRuns:
        """With what one of them has told."""
        board = next(one.board for one in self.runs if one.letter == letter)
        for event in events:
            board = board.after(event)
        return self._with(letter, board=board)

    def ended(self, letter: str, problem: str) -> WatchedRuns:
        """One of them goes on no more."""
        return self._with(letter, is_live=False, problem=problem)

    def turned(self, by: int) -> WatchedRuns:
        """With another one chosen."""
        return replace(self, chosen=(self.chosen + by) % len(self.runs))

    def _with(self, letter: str, **changed: Any) -> WatchedRuns:
        return replace(self, runs=tuple(replace(one, **changed) if one.letter == letter else one for one in self.runs))
