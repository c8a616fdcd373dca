"""All runs that are kept: a folder of folders, the newest of which are named last."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from initterm.experiments.message import Message
from initterm.store.header import Header, Label
from initterm.store.index import Index
from initterm.store.kinds import RunAsked
from initterm.store.lock import Lock, is_written
from initterm.store.place import Keeping, runs_folder
from initterm.store.stored import StoredRun
from initterm.store.writer import RunWriter, header_of
from initterm.theory.numbers import size
from initterm.theory.refusal import Refusal, shown

ID = re.compile(r"\d{8}-\d{6}-[0-9a-f]{4,8}")
LAST = "last"

GOING_ON: dict[str, Any] = {"state": "running", "ended": None, "problem": "", "outcome": "", "leader": "", "size": 0}

GONE, TAKEN_IN = ".gone.", ".import."
"""Begin the names of folders that are being deleted, or aren't a run yet."""

LEFTOVER = re.compile(r"\.(gone|import)\.[\w-]+")
DAY = 86400.0
PARTS = 2**16
"""Of a second, in four hexadecimal digits."""

UNSEEN = "unseen"
"""The folder in it of empty files, one a run whose end nobody has seen yet."""


def new_id() -> str:
    """Of a run that begins now: its time, in UTC, at its end parts of a second, so that ids sort as runs began."""
    now = time.time()
    return f"{time.strftime('%Y%m%d-%H%M%S', time.gmtime(now))}-{int(now % 1 * PARTS):04x}"


class Runs:
    """The runs in a folder.

    Args:
        folder: by default the person's.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or runs_folder()

    def ids(self) -> list[str]:
        """Of all runs, the newest first.

        Raises:
            Refusal: the folder is there, and can't be read.
        """
        try:
            return sorted((path.name for path in self.folder.iterdir() if ID.fullmatch(path.name)), reverse=True)
        except FileNotFoundError:
            return []
        except OSError as error:
            raise Refusal(f"{self.folder} can't be read ({error.strerror}).") from None

    def find(self, beginning: str) -> StoredRun:
        """The run whose id begins so; ``last`` is the newest.

        Raises:
            Refusal: there is none, or there are several; or it can't be read.
        """
        ids = self.ids()
        if not ids:
            raise Refusal(f"No runs are kept in {self.folder} yet; initterm train keeps one.")
        if beginning == LAST:
            return self._newest(ids)
        found = [one for one in ids if beginning and one.startswith(beginning)]
        if not found:
            raise Refusal(f"No run's id begins with '{shown(beginning)}'; initterm runs lists them.")
        if len(found) > 1:
            raise Refusal(f"{len(found)} runs' ids begin with '{shown(beginning)}'; {found[0]} is the newest of them.")
        return StoredRun.read(self.folder / found[0])

    def named(self, name: str) -> StoredRun:
        """The run in a folder anywhere, where a path is named, or else the one whose id begins so.

        Raises:
            Refusal: there is none, or there are several; or it can't be read.
        """
        return StoredRun.read(Path(name).expanduser().absolute()) if os.sep in name else self.find(name)

    def _newest(self, ids: Sequence[str]) -> StoredRun:
        """Of those that can be read; that of the newest is told where none can."""
        for one in ids:
            with contextlib.suppress(Refusal):
                return StoredRun.read(self.folder / one)
        return StoredRun.read(self.folder / ids[0])

    def begun(self, asked: RunAsked, command: str = "") -> tuple[RunWriter, str]:
        """The writer of a new run, and a sentence about what was removed to make room for it.

        Args:
            asked: what is run.
            command: what repeats it in Python, where no command does.

        Raises:
            OSError: nothing can be written there.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        self._clear()
        note = self._make_room()
        while True:
            folder = self.folder / new_id()
            with contextlib.suppress(FileExistsError):
                folder.mkdir()
                break
        try:
            writer = RunWriter(folder, header_of(folder.name, asked, command))
        except OSError:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        self._mark(writer.id)
        return writer, note

    def resumed(
        self, run: StoredRun, asked: RunAsked | None = None, *, anew: bool = False
    ) -> tuple[RunWriter, Sequence[Message]]:
        """The writer of a run that goes on, and what it told until now.

        What stands behind a line of its events that is damaged is put aside, and done again.

        Args:
            run: which.
            asked: what it is asked now, such as the same with more seeds; None for what it was asked before.
            anew: it begins once more, and what it told is forgotten.

        Raises:
            Refusal: another process writes it; or it can't be read.
            OSError: it can't be written.
        """
        writer = self.reopened(run, asked)
        try:
            if not anew:
                return writer, run.told()[0]
            writer.begin_anew()
        except (Refusal, OSError):
            writer.close()
            raise
        return writer, ()

    def reopened(self, run: StoredRun, asked: RunAsked | None = None) -> RunWriter:
        """The writer of a run that goes on, of which nothing is read; see ``resumed``.

        Raises:
            Refusal: another process writes it; or it can't be read.
            OSError: it can't be written.
        """
        header = Header.read(run.folder)
        if asked is not None:
            fresh = header_of(run.id, asked)
            renewed = {name: getattr(fresh, name) for name in ("asked", "command", "names", "settings")}
            header = msgspec.structs.replace(header, **renewed)
        writer = RunWriter(run.folder, msgspec.structs.replace(header, **GOING_ON))
        self._mark(run.id)
        return writer

    def remove(self, run: StoredRun) -> None:
        """Delete a run, with all that is kept of it.

        Raises:
            Refusal: it is under way, or can't be deleted.
        """
        try:
            lock = Lock.taken(run.folder)
        except Refusal:
            raise Refusal(f"{run.id} is under way; cancel it first.") from None
        except OSError as error:
            raise Refusal(f"{run.id} can't be deleted ({error.strerror}).") from None
        gone = self.folder / f"{GONE}{run.id}"
        try:
            run.folder.rename(gone)  # at once for whoever lists them
        except OSError as error:
            lock.release()
            raise Refusal(f"{run.id} can't be deleted ({error.strerror}).") from None
        lock.release()
        shutil.rmtree(gone, ignore_errors=True)
        self.seen(run.id)

    def rows(self) -> list[tuple[Header, Label]]:
        """What is known of every run, the newest first; those that can't be read are left out."""
        return Index(self.folder).rows(self.ids())

    def newest(self, most: int) -> list[tuple[Header, Label]]:
        """The same of the newest so many, read one by one.

        Raises:
            Refusal: the folder is there, and can't be read.
        """
        found = []
        for run in self.ids()[:most]:
            with contextlib.suppress(Refusal):
                found.append((Header.read(self.folder / run), Label.read(self.folder / run)))
        return found

    def stored(self, most: int | None = None) -> list[StoredRun]:
        """The same as runs; the newest so many, or all.

        Raises:
            Refusal: the folder is there, and can't be read.
        """
        rows = self.rows() if most is None else self.newest(most)
        return [StoredRun(self.folder / header.id, header, label) for header, label in rows]

    @property
    def changed(self) -> int:
        """A number that is another one when runs were begun or deleted, such as when the folder changed last."""
        try:
            return self.folder.stat().st_mtime_ns
        except OSError:
            return 0

    def stand_as(self, changed: int, ids: Sequence[str]) -> bool:
        """Whether they still are those that there were when ``changed`` was this.

        Raises:
            Refusal: the folder is there, and can't be read.
        """
        return changed == self.changed or list(ids) == self.ids()

    # Those whose end nobody has seen

    def unseen(self) -> list[StoredRun]:
        """Runs that are under way, or have ended while nobody looked; the newest first."""
        found = []
        with contextlib.suppress(OSError):
            for path in sorted((self.folder / UNSEEN).iterdir(), reverse=True):
                with contextlib.suppress(Refusal):
                    found.append(StoredRun.read(self.folder / path.name))
        return found

    def seen(self, run: str) -> None:
        """Somebody has seen its end."""
        with contextlib.suppress(OSError):
            (self.folder / UNSEEN / run).unlink()

    def _mark(self, run: str) -> None:
        with contextlib.suppress(OSError):
            (self.folder / UNSEEN).mkdir(exist_ok=True)
            (self.folder / UNSEEN / run).touch()

    # Room

    def _clear(self) -> None:
        """Remove what a process left behind that ended while it took a run in, or deleted one."""
        for path in self.folder.glob(".*"):
            if LEFTOVER.fullmatch(path.name):
                with contextlib.suppress(OSError):
                    if time.time() - path.lstat().st_mtime > DAY:
                        shutil.rmtree(path, ignore_errors=True)

    def _make_room(self) -> str:
        """Remove the oldest runs that aren't pinned, as long as all together are too large; a sentence about it."""
        limit = Keeping.of(self.folder).limit
        try:
            runs = self.stored()
        except Refusal:  # a folder that can be written, and not be listed
            return ""
        total, removed = sum(run.size for run in runs), 0
        for run in reversed(runs):
            if total <= limit:
                break
            if not run.label.pinned and not is_written(run.folder):
                with contextlib.suppress(Refusal):
                    taken = run.size
                    self.remove(run)
                    total, removed = total - taken, removed + 1
        what = "The oldest run was" if removed == 1 else f"The {removed} oldest runs were"
        return f"{what} removed: runs may take {size(limit)}, those that are pinned stay." if removed else ""
