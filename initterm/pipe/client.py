"""The app's engine: asked, cancelled, kept; and a process for each audit. Imports no TensorFlow."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, wait

from initterm.experiments.audit.choice import Bounds, ModelChoice
from initterm.experiments.papers.events import PaperEvent
from initterm.experiments.training.events import TrainingEvent
from initterm.experiments.training.experiment import Experiment
from initterm.pipe.audit_run import AuditRun, Spare
from initterm.pipe.process import COMMAND
from initterm.pipe.protocol import Event, Replicate, Request, Stop, Train
from initterm.pipe.run import Run
from initterm.pipe.state import EngineLost, EngineState
from initterm.pipe.supervisor import Supervisor

STOP_SECONDS = 1.0
"""How long an engine may take to stop a run before it is replaced."""


class Engine(Supervisor):
    """What is asked of an engine process, and of others for audits. Safe to use from any thread.

    Args:
        on_state: called with each new state, from a thread of the engine's own.
        command: what starts an engine process.
    """

    def __init__(self, on_state: Callable[[EngineState], object], command: tuple[str, ...] = COMMAND) -> None:
        super().__init__(on_state, command)
        self._stopped: Future[Event] | None = None
        self._spare = Spare(command)
        self._audits: list[AuditRun] = []

    def close(self) -> None:
        """End every audit and the engine process, at the latest after ``CLOSE_SECONDS``, and every call with it."""
        with self._lock:
            self._closed = True
            audits, self._audits = self._audits, []
        for audit in audits:
            audit.cancel()
        self._spare.end()
        super().close()

    def train(self, experiment: Experiment) -> Run[TrainingEvent]:
        """A training run, which begins when it is iterated."""
        return Run(self, Train(experiment))

    def prepare_audit(self) -> None:
        """Have a process ready for the next audit, for some minutes, so that it needn't wait for TensorFlow."""
        with self._lock:
            if not self._closed:
                self._spare.prepare()

    def audit(self, choice: ModelChoice, bounds: Bounds | None = None) -> AuditRun:
        """The audit of a model, which begins when it is iterated, in a process that is thrown away afterwards."""
        run = AuditRun(choice, bounds, self._spare.take)
        with self._lock:
            self._audits = [*(one for one in self._audits if not one.over), run]
        return run

    def replicate(self, paper: str, data: str, seed: int) -> Run[PaperEvent]:
        """The replication of the paper of this name, which begins when it is iterated."""
        return Run(self, Replicate(paper, data, seed))

    def call(self, request: Request) -> tuple[int, Future[Event]]:
        """Send a request; its id, and the future of its answer.

        Raises:
            EngineLost: there is no engine process to send it to.
        """
        with self._lock:
            if self._process is None:
                raise EngineLost("There is no engine.")
            return self._process.call(request)

    def stop(self, run: int) -> None:
        """End a run; an engine that doesn't within ``STOP_SECONDS`` is ended itself, so that a fresh one starts.

        An engine that is still loading is left to load: it has begun nothing that would have to be stopped.
        """
        _, self._stopped = self.call(Stop(run))
        stopped, process = self._stopped, self._process
        if process is None or not process.ready:
            return

        def check() -> None:
            with self._lock:
                if not stopped.done() and process is self._process:
                    process.kill()

        timer = threading.Timer(STOP_SECONDS, check)
        timer.daemon = True
        timer.start()

    def make_ready(self) -> None:
        """Wait for the run before to be stopped or its engine replaced, so that the next meets neither."""
        process = self._process
        if self._stopped and process and process.ready:
            wait([self._stopped])
