"""A run's events on disk: a file that only grows, a line of JSON each, of which a torn last one is cut off."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import msgspec

from initterm.experiments.message import Message
from initterm.store.files import open_plain

NAME, DAMAGED = "events.jsonl", "events.damaged.jsonl"

LONGEST_LINE = 2**24
"""Bytes; what is longer was not written by this program."""

LONGEST_LAST_LINE = 2**16

CLOSED = -1
"""What stands for the descriptor of a file that is closed."""

encode = msgspec.json.Encoder().encode

Decode = Callable[[bytes], Message]
"""Makes an event of a line, or raises msgspec's error."""


class Journal:
    """The file, open to be appended to.

    Args:
        path: where it is, or will be.

    Raises:
        OSError: it can't be opened.
    """

    def __init__(self, path: Path) -> None:
        self._file = open_plain(path, os.O_RDWR | os.O_CREAT | os.O_APPEND)
        try:
            os.ftruncate(self._file, _whole(self._file))
        except OSError:
            os.close(self._file)
            raise

    def append(self, *events: Message, durable: bool = False) -> None:
        """Write events, whole lines at once; ``durable`` waits until the disk has them.

        Raises:
            OSError: the disk refuses; what was written of the lines is cut off where that can be done.
        """
        lines = memoryview(b"".join(encode(event) + b"\n" for event in events))
        end = os.fstat(self._file).st_size
        try:
            while lines:
                lines = lines[os.write(self._file, lines) :]
            if durable:
                os.fsync(self._file)
        except BaseException:  # whatever comes in between, such as ctrl+c, leaves no half of a line
            with contextlib.suppress(OSError):
                os.ftruncate(self._file, end)
            raise

    def empty(self) -> None:
        """Forget every event.

        Raises:
            OSError: the disk refuses.
        """
        os.ftruncate(self._file, 0)

    def close(self) -> None:
        """Write no more; once is enough."""
        file, self._file = self._file, CLOSED
        if file != CLOSED:
            os.close(file)


def _whole(descriptor: int) -> int:
    """How many bytes of it are whole lines."""
    size = os.fstat(descriptor).st_size
    with os.fdopen(os.dup(descriptor), "rb") as file:
        at = size
        while at > 0:
            start = max(0, at - 2**16)
            file.seek(start)
            found = file.read(at - start).rfind(b"\n")
            if found >= 0:
                return start + found + 1
            at = start
    return 0


def last_line(path: Path) -> bytes:
    """The last whole line; empty where there is none that can be read."""
    with contextlib.suppress(OSError), os.fdopen(open_plain(path), "rb") as file:
        end = _whole(file.fileno())
        file.seek(max(0, end - LONGEST_LAST_LINE))
        return file.read(min(end, LONGEST_LAST_LINE)).rstrip(b"\n").rpartition(b"\n")[2]
    return b""


def set_right(path: Path, decode: Decode) -> None:
    """Make a journal one that can go on: what stands from its first damaged line on is put aside, beside it.

    Raises:
        OSError: it can't be read or written.
    """
    reader, whole = JournalReader(path, decode), 0
    for _ in reader:
        if reader.damaged:
            break
        whole = reader.at
    if reader.damaged:
        with os.fdopen(open_plain(path, os.O_RDWR), "rb+") as file:
            with os.fdopen(open_plain(path.with_name(DAMAGED), os.O_WRONLY | os.O_CREAT | os.O_TRUNC), "wb") as aside:
                file.seek(whole)
                shutil.copyfileobj(file, aside)
                aside.flush()
                os.fsync(aside.fileno())
            file.truncate(whole)


@dataclass
class JournalReader:
    """Reads events as they are appended; ``damaged`` counts the lines that couldn't be read, ``at`` the bytes it read.

    Args:
        path: the file, which may not be there yet.
        decode: makes an event of a line.
    """

    path: Path
    decode: Decode
    damaged: int = field(default=0, init=False)
    at: int = field(default=0, init=False)

    def __iter__(self) -> Iterator[Message]:
        """The events since the last time; a last line that isn't whole waits for the next.

        Raises:
            OSError: the file is there, and can't be read.
        """
        try:
            descriptor = open_plain(self.path)
        except FileNotFoundError:
            return
        with os.fdopen(descriptor, "rb") as file:
            if os.fstat(file.fileno()).st_size < self.at:  # it was cut off, which happens at its end alone
                self.at = os.fstat(file.fileno()).st_size
            file.seek(self.at)
            yield from self._read(file)

    def _read(self, file: BinaryIO) -> Iterator[Message]:
        while line := file.readline(LONGEST_LINE):
            if not line.endswith(b"\n"):
                if len(line) < LONGEST_LINE:
                    return
                self._skip(file)
                continue
            self.at = file.tell()
            try:
                event = self.decode(line)
            except (msgspec.MsgspecError, RecursionError):
                self.damaged += 1
            else:
                yield event

    def _skip(self, file: BinaryIO) -> None:
        """Leave out the rest of a line that has no end."""
        self.damaged += 1
        while (rest := file.readline(LONGEST_LINE)) and not rest.endswith(b"\n"):
            continue
        self.at = file.tell()
