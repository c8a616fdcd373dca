"""Runs that are kept while they go, whatever makes their events."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from typing import Any

from initterm.experiments.message import Message
from initterm.report.runs.outcome import outcome_of
from initterm.store.events import KeepingFailed
from initterm.store.keeping import kept
from initterm.store.kinds import AnyBoard, RunAsked, kind_of
from initterm.store.runs import Runs
from initterm.store.writer import RunWriter


def kept_anew(
    events: Iterator[Message], asked: RunAsked, run: str = "", command: str = ""
) -> Generator[Any, None, None]:
    """A run that is kept from its beginning.

    Args:
        events: the run's.
        asked: what it was asked.
        run: the id of the run whose place it takes; empty for a new one.
        command: what repeats it in Python, where no command does.

    Raises:
        Refusal: another process writes that run.
    """
    kept_as = opened(asked, run, anew=True, command=command)
    if isinstance(kept_as, KeepingFailed):
        yield kept_as
        yield from events
        return
    writer, _, note = kept_as
    board: AnyBoard = kind_of(asked).board(asked)
    yield from kept(events, writer, board, outcome_of, note=note)


def opened(
    asked: RunAsked, run: str, *, anew: bool = False, command: str = ""
) -> tuple[RunWriter, Sequence[Message], str] | KeepingFailed:
    """The writer of a run, what it has told, and what was removed to make room; or why it can't be kept.

    Args:
        asked: what the run is asked.
        run: the id of the one that goes on; empty for a new one.
        anew: it begins once more.
        command: what repeats it in Python, where no command does.

    Raises:
        Refusal: another process writes that run, or it can't be read.
    """
    runs = Runs()
    try:
        if not run:
            writer, note = runs.begun(asked, command)
            return writer, (), note
        found = runs.find(run)
        if not anew:
            found.board()  # which says so where what it told is of no use
        writer, told = runs.resumed(found, asked, anew=anew)
    except OSError as error:
        return KeepingFailed(f"This run isn't kept: {runs.folder} can't be written ({error.strerror or error}).")
    return writer, told, ""
