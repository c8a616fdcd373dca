"""Engine processes for one audit each, of which one may wait for the next."""

from __future__ import annotations

import contextlib
import threading

from initterm.pipe.process import COMMAND, EngineProcess

SPARE_SECONDS = 300.0
"""How long a process waits for an audit before its memory is given back."""


def thrown_away(command: tuple[str, ...] = COMMAND) -> EngineProcess:
    """A fresh process for one audit.

    Raises:
        OSError: it can't be started.
    """
    return EngineProcess(command=command, purpose="audit", thrown_away=True)


class Spare:
    """A process that waits for the next audit, which needn't wait for TensorFlow then. Safe to use from any thread."""

    def __init__(self, command: tuple[str, ...] = COMMAND) -> None:
        self._command = command
        self._lock = threading.Lock()
        self._process: EngineProcess | None = None
        self._timer: threading.Timer | None = None

    def prepare(self) -> None:
        """Have one for ``SPARE_SECONDS`` from now on; that there is none is no fault yet."""
        with self._lock, contextlib.suppress(OSError):
            if self._process is None or self._process.ended:
                self._process = thrown_away(self._command)
            self._keep()

    def take(self) -> EngineProcess:
        """The one that waits, or a fresh one.

        Raises:
            OSError: none can be started.
        """
        process = self._taken()
        return process if process and not process.ended else thrown_away(self._command)

    def end(self) -> None:
        """End it, where there is one."""
        if process := self._taken():
            process.kill()

    def _taken(self) -> EngineProcess | None:
        with self._lock:
            process, self._process = self._process, None
            if self._timer:
                self._timer.cancel()
            return process

    def _keep(self) -> None:
        if self._timer:
            self._timer.cancel()
        self._timer = threading.Timer(SPARE_SECONDS, self.end)
        self._timer.daemon = True
        self._timer.start()
