"""Who writes a run: one process at a time, known on every machine that sees the folder.

A lock is a file ``lock.N`` that only one can create; the highest N counts. Whoever finds a writer that lives no more
creates the next one, and removes the dead one's; a lock is there with what it says at once, so that nobody takes one
that is just made for a dead one's. Whoever finds another's lock beside the one just created, since a third ended while
both looked, withdraws and tries again. On the writer's own machine its process tells whether it lives, elsewhere its
heartbeat: the time at which the file was last touched, by the clock of the file system.
"""

from __future__ import annotations

import contextlib
import os
import random
import secrets
import socket
import threading
import time
from functools import cache
from pathlib import Path
from typing import Self

import msgspec

from initterm.store.files import read
from initterm.theory.refusal import Refusal

BEAT_SECONDS = 10.0
SILENT_SECONDS = 60.0
"""After how long without a beat a writer on another machine is taken for dead."""

YOUNG_SECONDS = 5.0
"""How long a lock that says nothing may be one that is just being written, where it can't be made in one step."""

WITHDRAWN_SECONDS = 0.02

LARGEST = 4096
SAME_START = 1.0
"""Seconds between two readings of the start of one process."""


class Writer(msgspec.Struct, frozen=True):
    """A process that writes: its machine by name and by what is its own since it was started, its id, its start."""

    host: str
    machine: str
    pid: int
    started: float

    @classmethod
    def of_this_process(cls) -> Self:
        """The one that asks."""
        import psutil

        return cls(socket.gethostname(), _machine(), os.getpid(), psutil.Process().create_time())

    @property
    def is_here(self) -> bool:
        """Whether its processes can be seen from here."""
        return (self.host, self.machine) == (socket.gethostname(), _machine())

    @property
    def lives(self) -> bool:
        """Whether its process is there, where that can be seen."""
        import psutil

        try:
            process = psutil.Process(self.pid)
            same = abs(process.create_time() - self.started) < SAME_START
            return same and process.status() != psutil.STATUS_ZOMBIE
        except psutil.Error:
            return False


@cache
def _machine() -> str:
    """What two machines never have in common, nor one before and after it was started again, nor two containers."""
    with contextlib.suppress(OSError):
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return f"{boot} {Path('/proc/self/ns/pid').readlink()}"
    import psutil

    return str(int(psutil.boot_time()))


class Lock:
    """The right to write into a folder, from ``taken`` to ``release``.

    Raises:
        OSError: its file is gone.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = path.stat().st_ino
        self._released = threading.Event()
        threading.Thread(target=self._beat, daemon=True).start()

    @classmethod
    def taken(cls, folder: Path) -> Lock:
        """The folder's lock, which is this process's now.

        Raises:
            Refusal: another one writes there.
            OSError: the folder can't be written.
        """
        while True:
            latest = _latest(folder)
            writer = _writer(latest) if latest else None
            if latest and _lives(latest, writer):
                who = f"process {writer.pid} on {writer.host}" if writer else "another process"
                raise Refusal(f"{folder.name} is written already, by {who}.")
            path = _next(latest) if latest else folder / "lock.1"
            with contextlib.suppress(FileExistsError):  # somebody was faster: who is it?
                _create(path, msgspec.json.encode(Writer.of_this_process()))
                if _is_alone(path):
                    return cls(path)
                path.unlink(missing_ok=True)
                time.sleep(random.uniform(0, WITHDRAWN_SECONDS))

    @property
    def is_held(self) -> bool:
        """Whether it is still this process's: one that was stopped for long may have been taken for dead."""
        with contextlib.suppress(OSError):
            return self._path.stat().st_ino == self._file
        return False

    def release(self) -> None:
        """Let others write."""
        self._released.set()
        if self.is_held:
            with contextlib.suppress(OSError):
                self._path.unlink()

    def _beat(self) -> None:
        while not self._released.wait(BEAT_SECONDS):
            with contextlib.suppress(OSError):
                os.utime(self._path)


def _is_alone(path: Path) -> bool:
    """Whether no other lock is held; those of the dead are removed then."""
    others = [other for other in _locks(path.parent) if other != path]
    if any(_lives(other, _writer(other)) for other in others):
        return False
    for other in others:
        with contextlib.suppress(OSError):
            other.unlink()
    return path.exists()


def is_written(folder: Path) -> bool:
    """Whether a process that lives writes there."""
    latest = _latest(folder)
    return latest is not None and _lives(latest, _writer(latest))


def writer_of(folder: Path) -> Writer | None:
    """Who writes there, or wrote there last and didn't end as it should; None where nobody can be made out."""
    latest = _latest(folder)
    return _writer(latest) if latest else None


def _create(path: Path, content: bytes) -> None:
    """Make a file that isn't there, with its content in one step where the file system has links.

    Raises:
        FileExistsError: it is there.
        OSError: it can't be made.
    """
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        fresh.write_bytes(content)
        _link(path, fresh, content)
    finally:
        fresh.unlink(missing_ok=True)


def _link(path: Path, fresh: Path, content: bytes) -> None:
    try:
        path.hardlink_to(fresh)
    except FileExistsError:
        raise
    except OSError:
        with path.open("xb") as file:
            file.write(content)


def _locks(folder: Path) -> list[Path]:
    with contextlib.suppress(OSError):
        return [path for path in folder.glob("lock.*") if path.suffix[1:].isdecimal()]
    return []


def _number(path: Path) -> int:
    return int(path.suffix[1:])


def _next(path: Path) -> Path:
    return path.with_name(f"lock.{_number(path) + 1}")


def _latest(folder: Path) -> Path | None:
    return max(_locks(folder), key=_number, default=None)


def _writer(path: Path) -> Writer | None:
    """Who holds this lock; None where nobody can be made out."""
    with contextlib.suppress(OSError, msgspec.MsgspecError, RecursionError):
        return msgspec.json.decode(read(path, LARGEST), type=Writer)
    return None


def _lives(path: Path, writer: Writer | None) -> bool:
    if writer and writer.is_here:
        return writer.lives
    with contextlib.suppress(OSError):
        return _now(path.parent) - path.lstat().st_mtime < (SILENT_SECONDS if writer else YOUNG_SECONDS)
    return False


def _now(folder: Path) -> float:
    """The time by the clock of the folder's file system; this machine's where the folder can't be written."""
    probe = folder / f".now.{os.getpid()}.{threading.get_ident()}"
    try:
        probe.touch()
        try:
            return probe.stat().st_mtime
        finally:
            probe.unlink()
    except OSError:
        return time.time()
