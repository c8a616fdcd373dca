"""An audit in an engine process of its own, which is thrown away afterwards with all that it has started."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Future
from pathlib import Path
from typing import cast

from initterm.experiments.audit.bounds import Bounds
from initterm.experiments.audit.choice import ModelChoice
from initterm.experiments.audit.events import AuditEvent, AuditFinished
from initterm.experiments.audit.proof_events import ProofEvent
from initterm.pipe.errors import EngineLost
from initterm.pipe.process import COMMAND, EngineProcess
from initterm.pipe.protocol import Advance, Audit, Event, Exhausted
from initterm.theory.refusal import Refusal

SPARE_SECONDS = 300.0
"""How long a process waits for an audit before its memory is given back."""

WATCH_SECONDS = 0.1
OTHERS_EACH = 10
"""Each how many times its children are looked for, which takes longer."""

SILENT_SECONDS = 6.0
"""How many seconds of silence are told."""

LARGEST_LOG = 2**26
LOG_TAIL = 2**16
OUT_OF_MEMORY = (b"bad_alloc", b"out of memory")
"""What native code says that ends its process for want of memory."""


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


class AuditRun:
    """An audit: iterate it for its events, in one thread; cancel it from any other.

    Args:
        choice: the model, and with what it is audited.
        bounds: what the audit may take.
        take: gives the process that it runs in.
    """

    def __init__(
        self, choice: ModelChoice, bounds: Bounds | None = None, take: Callable[[], EngineProcess] = thrown_away
    ) -> None:
        self._choice = choice
        self._bounds = bounds or Bounds()
        self._take = take
        self._lock = threading.Lock()
        self._process: EngineProcess | None = None
        self._answer: Future[Event] | None = None
        self._audited = False
        self._exceeded = ""
        self.over = False
        self.cancelled = False

    def __iter__(self) -> Iterator[AuditEvent | ProofEvent]:
        """The audit's events as they come; ends early when it is cancelled.

        Raises:
            Refusal: the model can't be audited as asked, takes more than it may, or ended its process.
            EngineBroken: the engine met a bug.
        """
        try:
            process = self._started()
            event = self._ask(process, Audit(self._choice, self._bounds))
            run = self._id
            while event is not None and not isinstance(event, Exhausted):
                self._audited = self._audited or isinstance(event, AuditFinished)
                yield cast(AuditEvent | ProofEvent, event)
                event = self._ask(process, Advance(run))
        except EngineLost:
            if not self.cancelled:
                raise Refusal(self._why_it_ended()) from None
        except OSError as error:
            raise Refusal(f"No process can be started to audit in: {error.strerror or error}.") from None
        finally:
            self.over = True
            if self._process:
                self._process.kill()
                self._process.wait(1)

    @property
    def log(self) -> Path | None:
        """What takes the words of its process; None before it begins."""
        return self._process.log if self._process else None

    @property
    def waiting_for(self) -> str:
        """Why nothing is told, as a sentence; empty where the audit goes on."""
        process = self._process
        if process is None or self.over:
            return ""
        if process.silence >= SILENT_SECONDS:
            return f"The audit's process gives no answer for {process.silence:.0f} s; x ends it."
        return "" if process.ready else "It begins as soon as TensorFlow is there."

    def cancel(self) -> None:
        """End the audit and its process; whoever iterates it is let go at once."""
        with self._lock:
            self.cancelled = self.cancelled or not self.over
            process, answer = self._process, self._answer
        if answer:
            answer.cancel()
        if process:
            process.kill()

    def _started(self) -> EngineProcess:
        """The process, watched from now on."""
        process = self._take()
        with self._lock:
            self._process = process
        threading.Thread(target=self._watch, args=(process,), daemon=True).start()
        return process

    def _ask(self, process: EngineProcess, request: Audit | Advance) -> Event | None:
        """The engine's answer; None when the audit was cancelled meanwhile."""
        with self._lock:
            if self.cancelled:
                return None
            self._id, self._answer = process.call(request)
        try:
            return self._answer.result()
        except CancelledError:
            return None

    def _watch(self, process: EngineProcess) -> None:
        """End the process when it has taken more than it may. Time is counted by ticks, so that none passes while
        whoever watches is stopped."""
        ticks, loading, others = 0, True, 0
        while not process.wait(WATCH_SECONDS):
            if loading and process.ready:
                ticks, loading = 0, False
            if ticks % OTHERS_EACH == 0:
                others = process.session.memory_of_others()
            ticks += 1
            seconds = 0 if self._audited else ticks * WATCH_SECONDS
            if exceeded := self._beyond(process, seconds, process.session.memory_of_leader() + others):
                self._exceeded = exceeded
                process.kill()
                return

    def _beyond(self, process: EngineProcess, seconds: float, memory: int) -> str:
        """The sentence about what was exceeded; empty where nothing was."""
        if memory > self._bounds.memory:
            return self._bounds.too_much_memory(self._choice.target)
        if seconds > self._bounds.seconds:
            return self._bounds.too_much_time(self._choice.target)
        with contextlib.suppress(OSError):
            if process.log.stat().st_size > LARGEST_LOG:
                return f"{self._choice.target} prints without end; what it printed is in {process.log}."
        return ""

    def _why_it_ended(self) -> str:
        process, target = self._process, self._choice.target
        if self._exceeded or process is None:
            return self._exceeded
        if process.out_of_time:
            return self._bounds.too_much_time(target)
        if any(words in _tail_of(process) for words in OUT_OF_MEMORY):
            return self._bounds.too_much_memory(target)
        what = f"{target} ended the process that it was audited in" if process.ready else "TensorFlow can't be loaded"
        return f"{what} ({process.how_it_ended}); what it printed is in {process.log}."


def _tail_of(process: EngineProcess) -> bytes:
    """The last that it printed, in lower case."""
    with contextlib.suppress(OSError), process.log.open("rb") as log:
        log.seek(max(0, process.log.stat().st_size - LOG_TAIL))
        return log.read().lower()
    return b""
