"""A run of a person's own process, followed to its end and kept while it goes, where the person wants that."""

from __future__ import annotations

import warnings
from collections.abc import Generator, Iterator
from contextlib import closing
from typing import Any, cast

from initterm.api.opening import RunBehind
from initterm.api.process import board_at_the_end
from initterm.experiments.message import Message
from initterm.store.events import KeepingEvent, KeepingFailed, RunKept, WritingEnded
from initterm.store.kinds import PASSING, RunAsked, kind_of
from initterm.store.place import keeps_runs
from initterm.store.runs import Runs
from initterm.theory.refusal import Refusal


def is_kept(keep: bool | None) -> bool:
    """Whether a run is kept, by what its call was told, else by what the person has set."""
    return keeps_runs() if keep is None else keep


def run_at_the_end(asked: RunAsked, events: Iterator[Any], command: str = "") -> tuple[Any, RunBehind]:
    """The board after the last of a run's events, and what is known of the run then.

    Args:
        asked: what is run.
        events: what it tells; of one that is kept what is told of that among it.
        command: what repeats it, where no command does.

    Raises:
        Refusal: it can't be run, or somebody who looks on has cancelled it.
    """
    run = _Followed(resumes=not command)
    board: Any = kind_of(asked).board(asked)
    board = board_at_the_end(board, run.own(events))
    if run.id:
        Runs().seen(run.id)
    return board, RunBehind(asked, run.id, tuple(run.told), command)


class _Followed:
    """A run under way: its id where it is kept, and else what it has told that a later event doesn't say."""

    def __init__(self, *, resumes: bool = True) -> None:
        self._resumes = resumes
        self.id = ""
        self.told: list[Message] = []

    def own(self, events: Iterator[Any]) -> Iterator[Any]:
        """The run's own events."""
        with closing(cast(Generator[Any, None, None], events)):
            for event in events:
                if isinstance(event, KeepingEvent):
                    self._hear(event)
                    continue
                if not (self.id or isinstance(event, PASSING)):
                    self.told.append(event)
                yield event

    def _hear(self, event: KeepingEvent) -> None:
        match event:
            case RunKept(run, note):
                self.id = run
                _warn(note)
            case KeepingFailed(sentence):
                _warn(sentence)
            case WritingEnded(state="cancelled"):
                then = f"resume {self.id} goes on" if self._resumes else f"show {self.id} shows what it has told"
                raise Refusal(f"{self.id} was cancelled by somebody who looks on; initterm runs {then}.")


def _warn(sentence: str) -> None:
    if sentence:
        warnings.warn(sentence, stacklevel=2)
