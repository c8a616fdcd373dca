"""An audit in an engine process of its own, which is thrown away afterwards with all that it has started."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Future
from contextlib import closing
from pathlib import Path

from initterm.experiments.audit.choice import Bounds, ModelChoice
from initterm.experiments.audit.events import AuditEvent, AuditFinished, ProofEvent
from initterm.pipe.process import COMMAND, EngineProcess
from initterm.pipe.protocol import Audit, Event, Request
from initterm.pipe.run import Run
from initterm.pipe.state import EngineLost
from initterm.store.keeping import RunStopped
from initterm.theory.numbers import seconds
from initterm.theory.refusal import Refusal

WATCH_SECONDS = 0.1
OTHERS_EACH = 10
"""Each how many times its children are looked for, which takes longer."""

LARGEST_LOG = 2**26
LOG_TAIL = 2**16
OUT_OF_MEMORY = (b"bad_alloc", b"out of memory")
"""What native code says that ends its process for want of memory."""

SPARE_SECONDS = 300.0
"""How long a process waits for an audit before its memory is given back."""

SILENT_SECONDS = 6.0
"""How many seconds of silence are told."""


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


class AuditRun(Run[AuditEvent | ProofEvent]):
    """An audit: a run whose process ends with it.

    Args:
        choice: the model, and with what it is audited.
        bounds: what the audit may take.
        take: gives the process that it runs in.
        keeps: whether it is kept, by whoever iterates it.
        run: the id of the run whose place it takes among those that are kept; empty for a new one.
    """

    def __init__(
        self,
        choice: ModelChoice,
        bounds: Bounds | None = None,
        take: Callable[[], EngineProcess] = thrown_away,
        *,
        keeps: bool = False,
        run: str = "",
    ) -> None:
        bounds = bounds or Bounds()
        self._choice, self._is_kept, self._former = choice, keeps, run
        self._confined = ConfinedEngine(choice.target, bounds, take)
        super().__init__(self._confined, Audit(choice, bounds))

    def __iter__(self) -> Generator[AuditEvent | ProofEvent, None, None]:
        """The audit's events as they come, those of its being kept among them; ends early when it is cancelled.

        Raises:
            Refusal: the model can't be audited as asked, takes more than it may, or ended its process.
            EngineBroken: the engine met a bug.
        """
        if not self._is_kept:
            yield from self._told()
            return
        from initterm.pipe.keeping import kept_anew

        for event in kept_anew(self._until_stopped(), self._choice, self._former):
            self.note(event)
            yield event

    def _until_stopped(self) -> Iterator[AuditEvent | ProofEvent]:
        """The same, with an error at its end where that came early."""
        yield from self._told()
        if self.cancelled:
            raise RunStopped

    def _told(self) -> Generator[AuditEvent | ProofEvent, None, None]:
        try:
            with closing(super().__iter__()) as events:
                for event in events:
                    self._confined.unhurried = self._confined.unhurried or isinstance(event, AuditFinished)
                    yield event
        except EngineLost:
            if not self.cancelled:
                raise Refusal(self._confined.why_it_ended) from None
        except OSError as error:
            raise Refusal(f"No process can be started to audit in: {error.strerror or error}.") from None
        finally:
            self._confined.end()

    @property
    def log(self) -> Path | None:
        """What takes the words of its process; None before it begins."""
        return self._confined.process.log if self._confined.process else None

    @property
    def waiting_for(self) -> str:
        """Why nothing is told, as a sentence; empty where the audit goes on."""
        process = self._confined.process
        if process is None or self.over:
            return ""
        if process.silence >= SILENT_SECONDS:
            return f"The audit's process gives no answer for {seconds(process.silence)}; x ends it."
        return "" if process.ready else "It begins as soon as TensorFlow is there."
