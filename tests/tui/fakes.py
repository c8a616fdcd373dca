"""An engine for tests of the interface: it answers at once, with what the test feeds it."""

from __future__ import annotations

import threading
from concurrent.futures import Future

import numpy as np

from initterm.engine.protocol import (
    Check,
    CompileStarted,
    DataLoaded,
    Draw,
    Drawn,
    EpochFinished,
    Exhausted,
    Fit,
    Histogram,
    RunStarted,
    TrialFinished,
    TrialStarted,
)
from initterm.engine.state import LOADING, EngineState
from initterm.theory.bins import bin_range
from initterm.theory.laws import law_of

CHECKS = (Check("Kolmogorov-Smirnov", 0.001, 0.42), Check("std", 0.3, 0.76))
READY = EngineState("ready", "ready · CPU ×2")


def sample_of(request):
    """What a kernel that is exactly its law would measure as."""
    law = law_of(request.initializer, request.shape)
    low, high = bin_range(*law.reach)
    edges = np.linspace(low, high, request.bins + 1)
    density = np.diff(law.cdf(edges)) / np.diff(edges)
    return Drawn(
        request.initializer,
        request.shape,
        request.seed,
        law.mean,
        law.std,
        low,
        high,
        Histogram(tuple(edges.tolist()), tuple(density.tolist())),
        None if law.atoms or law.dependent else Fit("Kolmogorov-Smirnov, std", 0.001, 0.42, CHECKS),
    )


def run_events(experiment, note=""):
    """A whole run, its curves smooth and the same for each contender."""
    yield RunStarted("CPU ×2", {})
    yield DataLoaded("MNIST", 4000, 1000, 10_000, note)
    yield CompileStarted()
    for trial in experiment.trials:
        lead = 0.02 * trial.index
        yield TrialStarted(trial.index, 125)
        for epoch in range(1, experiment.epochs + 1):
            loss, accuracy = 1 / epoch + lead, 1 - 0.3 / epoch - lead
            yield EpochFinished(trial.index, epoch, loss, accuracy, loss + 0.1, accuracy - 0.03, 0.03)
        yield TrialFinished(trial.index, "finished", 0.25 + lead, 0.95 - lead)


class FakeRun:
    """Tells the events it is given; after the last of an unfinished run it waits until it is cancelled."""

    def __init__(self, events, error=None, hold=False):
        self._events = events
        self._error = error
        self._hold = hold
        self._over = threading.Event()
        self.cancelled = False

    def __iter__(self):
        yield from self._events
        if self._error:
            raise self._error
        if self._hold:
            self._over.wait(10)

    def cancel(self):
        if self._hold:
            self.cancelled = True
        self._over.set()


class FakeEngine:
    """Ready at once unless told otherwise; remembers what it was asked for."""

    def __init__(self, on_state, *, ready=True):
        self.on_state = on_state
        self.log = None
        self.draws = []
        self.experiments = []
        self.closed = False
        self.draw_error = None
        self.run_of = lambda experiment: FakeRun(run_events(experiment))
        self.hold = not ready
        self.held = []
        self._ready = ready

    def start(self):
        self.on_state(READY if self._ready else LOADING)

    def close(self):
        self.closed = True

    def call(self, request):
        """Answers a drawing at once, unless it is told to hold it; whatever else is asked has no more events."""
        answer = Future()
        if not isinstance(request, Draw):
            answer.set_result(Exhausted())
            return 0, answer
        self.draws.append(request)
        if self.hold:
            self.held.append((request, answer))
        elif self.draw_error:
            answer.set_exception(self.draw_error)
        else:
            answer.set_result(sample_of(request))
        return len(self.draws), answer

    def let_go(self):
        """Answer what was held, and hold no more."""
        self.hold = False
        for request, answer in self.held:
            answer.set_result(sample_of(request))

    def train(self, experiment):
        self.experiments.append(experiment)
        return self.run_of(experiment)
