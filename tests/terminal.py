"""A real terminal for the real program: a pty, and a screen that understands what is written to it."""

from __future__ import annotations

import os
import re
import sys
import termios
import time
from collections.abc import Mapping, Sequence
from types import TracebackType

import pexpect
import pyte

PATIENCE = 90.0
"""Seconds that are waited at most, beside whatever else a machine does."""

KEPT = 2**22
"""Of how many bytes it is known later what was written."""

ALTERNATE_SCREEN = 1049 << 5
"""As pyte keeps private modes."""

LEFT_ALTERNATE_SCREEN = b"\x1b[?1049l"
CONTROLS = re.compile(rb"\x1b\[[0-9;?<>$]*[a-zA-Z]")

APP_WITHOUT_TENSORFLOW = [
    sys.executable,
    "-c",
    """
from initterm.pipe import client
from initterm.tui import launch
from tests.tui.fakes import FakeEngine

client.Engine = FakeEngine
raise SystemExit(launch.launch())
""",
]
"""The app as it is but for its engine, which answers at once; to be run from the repository's root."""


class _Screen(pyte.Screen):
    """pyte's screen, deaf to the queries and private modes it does not know."""

    def report_device_attributes(self, *_: object, **__: object) -> None:
        pass

    def report_device_status(self, *_: object, **__: object) -> None:
        pass

    def select_graphic_rendition(self, *attributes: int, **modes: bool) -> None:
        if not modes.get("private"):
            super().select_graphic_rendition(*attributes)


class Terminal:
    """Runs a command in a pty of so many columns and lines; close it, or use it as a context."""

    def __init__(
        self,
        command: Sequence[str],
        columns: int = 80,
        lines: int = 24,
        environment: Mapping[str, str] | None = None,
        folder: str | None = None,
        *,
        echo: bool = True,
    ) -> None:
        self.screen = _Screen(columns, lines)
        self._stream = pyte.ByteStream(self.screen)
        self._text: str | None = None
        self.written = bytearray()
        variables = {**os.environ, "TERM": "xterm-256color", "LANG": "C.UTF-8", **(environment or {})}
        for name in ("COLUMNS", "LINES"):
            variables.pop(name, None)
        self.started = time.perf_counter()
        self.child = pexpect.spawn(
            command[0],
            list(command[1:]),
            dimensions=(lines, columns),
            env=variables,
            timeout=None,
            cwd=folder,
            echo=echo,
        )

    def __enter__(self) -> Terminal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.child.close(force=True)

    @property
    def text(self) -> str:
        """What stands on the screen; put together only after something was written, as waiting asks for it often."""
        if self._text is None:
            self._text = "\n".join(line.rstrip() for line in self.screen.display)
        return self._text

    @property
    def last_words(self) -> str:
        """What was written after the app's screen was left; empty where nothing was, or where it wasn't left."""
        _, left, after = bytes(self.written).rpartition(LEFT_ALTERNATE_SCREEN)
        return CONTROLS.sub(b"", after).decode(errors="replace").strip() if left else ""

    @property
    def modes(self) -> list[int]:
        """How the line discipline is set: echo, canonical input and the like."""
        return termios.tcgetattr(self.child.child_fd)[:4]

    @property
    def drawn_over(self) -> bool:
        """Whether the alternate screen is shown, or no cursor."""
        return ALTERNATE_SCREEN in self.screen.mode or self.screen.cursor.hidden

    def type(self, keys: str | bytes) -> None:
        """Type."""
        self.child.send(keys)

    def resize(self, columns: int, lines: int) -> None:
        """Give the window another size."""
        self.screen.resize(lines, columns)
        self._text = None
        self.child.setwinsize(lines, columns)

    def read(self, seconds: float = 0.01) -> None:
        """Take in what the program writes for a while."""
        end = time.perf_counter() + seconds
        while (left := end - time.perf_counter()) > 0:
            try:
                written = self.child.read_nonblocking(65536, timeout=min(left, 0.01))
                self.written += written
                del self.written[:-KEPT]
                self._stream.feed(written)
                self._text = None
            except pexpect.TIMEOUT:
                continue
            except pexpect.EOF:
                return

    def until(self, text: str, patience: float = PATIENCE) -> float:
        """Wait for the text to stand on the screen; seconds since the start."""
        end = time.perf_counter() + patience
        while text not in self.text:
            if time.perf_counter() > end or not self.child.isalive():
                raise AssertionError(f"{text!r} never stood on the screen:\n{self.text}")
            self.read()
        return time.perf_counter() - self.started

    def until_gone(self, text: str, patience: float = PATIENCE) -> None:
        """Wait for the text to leave the screen."""
        end = time.perf_counter() + patience
        while text in self.text:
            if time.perf_counter() > end or not self.child.isalive():
                raise AssertionError(f"{text!r} never left the screen:\n{self.text}")
            self.read()

    def exit_status(self, patience: float = PATIENCE) -> int:
        """Wait for the end; the exit status, 128 + n when signal n ended it."""
        end = time.perf_counter() + patience
        while self.child.isalive():
            if time.perf_counter() > end:
                raise AssertionError(f"the program goes on:\n{self.text}")
            self.read()
        self.read(0.2)
        if self.child.signalstatus is not None:
            return 128 + int(self.child.signalstatus)
        return int(self.child.exitstatus)
