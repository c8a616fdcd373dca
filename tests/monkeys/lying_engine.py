"""An engine that tells its events in any order, and refuses, breaks and gets lost at any moment."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from typing import Any

from initterm.experiments.metric import ACCURACY, Metric
from initterm.experiments.training.events import EpochFinished, PreparationBegun, StepsFinished, TrialFinished
from initterm.experiments.training.experiment import Experiment
from initterm.experiments.weights.events import Draw
from initterm.pipe.protocol import MeasureSignal
from initterm.pipe.state import EngineBroken, EngineLost, EngineState
from initterm.theory.refusal import Refusal
from tests.tui.fakes import (
    FakeEngine,
    FakeRun,
    audit_events,
    own_model_events,
    paper_events,
    run_events,
    signal_events,
)

METRICS = (
    ACCURACY,
    Metric("loss", higher_is_better=False, largest=None),
    Metric("auc"),
    Metric("[b]" * 40, higher_is_better=False, largest=None),
)


class LyingEngine(FakeEngine):
    """Tells its events in any order, twice or never, and refuses, breaks and gets lost at any moment."""

    def __init__(self, on_state: Callable[[EngineState], object]) -> None:
        super().__init__(on_state)
        self.chance = random.Random(1)
        self.mood = "plain"
        self.run_of = lambda experiment: self._run(self._training(experiment))
        self.audit_run_of = lambda choice: self._run(audit_events(choice))
        self.replication_of = lambda paper: self._run(paper_events(paper))
        self.signals_of = lambda experiment: iter(self._told(signal_events(experiment))[0])

    def _training(self, experiment: Experiment) -> Iterator[Any]:
        """What a training tells; one of a person's own model is judged by anything."""
        if not experiment.own.model:
            return run_events(experiment)
        metric, note = self.chance.choice(METRICS), self.chance.choice(("", "[b] %s", "é" * 300))
        told = own_model_events(experiment, metric=metric, notes=(note,) if note else ())
        return (one for event in told for one in (PreparationBegun("[/] reading \x1b[2J"), event))

    def _told(self, plain: Iterator[Any]) -> tuple[list[Any], Exception | None]:
        told, chance = [*plain], self.chance
        error = self._error()
        match self.mood:
            case "reversed":
                told = [one for one in told[::-1] if not _of_a_trial(one)]
            case "repeated":
                told = [one for one in told for _ in range(chance.choice((1, 1, 3)))]
            case "holes":
                told = [one for one in told if chance.random() < 0.7]
            case "silent":
                told = []
        return (told[: chance.randint(0, len(told))] if error else told), error

    def _error(self) -> Exception | None:
        match self.mood:
            case "refused":
                return Refusal("[b] can't be run; write 784x256.")
            case "lost":
                return EngineLost("The engine ended (signal SIGKILL); a fresh one is starting.")
            case "broken":
                return EngineBroken("The engine met a bug of its own: [/] KeyError.")
        return None

    def _run(self, plain: Iterator[Any]) -> FakeRun:
        told, error = self._told(plain)
        return FakeRun(told[:200], error, hold=self.mood == "held")

    def call(self, request: Any) -> tuple[int, Future[Any]]:
        error = self._error()
        if error is None or not isinstance(request, (Draw, MeasureSignal)):
            if isinstance(request, Draw) and request.shape.count > 2**22:
                return self._answered(Refusal("It is too large for a monkey."))
            return super().call(request)
        return self._answered(error)

    def _answered(self, error: Exception) -> tuple[int, Future[Any]]:
        self.calls.append(error)
        answer: Future[Any] = Future()
        answer.set_exception(error)
        return len(self.calls), answer


def _of_a_trial(event: object) -> bool:
    return isinstance(event, EpochFinished | StepsFinished | TrialFinished)
