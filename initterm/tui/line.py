"""The line to a terminal: a file that is drawn on, how full it is, and what follows when it is gone."""

from __future__ import annotations

import os
import select
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import inf
from typing import IO

PIECE = 512
"""Characters that are written at once."""

LATELY = 2.0
"""Seconds; a line that was full longer ago may have been empty meanwhile."""


class TerminalLine:
    """The terminal as a file; where it can't be written any more, the app is told that the line is gone.

    ``written`` is called after each writing, in the thread that wrote: how many bytes it took, in how many seconds, for
    the line to be full again since it was full before; zeros where it wasn't, or not lately. ``writings`` counts them.
    """

    def __init__(self, file: IO[str], written: Callable[[int, float], object]) -> None:
        self._file = file
        self._written = written
        self.writings = 0
        self._full_at, self._taken = -inf, 0

    def write(self, text: str) -> int:
        """Write, and wait until all of it is on its way."""
        taken, seconds = 0, 0.0
        with _telling_the_app():
            for start in range(0, len(text), PIECE):
                if not self._has_room(0):
                    more, longer = self._filled()
                    taken, seconds = taken + more, seconds + longer
                    self._has_room(None)
                self._file.write(text[start : start + PIECE])
                self._file.flush()
                self._taken += len(text[start : start + PIECE].encode(errors="replace"))
        self.writings += 1
        self._written(taken, seconds)
        return len(text)

    def _filled(self) -> tuple[int, float]:
        """The line is full: how many bytes it took since it was, and in how many seconds."""
        now = time.monotonic()
        taken, seconds = self._taken, now - self._full_at
        self._taken, self._full_at = 0, now
        return (taken, seconds) if seconds < LATELY else (0, 0.0)

    def flush(self) -> None:
        """Write out what was written."""
        with _telling_the_app():
            self._file.flush()

    def fileno(self) -> int:
        """The descriptor."""
        return self._file.fileno()

    def _has_room(self, patience: float | None) -> bool:
        """Whether anything can be written at once; wait for that so many seconds, None for as long as it takes."""
        try:
            return bool(select.select([], [self._file], [], patience)[1])
        except ValueError:  # too many files are open for it
            return True


@contextmanager
def _telling_the_app() -> Iterator[None]:
    try:
        yield
    except (OSError, ValueError):
        hang_up()


def hang_up() -> None:
    """Tell the app what the kernel tells only those who belong to the terminal."""
    os.kill(os.getpid(), signal.SIGHUP)
