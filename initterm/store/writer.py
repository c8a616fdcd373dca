"""What writes a run into its folder, event by event."""

from __future__ import annotations

import contextlib
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Self

import msgspec

from initterm import __version__
from initterm.experiments.message import Message
from initterm.experiments.sweep.events import TrialFailed, TrialMeasured
from initterm.experiments.training.events import TrialFinished
from initterm.store import journal as journals
from initterm.store import wishes
from initterm.store.events import RunState, WritingBegan, WritingEnded
from initterm.store.files import size_of
from initterm.store.header import Header
from initterm.store.journal import Journal
from initterm.store.kinds import PASSING, RunAsked, facts_of, kind_of, names_of, place_of
from initterm.store.lock import Lock, Writer
from initterm.store.states import FileStates

PASSING_SECONDS = 0.25
"""How far apart in time it is written how far a run is: as often as those look who follow it."""

SYNC_SECONDS = 0.1
"""How far apart in time the disk is waited for, where many small trials are over one after another."""

STATES = "states"
GIT_SECONDS = 2.0


class RunWriter:
    """The one writer of a run's folder, until it is closed.

    Args:
        folder: the run's, which is there.
        header: written at once, and again with what becomes known.

    Raises:
        Refusal: another process writes there.
        OSError: the folder can't be written.
    """

    def __init__(self, folder: Path, header: Header) -> None:
        self.folder = folder
        self._header = header
        self._lock = Lock.taken(folder)
        try:
            wishes.forget(folder)
            journals.set_right(folder / journals.NAME, header.kind_row.decoder())
            self._header.write(folder)
            self._journal = _begun(folder / journals.NAME)
        except OSError:
            self._lock.release()
            raise
        self._pending: dict[tuple[str, int], Message] = {}
        self._passed = self._synced = 0.0
        self._unsynced = False

    @classmethod
    def begun(cls, folder: Path, asked: RunAsked) -> Self:
        """The writer of a new run.

        Raises:
            OSError: the folder can't be written.
        """
        return cls(folder, header_of(folder.name, asked))

    @property
    def id(self) -> str:
        """The run's."""
        return self._header.id

    def states(self, epochs: int) -> FileStates:
        """Where its trials stand, each of which has so many epochs."""
        return FileStates(self.folder / STATES, epochs)

    def begin_anew(self) -> None:
        """Forget what was written.

        Raises:
            OSError: the disk refuses.
        """
        self._journal.empty()
        self._journal.append(WritingBegan(time.time()))

    def append(self, event: Message) -> None:
        """Write an event: at once, or, where a later one will say more, not more often than somebody looks.

        Raises:
            OSError: the disk refuses.
        """
        place = place_of(event)
        if place:
            self._pending[place] = event
            if time.monotonic() - self._passed >= PASSING_SECONDS:
                self._write((), durable=self._unsynced)
                self._passed = time.monotonic()
            return
        self._pending = {at: one for at, one in self._pending.items() if not isinstance(one, PASSING)}
        self._write((event,), durable=self._waits_for_disk(event))
        if facts := facts_of(event):
            self._header = self._header.with_facts(facts)
            self._header.write(self.folder)

    def _waits_for_disk(self, event: Message) -> bool:
        """Whether the disk must have it at once; of trials that are over within moments, the last ones soon."""
        self._unsynced |= isinstance(event, TrialMeasured | TrialFailed)
        due = self._unsynced and time.monotonic() - self._synced >= SYNC_SECONDS
        return due or isinstance(event, TrialFinished)

    def end(self, state: RunState, *, problem: str = "", leader: str = "", outcome: str = "") -> WritingEnded:
        """Write how it ended, and let others write.

        Raises:
            OSError: the disk refuses; others may write all the same.
        """
        ended = WritingEnded(time.time(), state, problem)
        try:
            self._write((ended,), durable=True)
            told = {"state": state, "problem": problem, "leader": leader, "outcome": outcome, "ended": ended.at}
            self._header = self._header.with_facts({**told, "size": size_of(self.folder)})
            self._header.write(self.folder)
        finally:
            self.close()
        return ended

    def close(self) -> None:
        """Write no more, as if the process had died."""
        self._journal.close()
        self._lock.release()

    def _write(self, events: Sequence[Message], *, durable: bool = False) -> None:
        if not self._lock.is_held:
            raise OSError(0, "another process writes it, or it was removed")
        pending, self._pending = self._pending.values(), {}
        self._journal.append(*pending, *events, durable=durable)
        if durable:
            self._unsynced, self._synced = False, time.monotonic()


def _begun(path: Path) -> Journal:
    journal = Journal(path)
    try:
        journal.append(WritingBegan(time.time()))
    except OSError:
        journal.close()
        raise
    return journal


def header_of(run: str, asked: RunAsked, command: str = "") -> Header:
    """What is known of a run before it begins; ``command`` repeats it in Python, where no command does."""
    kind = kind_of(asked)
    return Header(
        id=run,
        kind=kind.name,
        asked=msgspec.Raw(msgspec.json.encode(asked)),
        command=command or kind.command(asked),
        names=names_of(asked),
        settings=dict(kind.settings(asked)),
        initterm=__version__,
        host=Writer.of_this_process().host,
        folder=_working_folder(),
        commit=_commit(),
        began=time.time(),
    )


def _working_folder() -> str:
    with contextlib.suppress(OSError):
        return str(Path.cwd()).encode(errors="replace").decode()
    return ""


def _commit() -> str:
    """Git's, of the working folder; empty where there is none, or no git."""
    with contextlib.suppress(OSError, subprocess.SubprocessError):
        words = ("git", "rev-parse", "HEAD")
        told = subprocess.run(words, capture_output=True, text=True, timeout=GIT_SECONDS, check=True)
        return told.stdout.strip()
    return ""
