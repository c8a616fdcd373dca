"""Who writes a run: one process at a time, known on every machine that sees the folder.

A lock is a file ``lock.N`` that only one can create; the highest N counts. Whoever finds a writer that lives no more
creates the next one. On the writer's own machine its process tells whether it lives, elsewhere its heartbeat: the time
at which the file was last touched, by the clock of the file system.
"""

from __future__ import annotations

import contextlib
import os
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
    """The right to write into a folder, from ``taken`` to ``release``."""

    def __init__(self, path: Path) -> None:
        self._path = path
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
            if latest and (writer := _writer(latest)) and _lives(latest, writer):
                raise Refusal(f"It is written already, by process {writer.pid} on {writer.host}.")
            path = folder / f"lock.{_number(latest) + 1 if latest else 1}"
            try:
                descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644)
            except FileExistsError:
                time.sleep(0.01)  # somebody was faster, and may not have said yet who it is
                continue
            with os.fdopen(descriptor, "wb") as file:
                file.write(msgspec.json.encode(Writer.of_this_process()))
            return cls(path)

    def release(self) -> None:
        """Let others write; locks of the dead go too."""
        self._released.set()
        for path in _locks(self._path.parent):
            if _number(path) <= _number(self._path):
                with contextlib.suppress(OSError):
                    path.unlink()

    def _beat(self) -> None:
        while not self._released.wait(BEAT_SECONDS):
            with contextlib.suppress(OSError):
                os.utime(self._path)


def is_written(folder: Path) -> bool:
    """Whether a process that lives writes there."""
    latest = _latest(folder)
    writer = _writer(latest) if latest else None
    return bool(latest and writer and _lives(latest, writer))


def _locks(folder: Path) -> list[Path]:
    with contextlib.suppress(OSError):
        return [path for path in folder.glob("lock.*") if path.suffix[1:].isdecimal()]
    return []


def _number(path: Path) -> int:
    return int(path.suffix[1:])


def _latest(folder: Path) -> Path | None:
    return max(_locks(folder), key=_number, default=None)


def _writer(path: Path) -> Writer | None:
    """Who holds this lock; None where nobody can be made out."""
    for _ in range(3):
        try:
            return msgspec.json.decode(read(path, LARGEST), type=Writer)
        except msgspec.MsgspecError:
            time.sleep(0.02)  # it may just be written
        except OSError:
            return None
    return None


def _lives(path: Path, writer: Writer) -> bool:
    if writer.is_here:
        return writer.lives
    with contextlib.suppress(OSError):
        return _now(path.parent) - path.stat().st_mtime < SILENT_SECONDS
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
