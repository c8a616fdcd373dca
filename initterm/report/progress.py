"""The progress of a run: on standard error, or in a notebook's output."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, Protocol, Self, TypeVar

from rich.console import Console, RenderableType
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from initterm.theory.numbers import percent


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


Beforehand = Callable[[Any], Iterable[RenderableType]]
"""What is to be printed of an event before the run is over."""


def _nothing(event: Any) -> Iterable[RenderableType]:
    return ()


def followed(
    board: SomeBoard, events: Iterable[Any], beforehand: Beforehand = _nothing, line_each: float = 0.0
) -> SomeBoard:
    """The board after the last of a run's events.

    Each is shown as it comes, by a bar of the whole run and what is happening, in a terminal and in a notebook.
    Elsewhere there is a line on standard error each so many seconds, none where they are 0. What is to be told
    beforehand is printed on standard output, above the results.
    """
    with progress(line_each) as shown:
        for event in events:
            board = board.after(event)
            shown.show(board.share_done, board.doing)
            if parts := list(beforehand(event)):
                with shown.out_of_the_way():
                    Console().print(*parts, sep="\n")
    return board


class ShownProgress(Protocol):
    """Shows how far a run is."""

    def show(self, share: float, doing: str) -> None:
        """This share is done, from 0 to 1, and this is happening."""

    def out_of_the_way(self) -> AbstractContextManager[None]:
        """Room for something else meanwhile."""


@contextmanager
def progress(line_each: float = 0.0) -> Iterator[ShownProgress]:
    """What shows how far something is, where there is somebody to see it, and a line each so many seconds elsewhere."""
    console = Console(file=sys.stderr)
    if console.is_jupyter:
        from initterm.report.notebook import NotebookBar

        bar = NotebookBar()
        try:
            yield bar
        finally:
            bar.clear()
    elif console.is_terminal:
        columns = TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn()
        with Progress(*columns, console=console, transient=True) as bars:
            yield _TerminalBar(bars)
    else:
        yield _Lines(line_each)


class _TerminalBar:
    def __init__(self, bars: Progress) -> None:
        self._bars, self._task = bars, bars.add_task("starting", total=1.0)

    def show(self, share: float, doing: str) -> None:
        self._bars.update(self._task, completed=share, description=doing)

    @contextmanager
    def out_of_the_way(self) -> Iterator[None]:
        """Take the bar off the terminal, which standard output may be as well."""
        self._bars.stop()
        yield
        self._bars.start()


class _Lines:
    """A line now and then, as a log wants it."""

    def __init__(self, each: float) -> None:
        self._each, self._told = each, time.monotonic()

    def show(self, share: float, doing: str) -> None:
        if self._each and time.monotonic() - self._told >= self._each:
            self._told = time.monotonic()
            print(f"{percent(share):>4}  {doing}", file=sys.stderr, flush=True)

    def out_of_the_way(self) -> AbstractContextManager[None]:
        return nullcontext()
