"""All processes that an engine process has started, itself among them: what memory they take, and their end."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass

import psutil

MARK = "INITTERM_SESSION"
"""The environment variable by which processes are known that have left the session; children inherit it."""

ROUNDS = 5
"""How often processes are looked for that were made while others were ended."""


@dataclass(frozen=True)
class Session:
    """Those of an engine process that leads a session of its own; ``mark`` is what ``MARK`` is in its environment."""

    pid: int
    mark: str

    def memory_of_leader(self) -> int:
        """Bytes that the engine process itself has in memory; 0 where it has ended."""
        with contextlib.suppress(psutil.Error):
            return int(psutil.Process(self.pid).memory_info().rss)
        return 0

    def memory_of_others(self) -> int:
        """Bytes that its children, and theirs, have in memory."""
        total = 0
        with contextlib.suppress(psutil.Error):
            for child in psutil.Process(self.pid).children(recursive=True):
                with contextlib.suppress(psutil.Error):
                    total += child.memory_info().rss
        return total

    def end(self) -> None:
        """End the group of the engine process at once, stopped ones too."""
        if self.pid <= 1:  # which would mean every process there is
            return
        with contextlib.suppress(OSError):
            os.killpg(self.pid, signal.SIGKILL)

    def end_strays(self) -> None:
        """End what has left the group, such as a daemon that forked twice."""
        for _ in range(ROUNDS):
            strays = [*self._marked()]
            for stray in strays:
                with contextlib.suppress(psutil.Error):
                    stray.kill()
            if not strays:
                return
            psutil.wait_procs(strays, timeout=0.2)

    def _marked(self) -> Iterator[psutil.Process]:
        """Processes of this mark beside the leader and whoever looks."""
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error, OSError):
                if process.pid in (self.pid, os.getpid()) or process.status() == psutil.STATUS_ZOMBIE:
                    continue
                if process.environ().get(MARK) == self.mark:
                    yield process
