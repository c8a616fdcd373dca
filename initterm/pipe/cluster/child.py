"""The engine process of a worker: TensorFlow may crash in it, or be silent, and the worker lives on."""

from __future__ import annotations

import contextlib
import os
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path

from initterm.experiments.limits import share_of_free_memory
from initterm.experiments.sweep.groups import CellTrials
from initterm.experiments.training.bounds import TrainingBounds
from initterm.experiments.training.events import ModelPrepared
from initterm.experiments.training.model import ModelSpec
from initterm.pipe.cluster.group_task import LiveEvent
from initterm.pipe.confined import ConfinedEngine
from initterm.pipe.process import COMMAND, EngineProcess
from initterm.pipe.protocol import Advance, Event, Exhausted, TrainGroup
from initterm.pipe.state import EngineBroken, EngineLost
from initterm.theory.numbers import seconds

STOPPED_SECONDS = 10.0
"""After how long without a sign of life an engine is given up that somebody has stopped."""

SILENT_SECONDS = 600.0
"""The same of any other that has greeted: on a busy machine one that works may say nothing for minutes."""

STUCK_SECONDS = 1800.0
"""How long an engine that lives may take to tell the next of its trials; compiling may take minutes."""

LOOK_SECONDS = 0.5

THREADS, VISIBLE_GPUS = "INITTERM_THREADS", "CUDA_VISIBLE_DEVICES"
OF_LIBRARIES = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")
"""How many threads other libraries take that TensorFlow and numpy compute with."""

GPUS = Path("/proc/driver/nvidia/gpus")
"""Where NVIDIA's driver has a folder for each GPU."""


class ChildLost(Exception):
    """The engine process of a worker was lost with the trials that it did; ``str()`` is a sentence."""


class TrialChild:
    """An engine process that does trials, and the next one when it is lost.

    Args:
        command: what starts it.
        gpu: the number of the only GPU that it sees; None leaves that as it is.
        stopped: seconds without a sign of life after which it is given up where it is stopped.
        silent: the same where it isn't.
        stuck: seconds for which it may tell nothing of its trials.
    """

    def __init__(
        self,
        command: tuple[str, ...] = COMMAND,
        *,
        gpu: int | None = None,
        stopped: float = STOPPED_SECONDS,
        silent: float = SILENT_SECONDS,
        stuck: float = STUCK_SECONDS,
    ) -> None:
        self._command, self._gpu = command, gpu
        self._stopped, self._silent, self._stuck = stopped, silent, stuck
        self._process: EngineProcess | None = None
        self._confined: ConfinedEngine | None = None
        self._bounds: TrainingBounds | None = None
        self._serves: tuple[ModelSpec, int] = ModelSpec(), 0

    def events(
        self, cells: tuple[CellTrials, ...], threads: int, beside: int = 1, *, epochs: bool = False
    ) -> Iterator[LiveEvent]:
        """What these trials tell, done with so many threads each; with ``epochs`` also each trial's own events.

        A person's own model is trained in a process that serves nothing else, watched and within bounds, of which so
        many workers ``beside`` each other have a part each.

        Raises:
            ChildLost: the process has ended, was ended as it was silent, or met a bug of its own.
            Refusal: the trials' data can't be had.
        """
        try:
            process = self._serving(cells[0].experiment.own, threads, beside)
            run, answer = process.call(TrainGroup(cells, self._bounds, epochs))
            while not isinstance(event := self._answered(process, answer), Exhausted):
                if self._confined and isinstance(event, ModelPrepared):
                    self._confined.unhurried = True
                yield event  # type: ignore[misc]
                _, answer = process.call(Advance(run))
        except EngineLost as lost:
            raise ChildLost(self._why_lost(lost)) from None
        except EngineBroken as broken:
            self.end()
            raise ChildLost(f"{str(broken).rstrip('.')}, on {socket.gethostname()}.") from None
        except OSError as error:
            raise ChildLost(f"TensorFlow can't be started on {socket.gethostname()} ({error.strerror}).") from None

    @property
    def memory(self) -> int:
        """Bytes that the process has, and what it has started; 0 where there is none."""
        if self._process is None or self._process.ended:
            return 0
        session = self._process.child.session
        return session.memory_of_leader() + session.memory_of_others()

    def end(self) -> None:
        """End the process, where there is one."""
        process, self._process = self._process, None
        if process:
            process.kill()
        self._confined = self._bounds = None

    def _serving(self, own: ModelSpec, threads: int, beside: int) -> EngineProcess:
        """The process that has served the same before, or a new one."""
        process = self._process
        if process is None or process.ended or (own, threads) != self._serves:
            self.end()
            process = self._confining(own.model, threads, beside) if own.model else self._started(threads)
            self._process, self._serves = process, (own, threads)
        return process

    def _confining(self, model: str, threads: int, beside: int) -> EngineProcess:
        """A process that is watched, for a person's own model."""
        self._bounds = bounds = TrainingBounds(share_of_free_memory() // beside)
        process = self._started(threads, thrown_away=True)
        self._confined = ConfinedEngine(model, bounds, lambda: process, "trained")
        self._confined.make_ready()
        return process

    def _started(self, threads: int, *, thrown_away: bool = False) -> EngineProcess:
        environment = {THREADS: str(threads)} | dict.fromkeys(OF_LIBRARIES, str(threads))
        if self._gpu is not None:
            environment[VISIBLE_GPUS] = str(self._gpu)
        purpose = "model" if thrown_away else "worker"
        return EngineProcess(command=self._command, purpose=purpose, thrown_away=thrown_away, environment=environment)

    def _why_lost(self, lost: EngineLost) -> str:
        """A sentence about a process that has ended by itself, or was ended as it took more than it may."""
        host = socket.gethostname()
        return f"On {host}: {self._confined.why_it_ended}" if self._confined else f"TensorFlow ended on {host}: {lost}"

    def _answered(self, process: EngineProcess, answer: Future[Event]) -> Event:
        """The answer, unless the process is silent or tells nothing of its trials for too long."""
        waited = 0.0
        while True:
            with contextlib.suppress(TimeoutError):
                return answer.result(LOOK_SECONDS)
            waited += LOOK_SECONDS
            if why := self._why_given_up(process, waited):
                self.end()
                raise ChildLost(f"TensorFlow {why} on {socket.gethostname()}, and was ended.")

    def _why_given_up(self, process: EngineProcess, waited: float) -> str:
        """What is wrong with a process that owes an answer for so many seconds; empty where nothing is."""
        silence = process.silence if process.greeting is not None else 0.0
        if silence > self._stopped and process.child.session.leader_is_stopped:
            return "was stopped"
        if silence > self._silent:
            return f"gave no sign of life for {seconds(silence)}"
        return f"told nothing of its trials for {seconds(waited)}" if waited > self._stuck else ""


def gpu_of(worker: object, gpus: Path = GPUS) -> int | None:
    """The GPU of a worker whose name ends with a number: one each, in turn; None where there are none, or one is set.

    Args:
        worker: its name, such as 3 or ``box-3``.
        gpus: a folder with a folder for each GPU.
    """
    if os.environ.get(VISIBLE_GPUS) is not None:
        return None
    with contextlib.suppress(OSError, ValueError):
        count = len([*gpus.iterdir()])
        return int(str(worker).rpartition("-")[2]) % count if count else None
    return None


_lock = threading.Lock()
_children: list[TrialChild] = []


def child_of_this_process(worker: object) -> TrialChild:
    """The one that this worker has."""
    with _lock:
        if not _children:
            _children.append(TrialChild(gpu=gpu_of(worker)))
        return _children[0]
