"""The engine process seen from the app: started, asked, cancelled, replaced. Imports no TensorFlow."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Future, InvalidStateError, wait
from pathlib import Path
from typing import Generic, TypeVar, cast

import msgspec

from initterm.engine.audit_events import AuditEvent
from initterm.engine.experiment import Experiment
from initterm.engine.model_choice import ModelChoice
from initterm.engine.native_output import new_log
from initterm.engine.paper_events import PaperEvent
from initterm.engine.proof_events import ProofEvent
from initterm.engine.protocol import (
    Advance,
    Audit,
    Broken,
    Call,
    Event,
    Exhausted,
    Ready,
    Refused,
    Replicate,
    Request,
    Stop,
    Train,
    decode_reply,
    encode,
)
from initterm.engine.state import LOADING, EngineState
from initterm.engine.training_events import TrainingEvent
from initterm.theory.refusal import Refusal

COMMAND = (sys.executable, "-m", "initterm.engine")

STOP_SECONDS = 1.0
"""How long an engine may take to stop a run before it is replaced."""

MOST_EARLY_DEATHS = 2
"""How often an engine that was killed while it loaded is replaced before it is given up."""

CLOSE_SECONDS = 0.5
"""How long an engine may take to end by itself when the app ends."""


RunEvent = TypeVar("RunEvent")


class EngineLost(Exception):
    """The engine process ended while it was needed; ``str()`` is a sentence."""


class EngineBroken(Exception):
    """The engine met a bug; ``str()`` is a sentence that names it."""


class Engine:
    """One engine process at a time, and the calls that wait for its answers. Safe to use from any thread.

    Args:
        on_state: called with each new state, from a thread of the engine's own.
        command: what starts an engine process.
    """

    def __init__(self, on_state: Callable[[EngineState], object], command: tuple[str, ...] = COMMAND) -> None:
        self._on_state = on_state
        self._command = command
        self._lock = threading.RLock()
        self._process: subprocess.Popen[bytes] | None = None
        self._waiting: dict[int, Future[Event]] = {}
        self._last_id = 0
        self._ready = False
        self._closed = False
        self._early_deaths = 0
        self._stopped: Future[Event] | None = None
        self.log: Path | None = None

    @property
    def pid(self) -> int | None:
        """The process id of the engine, None when there is none."""
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Start the engine process; ``on_state`` tells when it is ready."""
        with self._lock:
            self._spawn(LOADING)

    def close(self) -> None:
        """End the engine process, at the latest after ``CLOSE_SECONDS``, and every call with it."""
        with self._lock:
            self._closed = True
            process, self._process = self._process, None
            self._fail_waiting(EngineLost("The app is closing."))
        if process:
            _end(process)

    def train(self, experiment: Experiment) -> Run[TrainingEvent]:
        """A training run, which begins when it is iterated."""
        return Run(self, Train(experiment))

    def audit(self, choice: ModelChoice) -> Run[AuditEvent | ProofEvent]:
        """The audit of a model, which begins when it is iterated."""
        return Run(self, Audit(choice))

    def replicate(self, paper: str, data: str, seed: int) -> Run[PaperEvent]:
        """The replication of the paper of this name, which begins when it is iterated."""
        return Run(self, Replicate(paper, data, seed))

    def call(self, request: Request) -> tuple[int, Future[Event]]:
        """Send a request; its id, and the future of its answer.

        Raises:
            EngineLost: there is no engine process to send it to.
        """
        with self._lock:
            if self._process is None or self._process.stdin is None:
                raise EngineLost("There is no engine.")
            self._last_id += 1
            answer: Future[Event] = Future()
            self._waiting[self._last_id] = answer
            with contextlib.suppress(OSError, ValueError):  # a broken pipe is noticed by the thread that reads
                self._process.stdin.write(encode(Call(self._last_id, request)) + b"\n")
                self._process.stdin.flush()
            return self._last_id, answer

    def stop(self, run: int) -> None:
        """End a run; an engine that doesn't within ``STOP_SECONDS`` is ended itself, so that a fresh one starts.

        An engine that is still loading is left to load: it has begun nothing that would have to be stopped.
        """
        _, self._stopped = self.call(Stop(run))
        stopped, process = self._stopped, self._process
        if not self._ready or process is None:
            return

        def check() -> None:
            with self._lock:
                if not stopped.done() and process is self._process:
                    process.kill()

        timer = threading.Timer(STOP_SECONDS, check)
        timer.daemon = True
        timer.start()

    def wait_until_stopped(self) -> None:
        """Wait for the run before to be stopped or its engine replaced, so that the next meets neither."""
        if self._stopped and self._ready:
            wait([self._stopped])

    def _spawn(self, state: EngineState) -> None:
        self._ready = False
        try:
            self.log = new_log()
            with self.log.open("wb") as log:
                # A session of its own: signals of the terminal (ctrl+c, a dropped line) are the app's to handle.
                self._process = subprocess.Popen(
                    self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, start_new_session=True
                )
        except OSError as error:
            self._give_up(f"{error.strerror or error}.")
            return
        threading.Thread(target=self._read, args=(self._process,), daemon=True).start()
        self._tell(EngineState(state.kind, state.text, self.log))

    def _read(self, process: subprocess.Popen[bytes]) -> None:
        """Hand each reply to the call that waits for it, until the process ends."""
        for line in process.stdout or ():
            try:
                reply = decode_reply(line)
            except msgspec.MsgspecError:
                process.kill()
                break
            if reply.id:
                self._resolve(reply.id, reply.event)
            else:
                self._greet(reply.event)
        process.wait()
        self._lost(process)
        _close_pipes(process)

    def _greet(self, event: Event) -> None:
        if isinstance(event, Ready):
            self._ready, self._early_deaths = True, 0
            self._tell(EngineState("ready", f"ready · {event.device}", self.log))
        elif isinstance(event, Broken):
            self._give_up(event.sentence)

    def _tell(self, state: EngineState) -> None:
        with self._lock:
            if not self._closed:
                self._on_state(state)

    def _resolve(self, call_id: int, event: Event) -> None:
        with self._lock:
            answer = self._waiting.pop(call_id, None)
        if answer is None:
            return
        with contextlib.suppress(InvalidStateError):  # whoever waited has cancelled
            if isinstance(event, Refused):
                answer.set_exception(Refusal(event.sentence))
            elif isinstance(event, Broken):
                answer.set_exception(EngineBroken(f"The engine met a bug of its own: {event.sentence}"))
            else:
                answer.set_result(event)

    def _lost(self, process: subprocess.Popen[bytes]) -> None:
        """The process has ended: end what waited for it, and start a fresh one, unless it can't get ready."""
        with self._lock:
            if self._closed or process is not self._process:
                return
            how = _exit_words(process.returncode)
            self._process = None
            killed_early = not self._ready and process.returncode < 0
            self._early_deaths += killed_early
            if self._ready or (killed_early and self._early_deaths <= MOST_EARLY_DEATHS):
                self._fail_waiting(EngineLost(f"The engine ended ({how}); a fresh one is starting."))
                self._spawn(EngineState("restarting", "restarting TensorFlow"))
            else:
                self._give_up(f"it ended while loading ({how}).")

    def _give_up(self, why: str) -> None:
        with self._lock:
            process, self._process = self._process, None
            self._fail_waiting(EngineLost(f"The engine can't start: {why}"))
        if process:
            process.kill()
        self._tell(EngineState("failed", f"no engine: {why} Its log: {self.log}", self.log))

    def _fail_waiting(self, error: EngineLost) -> None:
        waiting, self._waiting = self._waiting, {}
        for answer in waiting.values():
            with contextlib.suppress(InvalidStateError):
                answer.set_exception(error)


class Run(Generic[RunEvent]):
    """A run in the engine process: iterate it for its events, in one thread; steer it from any other."""

    def __init__(self, engine: Engine, request: Train | Audit | Replicate) -> None:
        self._engine = engine
        self._request = request
        self._lock = threading.Lock()
        self._id: int | None = None
        self._answer: Future[Event] | None = None
        self._going = threading.Event()
        self._going.set()
        self._contenders_cancelled: tuple[int, ...] = ()
        self.cancelled = False

    def __iter__(self) -> Iterator[RunEvent]:
        """The run's events as they come; ends early when the run is cancelled.

        Raises:
            Refusal: it can't be run as asked.
            EngineLost: the engine process ended.
            EngineBroken: the engine met a bug.
        """
        event: Event | None = None
        try:
            self._engine.wait_until_stopped()
            event = self._ask(self._request)
            while event is not None and not isinstance(event, Exhausted):
                yield cast(RunEvent, event)
                self._going.wait()
                event = self._ask(Advance(self._id or 0, self._contenders_cancelled))
        finally:
            if not isinstance(event, Exhausted):
                self.cancel()

    def pause(self) -> None:
        """Ask for no further event until ``resume``; what the engine is in the middle of, it ends."""
        self._going.clear()

    def resume(self) -> None:
        """Go on."""
        self._going.set()

    def cancel_contender(self, contender: int) -> None:
        """Let a contender, counted from 0, go no further; the others go on."""
        self._contenders_cancelled += (contender,)

    def cancel(self) -> None:
        """Stop the run; whoever iterates it is let go at once, a busy engine is replaced after ``STOP_SECONDS``."""
        with self._lock:
            if self.cancelled:
                return
            self.cancelled = True
        # Stopped before the iterator is let go, so that the next run knows that it has to wait for this.
        if self._id is not None:
            with contextlib.suppress(EngineLost):
                self._engine.stop(self._id)
        if self._answer:
            self._answer.cancel()
        self.resume()

    def _ask(self, request: Train | Audit | Replicate | Advance) -> Event | None:
        """The engine's answer; None when the run was cancelled meanwhile."""
        with self._lock:
            if self.cancelled:
                return None
            call_id, self._answer = self._engine.call(request)
            if self._id is None:
                self._id = call_id
        try:
            return self._answer.result()
        except CancelledError:
            return None


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ask the process to end by closing its standard input; insist after ``CLOSE_SECONDS``."""
    with contextlib.suppress(OSError):
        if process.stdin:
            process.stdin.close()
    try:
        process.wait(CLOSE_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _close_pipes(process: subprocess.Popen[bytes]) -> None:
    for pipe in (process.stdin, process.stdout):
        with contextlib.suppress(OSError):  # what was still to be written has no reader
            if pipe:
                pipe.close()


def _exit_words(code: int) -> str:
    """``signal SIGKILL`` or ``exit status 1``."""
    if code >= 0:
        return f"exit status {code}"
    try:
        return f"signal {signal.Signals(-code).name}"
    except ValueError:
        return f"signal {-code}"
