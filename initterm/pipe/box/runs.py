"""Runs that are kept on another machine, asked for over the line; nothing of them is written here."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from initterm.experiments.message import Message
from initterm.pipe import there
from initterm.pipe.protocol import Event
from initterm.pipe.state import EngineBroken, EngineLost, ReadingLost
from initterm.store.events import RunState
from initterm.store.header import Label
from initterm.store.journal import Decode, JournalReader
from initterm.store.runs import Runs
from initterm.store.stored import StoredRun
from initterm.store.wishes import Wishes
from initterm.theory.refusal import Refusal

PAGE = 500
"""Runs that are listed at once."""

CallThere = Callable[[Any], tuple[int, Future[Event]]]
"""Sends a request over the line."""


class RunsOnBox(Runs):
    """The runs of another machine; whatever asks for them waits for the line, so that a thread does.

    Args:
        call: sends a request.
    """

    def __init__(self, call: CallThere) -> None:
        super().__init__(Path())
        self._call = call

    def ask(self, request: there.ShelfRequest | there.SweepThere) -> Any:
        """What answers a request.

        Raises:
            Refusal: it can't be done there.
            ReadingLost: the line is lost.
        """
        try:
            return self._call(request)[1].result()
        except EngineLost as lost:
            raise ReadingLost(str(lost)) from None
        except EngineBroken as bug:
            raise Refusal(str(bug)) from None

    def tell(self, request: there.ShelfRequest) -> None:
        """Have something done, and wait for nothing.

        Raises:
            ReadingLost: the line is lost.
        """
        try:
            self._call(request)
        except EngineLost as lost:
            raise ReadingLost(str(lost)) from None

    def find(self, beginning: str) -> StoredRun:
        """The run whose id begins so; ``last`` is the newest."""
        return self._taken(self.ask(there.FindRun(beginning)))[0]

    def named(self, name: str) -> StoredRun:
        """The same: folders beside those of the runs aren't looked into there."""
        return self.find(name)

    def stored(self, most: int | None = None) -> list[StoredRun]:
        """The runs, the newest first; so many of them, or all."""
        return self._paged(most)

    def unseen(self) -> list[StoredRun]:
        """Runs that are under way, or have ended while nobody looked; the newest first."""
        return self._paged(None, unseen=True)

    def ids(self) -> list[str]:
        """Of all runs, the newest first."""
        return [run.id for run in self.stored()]

    @property
    def changed(self) -> int:
        """A number that is another one when runs were begun, deleted or labelled, or have ended."""
        return int(self.ask(there.LookAtRuns()).number)

    def stand_as(self, changed: int, ids: Sequence[str]) -> bool:
        """Whether they still are those that there were when ``changed`` was this."""
        return changed == self.changed

    def remove(self, run: StoredRun) -> None:
        """Delete a run, with all that is kept of it."""
        self.ask(there.RemoveRun(run.id))

    def seen(self, run: str) -> None:
        """Somebody has seen its end."""
        self.ask(there.SeeRun(run))

    def _paged(self, most: int | None, *, unseen: bool = False) -> list[StoredRun]:
        found: list[StoredRun] = []
        while True:
            left = PAGE if most is None else min(PAGE, most - len(found))
            page = self._taken(self.ask(there.ListRuns(len(found), left, unseen)))
            found += page
            if len(page) < left or len(found) == most:
                return found

    def _taken(self, listed: there.RunsThere) -> list[StoredRun]:
        self.folder = Path(listed.folder)
        return [
            RunOnBox(self.folder / one.header.id, one.header, one.label, self, one.state, one.wishes)
            for one in listed.runs
        ]


@dataclass(frozen=True, eq=False)
class RunOnBox(StoredRun):
    """A run of another machine; ``folder`` is its folder there, ``stood`` how it stood when it was listed."""

    runs: RunsOnBox
    stood: RunState
    wanted: Wishes

    @property
    def state(self) -> RunState:
        """How it stood when it was listed."""
        return self.stood

    @property
    def is_written(self) -> bool:
        """Whether a process that lives writes it."""
        return self.runs.find(self.id).state == "running"

    @property
    def written_at(self) -> int:
        """Nothing: ``changed`` of all runs tells of that."""
        return 0

    @property
    def wishes(self) -> Wishes:
        """What was wanted of whoever writes it when it was listed."""
        return self.wanted

    def want(self, wishes: Wishes) -> None:
        """Want this from now on."""
        self.runs.tell(there.WantOfRun(self.id, wishes))

    def read_again(self) -> StoredRun:
        """As it stands now."""
        return self.runs.find(self.id)

    def reader(self, decode: Decode | None = None) -> JournalReader:
        """Reads its events; ``decode`` makes an event of a line."""
        return ReaderOnBox(self.folder, decode or self.header.kind_row.decoder(), self)

    def labelled(self, **changed: Any) -> StoredRun:
        """With something else said of it, which is written there."""
        label = Label(**{name: changed.get(name, getattr(self.label, name)) for name in Label.__struct_fields__})
        self.runs.ask(there.LabelRun(self.id, label))
        return self.read_again()

    @property
    def size(self) -> int:
        """Bytes of all its files, known when it has ended."""
        return self.header.size


@dataclass
class ReaderOnBox(JournalReader):
    """Reads events as they are appended there."""

    run: RunOnBox

    def __iter__(self) -> Iterator[Message]:
        while (told := self.run.runs.ask(there.ReadRun(self.run.id, self.at))).content:
            for line in told.content.removesuffix(b"\n").split(b"\n"):
                try:
                    event = self.decode(line)
                except (msgspec.MsgspecError, RecursionError):
                    self.damaged += 1
                else:
                    yield event
            self.at = told.at
        self.at = told.at
