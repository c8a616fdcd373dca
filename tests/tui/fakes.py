"""An engine for tests of the interface: it answers at once, with what the test feeds it."""

from __future__ import annotations

import itertools
import sys
import threading
from concurrent.futures import Future

import msgspec
import numpy as np

from initterm.engine.comparison.intervals import t_quantiles
from initterm.engine.training.comparisons import compared
from initterm.experiments.audit.events import (
    AuditFinished,
    AuditStarted,
    Finding,
    Fix,
    FixedAudited,
    GraphMeasured,
    LayerPassed,
    ProofFinished,
    ProofStarted,
    TensorAudited,
)
from initterm.experiments.comparison import Stopped
from initterm.experiments.message import Histogram
from initterm.experiments.metric import Metric
from initterm.experiments.papers.events import (
    ClaimJudged,
    Panel,
    PanelDrawn,
    PaperAdvanced,
    PaperFinished,
    PaperStarted,
    Series,
)
from initterm.experiments.signal.board import SignalBoard
from initterm.experiments.signal.events import (
    PROBABILITIES,
    JacobianMeasured,
    LayerSignal,
    SignalInput,
    SignalMeasured,
)
from initterm.experiments.training.events import (
    CompileStarted,
    ContenderStopped,
    DataLoaded,
    Diagnosed,
    EpochFinished,
    ModelPrepared,
    ModelTensor,
    RunStarted,
    TrialFinished,
    TrialStarted,
)
from initterm.experiments.weights.events import Check, Draw, Drawn, Fit
from initterm.pipe.protocol import CompareRuns, Exhausted, MeasureSignal, Stop
from initterm.pipe.server import RunsUnderWay
from initterm.pipe.side import EngineSide
from initterm.pipe.state import LOADING, EngineState
from initterm.theory.initializers import InitializerSpec
from initterm.theory.law import bin_range
from initterm.theory.laws import law_of

TESTED = "its distribution and its independence"
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
        None if law.atoms or law.dependent else Fit("Kolmogorov-Smirnov, std", 0.001, 0.42, CHECKS, TESTED),
    )


def signal_events(experiment):
    """A measurement that is exactly its theory, and where theory is silent a signal that halves at each layer."""
    width = experiment.chain.hidden[0]
    board = SignalBoard(experiment).after(SignalInput("random normal", width, 0.0, 1.0, ""))
    yield board.input
    for trial in experiment.trials:
        prediction = board.predictions[trial.contender]
        halves = [0.5**layer for layer in range(experiment.chain.depth)]
        signal = halves if prediction.silent else prediction.activation_std.tolist()
        gradient = halves[::-1] if prediction.gradient_silent else prediction.gradient_std(len(signal)).tolist()
        layers = [
            LayerSignal(
                layer,
                std,
                std,
                "" if std else "zero",
                0.0,
                0.5,
                back,
                "" if back else "zero",
                back,
                0.0,
                spread(std),
                spread(back),
            )
            for layer, (std, back) in enumerate(zip(signal, gradient, strict=True), start=1)
        ]
        yield SignalMeasured(trial, tuple(layers))
        if experiment.jacobian:
            yield JacobianMeasured(trial, (4.0, 2.0))


def spread(std):
    """The quantiles of numbers that are evenly spread around 0."""
    return tuple(std * 12**0.5 * (probability - 0.5) for probability in PROBABILITIES)


DEPTHWISE = TensorAudited(
    layer="stem", tensor="kernel", role="depthwise", shape=(3, 3, 64, 1), declared="he_normal", count=576, mean=0.0,
    std=0.06, std_low=0.057, std_high=0.063, low=-0.13, high=0.13, largest=2.2, kurtosis=2.4, not_finite=0, fan_in=576,
    fan_out=9, sums_over=9.0, feeds=9.0, std_expected=0.0589, std_correct=0.4714, p_value=0.4,
    histogram=Histogram((-0.13, 0.0, 0.13), (3.9, 3.8)),
)  # fmt: skip
HEAD = TensorAudited(
    layer="head", tensor="kernel", role="kernel", shape=(64, 10), declared="glorot_uniform", count=640, mean=0.0,
    std=0.16, std_low=0.155, std_high=0.165, low=-0.28, high=0.28, largest=1.7, kurtosis=1.8, not_finite=0, fan_in=64,
    fan_out=10, sums_over=64.0, feeds=10.0, std_expected=0.1644, std_correct=0.1644, p_value=0.7,
    histogram=Histogram((-0.28, 0.0, 0.28), (1.8, 1.8)),
)  # fmt: skip
FIX = "depthwise_initializer=keras.initializers.VarianceScaling(scale=128, mode='fan_in')"
FINDINGS = (
    Finding("fan_convention", "error", "stem", "he_normal comes out 8 times too small", "Keras counts fan_in 576",
            "The signal's variance changes by the square of that.", FIX, "kernel", "variance_scaling(scale=128.0)"),
    *(Finding("unsuited", "note", layer, "glorot_uniform doesn't suit relu", "its scale is 1", "By theory it vanishes.",
              'kernel_initializer="he_normal"', "kernel") for layer in ("one", "two", "three")),
)  # fmt: skip


def audit_events(choice):
    """The audit of a model whose first kernel is 8 times too small, and its proof where one is asked for."""
    yield AuditStarted(choice.target, 2, 1216)
    yield from (DEPTHWISE, HEAD)
    yield measured_graph(0.1)
    yield from FINDINGS
    yield AuditFinished(False, 1.2)
    if choice.proves:
        yield ProofStarted()
        fix = Fix("initializer", "stem", "kernel", ("fan_convention",), "he_normal", "variance_scaling(scale=128)")
        yield FixedAudited((fix,), measured_graph(0.9), ())
        yield ProofFinished(None, 0.4)


def measured_graph(std):
    layers = [("stem", "DepthwiseConv2D", std), ("flatten", "Flatten", std), ("head", "Dense", 0.05)]
    passed = tuple(LayerPassed(name, kind, value, value, 0.0) for name, kind, value in layers)
    return GraphMeasured("standard normal", passed, 1.0, 2.31, 10)


def run_events(experiment, note=""):
    """A whole run, its curves smooth and the same for each contender."""
    return compared(experiment, _told_by_trials(experiment, note))


def _told_by_trials(experiment, note):
    yield RunStarted("CPU ×2", {}, t_quantiles(experiment.seeds))
    yield DataLoaded("MNIST", 4000, 1000, 10_000, note, (400,) * 10, (1000,) * 10)
    yield CompileStarted("relu")
    for trial in experiment.trials:
        yield TrialStarted(trial.index, 125)
        yield diagnosed(trial, 0)
    for epoch, trial in itertools.product(range(1, experiment.epochs + 1), experiment.trials):
        lead = lead_of(trial)
        loss, accuracy = 1 / epoch + lead, 1 - 0.3 / epoch - lead
        yield EpochFinished(trial.index, epoch, loss, accuracy, loss + 0.1, accuracy - 0.03, 0.03)
    for trial in experiment.trials:
        yield diagnosed(trial, experiment.epochs)
        yield TrialFinished(trial.index, "finished", 0.25 + lead_of(trial), 0.95 - lead_of(trial))


def stopped_events(experiment, epoch=2, contender=1):
    """A whole run in which a contender is stopped after an epoch, 8.1 points behind the first one at the least."""
    return compared(
        experiment, _told_with_a_stop(experiment, Stopped(contender, epoch, experiment.epochs, 0, 0.1, 0.081))
    )


def _told_with_a_stop(experiment, stopped):
    own = range(stopped.contender, len([*experiment.trials]), len(experiment.contenders))
    for event in _told_by_trials(experiment, ""):
        epoch = event.epoch if isinstance(event, EpochFinished) else None
        if getattr(event, "trial", None) in own and (isinstance(event, TrialFinished) or (epoch or 0) > stopped.epoch):
            continue
        yield event
        if (epoch, getattr(event, "trial", None)) == (stopped.epoch, len([*experiment.trials]) - 1):
            yield ContenderStopped(stopped)
            yield from (TrialFinished(trial, "stopped", 0.9, 0.8 - 0.01 * trial) for trial in own)


TENSORS = (
    ModelTensor("cnn/stem/depthwise_kernel", (3, 3, 64, 1), (9.0, 9.0), "he_normal"),
    *(ModelTensor(f"cnn/block_{at}/attention/query/kernel", (64, 64), (64.0, 64.0), "variance_scaling(scale=2.0)")
      for at in range(1, 8)),
    ModelTensor("cnn/features/kernel", (3136, 64), (3136.0, 64.0), "glorot_uniform"),
)  # fmt: skip
MEAN_ERROR = Metric("mean_absolute_error", higher_is_better=False, largest=None)


def own_model_events(experiment, metric=MEAN_ERROR, notes=()):
    """A run of a person's own model, whose contenders come to 30, 31, ... of an error, or to shares of an accuracy."""
    return compared(experiment, _told_of_a_model(experiment, metric, notes), metric=metric)


def error_of(experiment, trial):
    """What a trial of a model comes to: 30.5, 31.5, ... by contender, a little else with each seed."""
    seed, contender = divmod(trial, len(experiment.contenders))
    return 30.5 + contender + 0.1 * ((seed * (contender + 2)) % 5)


def _told_of_a_model(experiment, metric, notes):
    prepared = ModelPrepared(
        experiment.own.model, 218_314, TENSORS, 12, "adamw 0.003", "model", "mse", "inferred", metric, notes,
    )  # fmt: skip
    for event in _told_by_trials(experiment, ""):
        match event:
            case DataLoaded():
                yield msgspec.structs.replace(event, name="my_data:load", train_classes=(), test_classes=())
                yield prepared
            case CompileStarted():
                yield CompileStarted(experiment.own.model)
            case EpochFinished() if not metric.is_accuracy:
                error = 30 + event.trial % len(experiment.contenders) + 10 / event.epoch
                yield msgspec.structs.replace(event, accuracy=error - 1, val_accuracy=error)
            case TrialFinished() if not metric.is_accuracy:
                yield msgspec.structs.replace(event, test_accuracy=error_of(experiment, event.trial))
            case _:
                yield event


def paper_events(paper, *, wrong=0, judged=True):
    """A replication that finds what is claimed, but for so many first claims; without its end where none is judged."""
    yield PaperStarted(paper.name, "MNIST", "")
    yield PaperAdvanced(0.5, "experiment 1 of 1: epoch 2 of 4")
    for index, title in enumerate(("Signal at the start", "Training loss")):
        lines = [
            Series("he_normal", (1.0, 2.0, 3.0), (1.0, 0.9, 0.8), initializer=InitializerSpec("he_normal")),
            Series("he_normal, theory", (1.0, 2.0, 3.0), (1.0, 1.0, 1.0), True, InitializerSpec("he_normal")),
        ]
        yield PanelDrawn(index, Panel(title, "layer", "activation std", tuple(lines), log_y=True))
    if not judged:
        return
    for at, claim in enumerate(paper.claims):
        within = claim.low if claim.low is not None else claim.high
        measured = None if at < wrong else within
        yield ClaimJudged(claim.text, claim.standing, claim.expected, measured, claim.holds(measured))
    yield PaperFinished(paper.name, 12.0)


def lead_of(trial):
    """Another one for each trial; contenders differ by more than seeds."""
    return 0.02 * trial.index + 0.001 * (trial.seed % 3)


def diagnosed(trial, epoch, **numbers):
    """A healthy network's."""
    healthy = {
        "loss": 2.31, "gradient_first": 0.5, "gradient_last": 0.3, "dead": 0.01, "saturated": None,
        "update_ratio": 0.003, "unit_spread": 1.8, "answer_spread": 0.2,
    }  # fmt: skip
    return Diagnosed(trial.index, epoch, **{**healthy, **numbers})


class FakeRun:
    """Tells the events it is given; after the last of an unfinished run it waits until it is cancelled."""

    def __init__(self, events, error=None, hold=False):
        self._events = events
        self._error = error
        self._hold = hold
        self._over = threading.Event()
        self.cancelled = False
        self.paused = False
        self.waiting_for = ""
        self.contenders_cancelled = []
        self.kept = ""
        self.left = False

    def __iter__(self):
        yield from self._events
        if self._error:
            raise self._error
        if self._hold:
            self._over.wait(10)

    def pause(self):
        self.paused = True

    def resume(self):
        self.paused = False

    def cancel_contender(self, contender):
        self.contenders_cancelled.append(contender)

    def cancel(self):
        if self._hold:
            self.cancelled = True
        self._over.set()

    def let_go(self):
        self.left = True
        self.cancel()


class FakeEngine:
    """Ready at once unless told otherwise; remembers what it was asked for."""

    def __init__(self, on_state, *, ready=True):
        self.on_state = on_state
        self.log = None
        self.python = sys.executable
        self.side = EngineSide()
        self.draws = []
        self.experiments = []
        self.gone_on_with = []
        self.workplaces = []
        self.goes_on = False
        self.kept_runs = ()
        self.stopped = 0
        self.closed = False
        self.restarts = self.prepared = 0
        self.calls = []
        self.measured = []
        self.runs = {}
        self.signals_of = signal_events
        self.draw_error = None
        self.choices = []
        self.audit_run_of = lambda choice: FakeRun(audit_events(choice))
        self.replications = []
        self.replication_of = lambda paper: FakeRun(paper_events(paper))
        self.run_of = lambda experiment: FakeRun(run_events(experiment))
        self.hold = not ready
        self.held = []
        self._ready = ready

    def start(self):
        self.on_state(READY if self._ready else LOADING)

    def restart(self):
        self.restarts += 1

    def stop_runs(self):
        self.stopped += 1
        self.goes_on = False

    def prepare_own(self):
        self.prepared += 1

    def close(self):
        self.closed = True

    def call(self, request):
        """Answers a drawing at once, unless it is told to hold it, and a measurement piece by piece."""
        self.calls.append(request)
        call, answer = len(self.calls), Future()
        if isinstance(request, Draw):
            self._draw(request, answer)
        elif isinstance(request, MeasureSignal):
            self.measured.append(request.experiment)
            self.runs[call] = self.signals_of(request.experiment)
        elif isinstance(request, CompareRuns):
            self.runs[call] = iter((RunsUnderWay().answer(call, request),))
        if self._ready and not isinstance(request, Draw):
            self._advance(call, request, answer)
        return call, answer

    def _draw(self, request, answer):
        self.draws.append(request)
        if self.hold:
            self.held.append((request, answer))
        elif self.draw_error:
            answer.set_exception(self.draw_error)
        else:
            answer.set_result(sample_of(request))

    def _advance(self, call, request, answer):
        """The next event of a run, whose id is the call's that began it."""
        try:
            run = self.runs.get(getattr(request, "run", call), iter(()))
            answer.set_result(Exhausted() if isinstance(request, Stop) else next(run, Exhausted()))
        except Exception as error:
            answer.set_exception(error)

    def let_go(self):
        """Answer what was held, and hold no more."""
        self.hold = False
        for request, answer in self.held:
            answer.set_result(sample_of(request))

    def replicate(self, choice, *, keeps=False, run=""):
        self.replications.append((choice.paper, choice.data, choice.seed))
        return self.replication_of(choice.replicated)

    def train(self, experiment, *, keeps=False, run="", workplace=None):
        self.experiments.append(experiment)
        self.gone_on_with.append(run)
        self.workplaces.append(workplace)
        return self.run_of(experiment)

    def audit(self, choice, *, keeps=False):
        self.choices.append(choice)
        return self.audit_run_of(choice)
