"""The app's engine: asked, cancelled, kept; and a process for each run of a person's own model. No TensorFlow."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, wait
from pathlib import Path
from typing import Any, TypeVar

from initterm.experiments.audit.choice import Bounds, ModelChoice
from initterm.experiments.papers.asked import PaperChoice
from initterm.experiments.papers.events import PaperEvent
from initterm.experiments.sweep.workplace import Workplace
from initterm.experiments.training.events import TrainingEvent
from initterm.experiments.training.experiment import Experiment
from initterm.pipe.audit_run import AuditRun
from initterm.pipe.confined import Spare
from initterm.pipe.confined_run import ConfinedRun
from initterm.pipe.process import COMMAND, EngineProcess
from initterm.pipe.protocol import Broken, Event, Ready, Replicate, Request, Stop, Train
from initterm.pipe.run import Run
from initterm.pipe.side import EngineSide
from initterm.pipe.state import LOADING, EngineLost, EngineState
from initterm.pipe.training_run import OwnTrainingRun, PooledTrainingRun
from initterm.theory.numbers import seconds

OwnRun = TypeVar("OwnRun", bound=ConfinedRun[Any])

MOST_EARLY_DEATHS = 2
"""How often an engine that was killed while it loaded is replaced before it is given up."""

MOST_MISBEHAVED = 2
"""How often one that behaves as no sound engine does is replaced before it is given up."""

MOST_RUNS = 100
"""How many runs are remembered, the last ones: of those before it is over what could be asked."""

PATIENCE = 6.0
"""How many seconds of silence are told: importing TensorFlow alone keeps an engine's beats back for one or two."""

RESTARTING = EngineState("restarting", "restarting TensorFlow")

STOP_SECONDS = 1.0
"""How long an engine may take to stop a run before it is replaced."""


class Engine:
    """Keeps an engine process: started, watched, asked, replaced where it is lost; and others for people's own models.

    Safe to use from any thread.

    Args:
        on_state: called with each new state, from a thread of the engine's own.
        command: what starts an engine process.
        where: the name of its Python, where that isn't this one.
        side: the machine that it is on.
    """

    def __init__(
        self,
        on_state: Callable[[EngineState], object],
        command: tuple[str, ...] = COMMAND,
        where: str = "",
        side: EngineSide | None = None,
    ) -> None:
        self._on_state = on_state
        self._command, self._where = command, where
        self.side = side or EngineSide()
        self._lock = threading.RLock()
        self._process: EngineProcess | None = None
        self._stopped: Future[Event] | None = None
        self._spare = Spare(command)
        self._confined: list[ConfinedRun[Any]] = []
        self._runs: list[Run[Any]] = []
        self._beginning = LOADING
        self._told: EngineState | None = None
        self._closed = False
        self._early_deaths = self._misbehaved = 0
        self.log: Path | None = None

    @property
    def python(self) -> str:
        """What its processes are started with."""
        return self._command[0]

    @property
    def pid(self) -> int | None:
        """The process id of the engine, None when there is none."""
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Start the engine process; ``on_state`` tells when it is ready."""
        with self._lock:
            self._spawn(LOADING)

    def restart(self) -> None:
        """End the engine process, whatever it is doing, and start a fresh one; also where none could be started."""
        with self._lock:
            if self._closed:
                return
            process, self._process = self._process, None
            self._early_deaths = self._misbehaved = 0
            if process:
                process.kill()
                process.fail(EngineLost("The engine was restarted."))
            self._spawn(RESTARTING)

    def close(self) -> None:
        """End every audit and the engine process, at the latest after ``CLOSE_SECONDS``, and every call with it.

        A process with a run that is kept finishes it first, by itself.
        """
        with self._lock:
            self._closed = True
            confined, self._confined = self._confined, []
            process, self._process = self._process, None
        for run in confined:
            run.close()
        self._spare.end()
        if process:
            goes_on = any(run.goes_on for run in self._runs if not isinstance(run, ConfinedRun))
            process.fail(EngineLost("The app is closing."))
            (process.leave if goes_on else process.close)()

    @property
    def goes_on(self) -> bool:
        """Whether a run that is kept is under way, looked at or not."""
        return any(run.goes_on for run in self._runs)

    @property
    def kept_runs(self) -> tuple[str, ...]:
        """The ids of runs that it has kept since it was started."""
        return tuple(run.kept for run in self._runs if run.kept)

    def stop_runs(self) -> None:
        """End all runs that are under way."""
        for run in self._runs:
            run.cancel()

    def train(
        self, experiment: Experiment, *, keeps: bool = False, run: str = "", workplace: Workplace | None = None
    ) -> Run[TrainingEvent]:
        """A training run, which begins when it is iterated.

        Args:
            experiment: what is run.
            keeps: whether it is kept, and finished also when the app ends.
            run: the id of the run that is kept and goes on; empty for a new one.
            workplace: where workers do its trials, whom a process of its own drives; None for the engine itself.
        """
        if workplace:
            pooled = PooledTrainingRun(experiment, workplace, self._spare.take, keeps=keeps, run=run)
            self._remember(pooled)
            return self._in_its_own_process(pooled)
        if experiment.own.model:
            own = OwnTrainingRun(experiment, self._spare.take, keeps=keeps, run=run)
            self._remember(own)
            return self._in_its_own_process(own)
        return self._run(Train(experiment, keeps, run))

    def _run(self, request: Request) -> Run[Any]:
        run = Run[Any](self, request)
        self._remember(run)
        return run

    def _remember(self, run: Run[Any]) -> None:
        with self._lock:
            self._runs = [*self._runs[-MOST_RUNS:], run]

    def _in_its_own_process(self, run: OwnRun) -> OwnRun:
        with self._lock:
            self._confined = [*(one for one in self._confined if not one.over), run]
        return run

    def prepare_own(self) -> None:
        """Have a process ready for the next run of a person's own model, for some minutes: TensorFlow takes seconds."""
        with self._lock:
            if not self._closed:
                self._spare.prepare()

    def audit(self, choice: ModelChoice, bounds: Bounds | None = None, *, keeps: bool = False) -> Run[Any]:
        """The audit of a model, which begins when it is iterated, in a process that is thrown away afterwards."""
        return self._in_its_own_process(AuditRun(choice, bounds, self._spare.take, keeps=keeps))

    def replicate(self, choice: PaperChoice, *, keeps: bool = False, run: str = "") -> Run[PaperEvent]:
        """The replication of a paper, which begins when it is iterated; ``keeps`` and ``run`` are as in ``train``."""
        return self._run(Replicate(choice, keeps, run))

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

    def _spawn(self, state: EngineState) -> None:
        self._beginning = state
        try:
            self._process = self._begun()
        except OSError as error:
            self._give_up(self._not_begun(error))
            return
        self.log = self._process.log
        self._tell(EngineState(state.kind, state.text, self.log))

    def _begun(self) -> EngineProcess:
        """A fresh process, which tells what becomes of it.

        Raises:
            OSError: none can be started.
        """
        return EngineProcess(self._changed, self._command)

    def _not_begun(self, error: OSError) -> str:
        """Why there is none, as a sentence."""
        return f"{error.strerror or error}."

    def _changed(self, process: EngineProcess) -> None:
        """Tell what has become of the process; replace it where it has ended."""
        with self._lock:
            if process is not self._process or self._closed:
                return
            if isinstance(process.greeting, Broken):
                self._give_up(process.greeting.sentence)
            elif process.ended:
                self._lost(process)
            elif process.silence >= PATIENCE:
                self._tell(EngineState("silent", f"no answer for {seconds(process.silence)}", self.log))
            elif isinstance(process.greeting, Ready):
                self._early_deaths = 0
                self._tell(EngineState("ready", f"ready · {process.greeting.device}", self.log))
            else:
                self._tell(EngineState(self._beginning.kind, self._beginning.text, self.log))

    def _tell(self, state: EngineState) -> None:
        state = EngineState(state.kind, state.text, state.log, self._where)
        with self._lock:
            if not self._closed and state != self._told:
                self._told = state
                self._on_state(state)

    def _lost(self, process: EngineProcess) -> None:
        """The process has ended: end what waited for it, and start a fresh one, unless it can't get ready."""
        how = process.how_it_ended
        self._process = None
        killed_early = not process.ready and process.child.killed
        self._early_deaths += killed_early
        self._misbehaved += bool(process.misbehaviour)
        hope = process.ready or (killed_early and self._early_deaths <= MOST_EARLY_DEATHS)
        if hope and self._misbehaved <= MOST_MISBEHAVED:
            process.fail(EngineLost(f"The engine ended ({how}); a fresh one is starting."))
            self._spawn(RESTARTING)
        else:
            why = f"it ended{'' if process.ready else ' while loading'} ({how})."
            process.fail(EngineLost(f"The engine can't start: {why}"))
            self._give_up(why)

    def _give_up(self, why: str) -> None:
        process, self._process = self._process, None
        if process:
            process.fail(EngineLost(f"The engine can't start: {why}"))
            process.kill()
        self._tell(EngineState("failed", f"no engine: {why} Its log: {self.log}", self.log))
