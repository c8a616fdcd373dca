"""The progress of a run on standard error, for the command line."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
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

    Each is shown as it comes, by a bar of the whole run and what is happening. Where standard error is no terminal
    there is a line each so many seconds, none where they are 0. What is to be told beforehand is printed on standard
    output, above the results.
    """
    console = Console(file=sys.stderr)
    columns = TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn()
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bars:
        bar = bars.add_task("starting", total=1.0)
        told = time.monotonic()
        for event in events:
            board = board.after(event)
            bars.update(bar, completed=board.share_done, description=board.doing)
            if line_each and not console.is_terminal and time.monotonic() - told >= line_each:
                told = time.monotonic()
                print(f"{percent(board.share_done):>4}  {board.doing}", file=sys.stderr, flush=True)
            if parts := list(beforehand(event)):
                with _out_of_the_way(bars):
                    Console().print(*parts, sep="\n")
    return board


@contextmanager
def _out_of_the_way(bars: Progress) -> Iterator[None]:
    """Take the bar off the terminal, which standard output may be as well."""
    if bars.disable:
        yield
        return
    bars.stop()
    yield
    bars.start()
