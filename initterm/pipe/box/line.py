"""The line to another machine: one ssh process, as long as it lasts."""

from __future__ import annotations

import contextlib
import os
import secrets
import subprocess
import threading
from pathlib import Path
from typing import IO, cast

from initterm.pipe.another_host import Box
from initterm.pipe.transport import Transport

SSH = ("ssh", "-T", "-o", "ServerAliveInterval=5", "-o", "ServerAliveCountMax=4")
"""A line that is dead ends soon."""

SILENT = ("-o", "BatchMode=yes")
"""It asks for nothing, since the screen is the app's."""

OURS = b'{"id":0,'
"""Begins what is told first; what the files of a shell print there stands before it."""

MOST_BEFORE = 1000
"""Lines that a shell may print."""

PUMP_SECONDS = 0.5

STANDARD_ERROR = 2

OWN_WORDS = b"initterm: "
"""Begins what initterm says there, which whoever opens the line says here."""


class Replies:
    """What comes over the line, from the first line on that is an engine's.

    Args:
        stream: all that comes.
    """

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._begun = False

    def readline(self, size: int) -> bytes:
        """The next line, of so many bytes at most; empty where there are no more."""
        line = self._stream.readline(size)
        for _ in range(0 if self._begun else MOST_BEFORE):
            if not line or line.startswith(OURS):
                break
            line = self._stream.readline(size)
        self._begun = True
        return line

    def close(self) -> None:
        """Take in no more."""
        self._stream.close()


class SshLine(Transport):
    """An ssh process, which asks for passwords on the terminal, or for nothing.

    Args:
        box: the machine.
        log: takes what it says.
        on_terminal: it may ask, and what it says is also said on standard error, until ``quiet``.

    Raises:
        OSError: ssh can't be started.
    """

    def __init__(self, box: Box, log: Path, *, on_terminal: bool = False) -> None:
        self._box = box
        popen = subprocess.Popen(
            (*SSH, *(() if on_terminal else SILENT), "--", box.host, box.engine),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=not on_terminal,  # which else has no terminal to ask on
        )
        super().__init__(popen, secrets.token_hex(8))
        self._quiet = not on_terminal
        self.replies = cast(IO[bytes], Replies(self.replies))
        self._pump = threading.Thread(target=self._hear, args=(cast(IO[bytes], popen.stderr), log), daemon=True)
        self._pump.start()

    def quiet(self) -> None:
        """Say nothing on standard error from now on: the screen is the app's."""
        self._quiet = True

    def end(self) -> None:
        """End it at once; what it started there ends by itself, or goes on where it is kept."""
        with contextlib.suppress(OSError):
            self._popen.kill()

    def wait(self) -> None:
        """Wait for its end, and for its last words."""
        self._popen.wait()
        self._pump.join(PUMP_SECONDS)

    @property
    def how_it_ended(self) -> str:
        """Why, as far as ssh tells, else the status."""
        return self._box.why_failed(self.status) or super().how_it_ended

    def _hear(self, said: IO[bytes], log: Path) -> None:
        with log.open("wb", buffering=0) as kept, said:
            while words := os.read(said.fileno(), 2**14):
                kept.write(words)
                if not self._quiet and not words.startswith(OWN_WORDS):
                    with contextlib.suppress(OSError):
                        os.write(STANDARD_ERROR, words)
