"""An engine process for one audit, which is ended when it takes more than it may."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from concurrent.futures import Future

from initterm.experiments.audit.choice import Bounds
from initterm.pipe.errors import EngineLost
from initterm.pipe.process import EngineProcess
from initterm.pipe.protocol import Event, Request

WATCH_SECONDS = 0.1
OTHERS_EACH = 10
"""Each how many times its children are looked for, which takes longer."""

LARGEST_LOG = 2**26
LOG_TAIL = 2**16
OUT_OF_MEMORY = (b"bad_alloc", b"out of memory")
"""What native code says that ends its process for want of memory."""


class ConfinedEngine:
    """What an audit asks: a process that is watched from its first moment and thrown away at its end.

    ``process`` is there as soon as it is made ready; ``unhurried`` is set where its time isn't bounded any more.

    Args:
        target: the model, as sentences call it.
        bounds: what the process may take.
        take: gives the process.
    """

    def __init__(self, target: str, bounds: Bounds, take: Callable[[], EngineProcess]) -> None:
        self._target = target
        self._bounds = bounds
        self._take = take
        self._exceeded = ""
        self.process: EngineProcess | None = None
        self.unhurried = False

    def make_ready(self) -> None:
        """Take the process, and watch it.

        Raises:
            OSError: none can be started.
        """
        self.process = process = self._take()
        threading.Thread(target=self._watch, args=(process,), daemon=True).start()

    def call(self, request: Request) -> tuple[int, Future[Event]]:
        """Send a request; its id, and the future of its answer.

        Raises:
            EngineLost: there is no process to send it to.
        """
        if self.process is None:
            raise EngineLost("There is no engine.")
        return self.process.call(request)

    def stop(self, run: int) -> None:
        """End the process, which serves nothing else."""
        if self.process:
            self.process.kill()

    def end(self) -> None:
        """End the process, and wait until it has ended."""
        if self.process:
            self.process.kill()
            self.process.wait(1)

    def _watch(self, process: EngineProcess) -> None:
        """End the process when it has taken more than it may. Time is counted by ticks, so that none passes while
        whoever watches is stopped."""
        ticks, loading, others = 0, True, 0
        while not process.wait(WATCH_SECONDS):
            if loading and process.ready:
                ticks, loading = 0, False
            if ticks % OTHERS_EACH == 0:
                others = process.child.session.memory_of_others()
            ticks += 1
            seconds = 0 if self.unhurried else ticks * WATCH_SECONDS
            if exceeded := self._beyond(process, seconds, process.child.session.memory_of_leader() + others):
                self._exceeded = exceeded
                process.kill()
                return

    def _beyond(self, process: EngineProcess, seconds: float, memory: int) -> str:
        """The sentence about what was exceeded; empty where nothing was."""
        if memory > self._bounds.memory:
            return self._bounds.too_much_memory(self._target)
        if seconds > self._bounds.seconds:
            return self._bounds.too_much_time(self._target)
        with contextlib.suppress(OSError):
            if process.log.stat().st_size > LARGEST_LOG:
                return f"{self._target} prints without end; what it printed is in {process.log}."
        return ""

    @property
    def why_it_ended(self) -> str:
        """The sentence about a process that has ended before its audit."""
        process, target = self.process, self._target
        if self._exceeded or process is None:
            return self._exceeded
        if process.child.out_of_time:
            return self._bounds.too_much_time(target)
        if any(words in _tail_of(process) for words in OUT_OF_MEMORY):
            return self._bounds.too_much_memory(target)
        what = f"{target} ended the process that it was audited in" if process.ready else "TensorFlow can't be loaded"
        return f"{what} ({process.child.how_it_ended}); what it printed is in {process.log}."


def _tail_of(process: EngineProcess) -> bytes:
    """The last that it printed, in lower case."""
    with contextlib.suppress(OSError), process.log.open("rb") as log:
        log.seek(max(0, process.log.stat().st_size - LOG_TAIL))
        return log.read().lower()
    return b""
