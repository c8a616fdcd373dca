"""The app's engine on another machine: asked over one line, which is begun again where it is lost."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from pathlib import Path
from typing import Any, cast

from initterm.experiments.audit.choice import Bounds, ModelChoice
from initterm.experiments.sweep.workplace import Workplace
from initterm.experiments.training.events import TrainingEvent
from initterm.experiments.training.experiment import Experiment
from initterm.pipe import there
from initterm.pipe.another_host import FAILED, Box
from initterm.pipe.box.line import SshLine
from initterm.pipe.box.side import SideOnBox
from initterm.pipe.client import MOST_MISBEHAVED, PATIENCE, Engine
from initterm.pipe.process import EngineProcess
from initterm.pipe.protocol import Advance, Broken, Event, Stop, Train
from initterm.pipe.run import Run
from initterm.pipe.state import EngineLost, EngineState, LineLost
from initterm.theory.numbers import seconds
from initterm.theory.refusal import Refusal

AHEAD = 8
"""Events that are asked for before the one before has come, so that the line's delay isn't waited for each time."""

SHORTEST_REST, LONGEST_REST = 1, 60
"""Seconds after which a lost line is begun again, the first time and at most; each time twice as many."""

OPENING_SECONDS = 0.05

REFUSED = 2
"""What ``begun_there`` ends with where it can't be what is needed."""

DENIED = b"Permission denied"
"""What ssh says that would have to ask for a password."""


class EngineOnBox(Engine):
    """Keeps the line to an engine elsewhere: begun, watched, asked, begun again where it is lost.

    What is kept there goes on without it. Safe to use from any thread.

    Args:
        on_state: called with each new state, from a thread of the engine's own.
        box: the machine.
    """

    def __init__(self, on_state: Callable[[EngineState], object], box: Box) -> None:
        super().__init__(on_state, where=box.host)
        self._box = box
        self._tries = 0
        self._rest = threading.Event()
        self.side: SideOnBox = SideOnBox(box, self.call)

    def open(self) -> None:
        """Begin the line, while ssh can still ask for a password on the terminal; wait until it stands.

        Raises:
            Refusal: it can't be had; what ssh or the machine says stands on standard error.
        """
        try:
            process = EngineProcess(reached=lambda log: SshLine(self._box, log, on_terminal=True), purpose="line")
        except OSError as error:
            raise Refusal(self._not_begun(error)) from None
        try:
            while not (process.spoke or process.wait(OPENING_SECONDS)):
                continue
        except BaseException:
            process.kill()
            raise
        if process.ended or isinstance(process.greeting, Broken):
            process.kill()
            raise Refusal(self._why_not(process))
        cast(SshLine, process.child).quiet()
        self._process = process

    def listen(self, on_state: Callable[[EngineState], object]) -> None:
        """Tell states to this one from now on."""
        self._on_state = on_state

    def start(self) -> None:
        """Tell from now on how the engine there is; begin the line where it wasn't opened."""
        with self._lock:
            if self._process is None:
                self._spawn(self._beginning)
                return
            self.log = self._process.log
            self._tell(EngineState("loading", "loading TensorFlow", self.log))
            self._process.on_change = self._changed
        self._changed(self._process)

    def restart(self) -> None:
        """End the engine there and start a fresh one; where there is no line, begin it now."""
        with self._lock:
            if self._process:
                self.call(there.RestartEngine())
            elif not self._closed:
                self._tries = 0
                self._rest.set()
                self._spawn(EngineState("restarting", "reconnecting"))

    def train(
        self, experiment: Experiment, *, keeps: bool = False, run: str = "", workplace: Workplace | None = None
    ) -> Run[TrainingEvent]:
        """A training run there, which begins when it is iterated."""
        return self._run(Train(experiment, keeps, run, workplace=workplace))

    def audit(self, choice: ModelChoice, bounds: Bounds | None = None, *, keeps: bool = False) -> Run[Any]:
        """The audit of a model there, which begins when it is iterated."""
        return self._run(there.AuditThere(choice, keeps))

    def _run(self, request: Any) -> Run[Any]:
        run = RunThere(self, request)
        self._remember(run)
        return run

    def prepare_own(self) -> None:
        """Have a process ready there for the next run of a person's own model."""
        with self._lock:
            if self._process:
                self.call(there.KeepReady())

    def call(self, request: Any) -> tuple[int, Future[Event]]:
        """Send a request; its id, and the future of its answer.

        Raises:
            LineLost: there is no line.
        """
        try:
            return super().call(request)
        except EngineLost:
            raise LineLost(f"There is no line to {self._box.host} now.") from None

    def stop(self, run: int) -> None:
        """End a run; the other machine sees to it that it ends."""
        self.call(Stop(run))

    def make_ready(self) -> None:
        """The other machine does that."""

    def close(self) -> None:
        """End the line; what is kept there is finished there."""
        self._rest.set()
        super().close()

    # The line

    def _begun(self) -> EngineProcess:
        return EngineProcess(self._changed, reached=lambda log: SshLine(self._box, log), purpose="line")

    def _not_begun(self, error: OSError) -> str:
        return f"ssh can't be started ({error.strerror})."

    def _changed(self, process: EngineProcess) -> None:
        """Tell how the engine there is, or that the line is lost, and begin it anew."""
        with self._lock:
            if process is not self._process or self._closed:
                return
            if process.ended or isinstance(process.greeting, Broken):
                self._lost(process)
            elif process.silence >= PATIENCE:
                self._tell(EngineState("silent", f"no answer for {seconds(process.silence)}", self.log))
            elif process.told:
                self._tries = 0
                log = Path(process.told.log) if process.told.log else None
                self._tell(EngineState(process.told.kind, process.told.text, log))

    def _lost(self, process: EngineProcess) -> None:
        lost = LineLost(
            f"The line to {self._box.host} was lost; what is kept goes on there, and is shown again with the line."
        )
        if self._is_hopeless(process):
            self._give_up(self._why_not(process))
            return
        self._process = None
        self._misbehaved += bool(process.misbehaviour)
        process.fail(lost)
        self._tries += 1
        self._rest = threading.Event()
        rest = min(LONGEST_REST, SHORTEST_REST * 2 ** (self._tries - 1))
        threading.Thread(target=self._begin_again, args=(rest, self._rest), daemon=True).start()

    def _is_hopeless(self, process: EngineProcess) -> bool:
        """Whether trying again is of no use: nobody can be asked, or what is needed isn't there any more."""
        refused = not process.spoke and process.child.status not in (0, FAILED) and not process.child.killed
        mad = self._misbehaved >= MOST_MISBEHAVED
        return (
            mad or refused or isinstance(process.greeting, Broken) or (not process.spoke and DENIED in process.log_tail)
        )

    def _begin_again(self, rest: int, stopped: threading.Event) -> None:
        """Say how long it rests, second by second, and begin the line then."""
        for left in range(rest, 0, -1):
            self._tell(EngineState("restarting", f"reconnecting in {left} s: the line is lost", self.log))
            if stopped.wait(1.0):
                return
        with self._lock:
            if self._process is None and not self._closed:
                self._spawn(EngineState("restarting", "reconnecting"))

    def _why_not(self, process: EngineProcess) -> str:
        """Why there is no line, as a sentence."""
        if isinstance(process.greeting, Broken):
            return process.greeting.sentence
        said = process.log_tail.decode(errors="replace").strip().splitlines()
        if process.child.status == REFUSED and said:
            return said[-1].removeprefix("initterm: ")
        if not process.spoke and DENIED in process.log_tail:
            return f"{self._box.host} asks for a password; quit, and start initterm again to be asked."
        return process.how_it_ended


class RunThere(Run[Any]):
    """A run on another machine, of which some events are asked for ahead."""

    def __init__(self, engine: EngineOnBox, request: Any) -> None:
        super().__init__(engine, request)
        self._ahead: deque[Future[Event]] = deque()

    def ask(self) -> Future[Event]:
        """Ask for the next event; the future of it."""
        with self._lock:
            if self.cancelled:
                raise CancelledError
            self._ask_ahead()
            self._answer = self._ahead.popleft()
            return self._answer

    def _ask_ahead(self) -> None:
        """Ask for as many as there is room for; if the line was lost since, those asked for before tell of it."""
        try:
            while len(self._ahead) < AHEAD:
                self._ahead.append(self._call())
        except LineLost:
            if not self._ahead:
                raise

    def _call(self) -> Future[Event]:
        if self._id is None:
            self._id, answer = self._engine.call(self._request)
            return answer
        return self._engine.call(Advance(self._id, self._contenders_cancelled))[1]

    def _want_its_end(self) -> None:
        """The other machine does that, where it is kept."""
