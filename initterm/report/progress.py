"""The progress of a run on standard error, for the command line."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from types import TracebackType
from typing import Any, Generic, Protocol, Self, TypeVar

from rich.console import Console
from rich.progress import BarColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bars


class Board(Protocol):
    """The state of a run, folded from its events."""

    @property
    def share_done(self) -> float:
        """How much of the run is done, from 0 to 1."""

    @property
    def doing(self) -> str:
        """What is happening."""

    def after(self, event: Any) -> Self:
        """The state once an event is taken in."""


SomeBoard = TypeVar("SomeBoard", bound=Board)


class Progress(Generic[SomeBoard]):
    """A bar of the whole run and what is happening; nothing where standard error is no terminal."""

    def __init__(self, board: SomeBoard) -> None:
        console = Console(file=sys.stderr)
        self._board = board
        self._bars = Bars(
            TextColumn("{task.description}"),
            BarColumn(),
            TimeRemainingColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._bar = self._bars.add_task("starting", total=1.0)

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bars.stop()

    def follow(self, events: Iterator[Any]) -> SomeBoard:
        """Show each event as it comes; the board after the last one."""
        for event in events:
            self._board = self._board.after(event)
            self._bars.update(self._bar, completed=self._board.share_done, description=self._board.doing)
        return self._board
