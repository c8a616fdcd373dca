"""Where native code's words go: to a log file, never to the person's terminal."""

from __future__ import annotations

import contextlib
import io
import itertools
import os
import sys
import tempfile
import time
from pathlib import Path

from initterm.report import places

LOGS_KEPT = 10

_count = itertools.count(1)


def new_log(purpose: str = "engine") -> Path:
    """The path of a fresh log file for one engine, called by its purpose; the oldest of that are removed.

    It lies in the user's log directory, or in a fresh temporary one where that can't be written.
    """
    directory = _writable_directory()
    for old in sorted(directory.glob(f"{purpose}-*.log"), key=lambda path: path.name)[: -LOGS_KEPT + 1]:
        with contextlib.suppress(OSError):
            old.unlink()
    return directory / f"{purpose}-{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}-{next(_count)}.log"


def _writable_directory() -> Path:
    wanted = places.log_folder()
    with contextlib.suppress(OSError):
        wanted.mkdir(parents=True, exist_ok=True)
        if os.access(wanted, os.W_OK):
            return wanted
    return Path(tempfile.mkdtemp(prefix="initterm-"))


def divert_native_output(log: Path) -> None:
    """Send file descriptor 2 to the log, and keep ``sys.stderr`` on the terminal.

    TensorFlow's C++ code writes to the descriptor itself, Python's own messages go through ``sys.stderr``.
    """
    terminal = os.dup(2)
    with log.open("ab") as file:
        os.dup2(file.fileno(), 2)
    sys.stderr = io.TextIOWrapper(os.fdopen(terminal, "wb", 0), write_through=True, errors="replace")
