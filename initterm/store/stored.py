"""A run that is kept, opened again: what stands in its folder, read with care, since others may have written it."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path
from typing import Any

import msgspec

from initterm.experiments.message import Message
from initterm.experiments.sweep.board import SweepBoard
from initterm.experiments.training.board import Scoreboard
from initterm.experiments.training.events import Compared, Diagnosed, EpochFinished
from initterm.experiments.training.experiment import Experiment
from initterm.store import journal
from initterm.store.events import KeepingEvent, RunState, WritingEnded
from initterm.store.files import size_of
from initterm.store.header import NAME as HEADER
from initterm.store.header import Header, Label
from initterm.store.journal import JournalReader
from initterm.store.kinds import RunAsked
from initterm.store.lock import is_written
from initterm.store.wishes import Wishes
from initterm.theory.numbers import grouped
from initterm.theory.refusal import Refusal

MOST_TRIALS = 20_000
"""More side by side are of no use to anybody."""

MOST_EVENTS = 50_000
"""Of a paper or of an audit, which tell of hundreds."""


@dataclass(frozen=True, eq=False)
class StoredRun:
    """A run's folder, with what was read of it; ``label`` is what a person says of it."""

    folder: Path
    header: Header
    label: Label

    @classmethod
    def read(cls, folder: Path) -> StoredRun:
        """The run in this folder.

        Raises:
            Refusal: there is none that can be read.
        """
        return cls(folder, Header.read(folder), Label.read(folder))

    @property
    def id(self) -> str:
        """The folder's name."""
        return self.folder.name

    @property
    def state(self) -> RunState:
        """How it stands now: one that says it is running, and has no writer that lives, was interrupted.

        Unless it had ended already, or should have: a writer may die at its very end, or of being stopped.
        """
        if self.header.state != "running":
            return self.header.state
        return "running" if self.is_written else self._left_as()

    def _left_as(self) -> RunState:
        last = journal.last_line(self.folder / journal.NAME)
        with contextlib.suppress(msgspec.MsgspecError):
            return msgspec.json.decode(last, type=WritingEnded).state
        return "cancelled" if Wishes.read(self.folder).cancelled else "interrupted"

    @property
    def asked(self) -> RunAsked:
        """What was asked.

        Raises:
            Refusal: it is nothing that this version knows.
        """
        return self.header.what_was_asked

    @property
    def is_written(self) -> bool:
        """Whether a process that lives writes it."""
        return is_written(self.folder)

    @property
    def written_at(self) -> int:
        """A number that is another one when its header is written anew, such as the time of that; 0 for no header."""
        try:
            return (self.folder / HEADER).stat().st_mtime_ns
        except OSError:
            return 0

    @property
    def wishes(self) -> Wishes:
        """What is wanted of whoever writes it."""
        return Wishes.read(self.folder)

    def want(self, wishes: Wishes) -> None:
        """Want this from now on.

        Raises:
            Refusal: it can't be told.
        """
        wishes.write(self.folder)

    def read_again(self) -> StoredRun:
        """As it stands now.

        Raises:
            Refusal: it can't be read any more.
        """
        return StoredRun.read(self.folder)

    def reader(self, decode: journal.Decode | None = None) -> JournalReader:
        """Reads its events, those that tell of its being kept among them; ``decode`` makes an event of a line."""
        return JournalReader(self.folder / journal.NAME, decode or self.header.kind_row.decoder())

    def told(self) -> tuple[tuple[Message, ...], str]:
        """The run's own events, and a sentence about what of them couldn't be read; empty where all could.

        Raises:
            Refusal: they can't be read at all.
        """
        reader = self.reader()
        events = tuple(_of_the_run(reader, self.id))
        return events, _said_of(reader)

    def board(self) -> tuple[Any, str]:
        """Its board, as the run itself had it, and what is to be said of how it was read.

        Raises:
            Refusal: it can't be read.
        """
        reader = self.reader()
        try:
            board = self._folded(_of_the_run(reader, self.id))
        except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError) as error:
            raise Refusal(f"{self.id}: its events don't fit what was asked ({error}).") from None
        over = self.state in ("cancelled", "interrupted", "failed")
        return board.cancelled() if isinstance(board, Scoreboard) and over else board, _said_of(reader)

    def _folded(self, events: Iterator[Message]) -> Any:
        """The board after these events, of which there are no more than such a run tells.

        Raises:
            ValueError: there are more, or it is a run that no machine runs.
        """
        asked = self.asked
        if isinstance(asked, Experiment) and len(asked.contenders) * asked.seeds > MOST_TRIALS:
            raise Refusal(f"{self.id}: more than {grouped(MOST_TRIALS)} trials aren't opened.")
        board: Any = self.header.kind_row.board(asked)
        for index, event in enumerate(events):
            board = board.after(event)
            if isinstance(board, Scoreboard):
                _refuse_misfit(board, event)
            elif isinstance(board, SweepBoard):
                if board.over > board.sweep.trial_count:
                    raise Refusal("more trials are over than there are")
            elif index >= MOST_EVENTS:
                raise Refusal(f"more than {grouped(MOST_EVENTS)} events")
        return board

    def labelled(self, **changed: Any) -> StoredRun:
        """With something else said of it, which is written.

        Raises:
            Refusal: it can't be written, or is too long.
        """
        label = Label(**{name: changed.get(name, getattr(self.label, name)) for name in Label.__struct_fields__})
        label.write(self.folder)
        return replace(self, label=label)

    @property
    def size(self) -> int:
        """Bytes of all its files; counted where it didn't come to its end."""
        return self.header.size or size_of(self.folder)

    @property
    def seconds(self) -> float | None:
        """How long it took; None as long as it goes on."""
        return self.header.ended - self.header.began if self.header.ended else None


def _said_of(reader: JournalReader) -> str:
    lines = "1 line" if reader.damaged == 1 else f"{grouped(reader.damaged)} lines"
    return f"{lines} of its events can't be read; the rest is shown." if reader.damaged else ""


def _refuse_misfit(board: Scoreboard, event: Message) -> None:
    """Refuse a trial that tells of more epochs than it has, and a comparison of others than take part.

    Raises:
        Refusal: it is one.
    """
    if isinstance(event, Compared):
        contenders = range(len(board.experiment.contenders))
        pairs = [(pair.a, pair.b) for pair in event.comparison.pairs]
        if len(event.comparison.means) != len(contenders) or pairs != [*combinations(contenders, 2)]:
            raise Refusal("others are compared than take part")
    if isinstance(event, EpochFinished | Diagnosed):
        record, epochs = board.records[event.trial], board.experiment.epochs
        if record.epochs_done > epochs or len(record.diagnoses) > epochs + 1:
            raise Refusal(f"trial {event.trial} tells of more than {grouped(epochs)} epochs")


def _of_the_run(reader: JournalReader, run: str) -> Iterator[Message]:
    try:
        yield from (event for event in reader if not isinstance(event, KeepingEvent))
    except OSError as error:
        raise Refusal(f"{run}: its events can't be read ({error.strerror or os.strerror(error.errno or 0)}).") from None
