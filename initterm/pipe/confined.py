"""An engine process of its own for a person's code, watched, and thrown away with all that it has started."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from concurrent.futures import Future, wait

from initterm.experiments.limits import Limits
from initterm.pipe.process import COMMAND, EngineProcess
from initterm.pipe.protocol import Broken, Event, Request, Stop
from initterm.pipe.state import EngineLost

WATCH_SECONDS = 0.1
OTHERS_EACH = 10
"""Each how many times its children are looked for, which takes longer."""

LARGEST_LOG = 2**26
OUT_OF_MEMORY = (b"bad_alloc", b"out of memory")
"""What native code says that ends its process for want of memory."""

SPARE_SECONDS = 300.0
"""How long a process waits for a run before its memory is given back."""

STOP_SECONDS = 1.0
"""How long a process may take to stop a run that is kept before it is ended."""


class ConfinedEngine:
    """What a run of a person's code asks: a process that is watched from its first moment and thrown away at its end.

    ``process`` is there as soon as it is made ready; ``unhurried`` is set where its time isn't bounded any more.

    Args:
        target: the model, as sentences call it.
        bounds: what the process may take.
        take: gives the process.
        done: what is done to the model, such as ``audited``.
        softly: a run that is ended is first asked to stop, so that what is kept of it is whole.
    """

    def __init__(
        self, target: str, bounds: Limits, take: Callable[[], EngineProcess], done: str, *, softly: bool = False
    ) -> None:
        self._target, self._done = target, done
        self._bounds = bounds
        self._take = take
        self._softly = softly
        self._stopped: Future[Event] | None = None
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
        """End the process, which serves nothing else; one that stops softly is ended by ``end``."""
        if self.process and self.process.ready and self._softly:
            with contextlib.suppress(EngineLost):
                _, self._stopped = self.process.call(Stop(run))
        elif self.process:
            self.process.kill()

    def end(self) -> None:
        """End the process, and wait until it has ended."""
        if self.process:
            if self._stopped:
                wait([self._stopped], STOP_SECONDS)
            self.process.kill()
            self.process.wait(1)

    def leave(self) -> None:
        """Let the process finish what is kept, and then end by itself."""
        process, self.process = self.process, None
        if process:
            process.fail(EngineLost("The app is closing."))
            process.leave()

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
        """The sentence about a process that has ended before its run."""
        process, target = self.process, self._target
        if self._exceeded or process is None:
            return self._exceeded
        if process.child.out_of_time:
            return self._bounds.too_much_time(target)
        if any(words in process.log_tail.lower() for words in OUT_OF_MEMORY):
            return self._bounds.too_much_memory(target)
        if isinstance(process.greeting, Broken):
            return process.greeting.sentence
        ended = f"{target} ended the process that it was {self._done} in"
        what = ended if process.ready else "TensorFlow can't be loaded"
        return f"{what} ({process.how_it_ended}); what it printed is in {process.log}."


def thrown_away(command: tuple[str, ...] = COMMAND) -> EngineProcess:
    """A fresh process for one run.

    Raises:
        OSError: it can't be started.
    """
    return EngineProcess(command=command, purpose="model", thrown_away=True)


class Spare:
    """A process that waits for the next run, which needn't wait for TensorFlow then. Safe to use from any thread."""

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
