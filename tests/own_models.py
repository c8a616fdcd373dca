"""What a run of a person's own model tells, made by hand: for tests of what is drawn and written of it."""

from __future__ import annotations

from initterm.engine.comparison.intervals import t_quantiles
from initterm.engine.training.comparisons import compared
from initterm.experiments.metric import ACCURACY, Metric
from initterm.experiments.training.board import Scoreboard
from initterm.experiments.training.contender import Contender
from initterm.experiments.training.events import (
    CompileStarted,
    DataLoaded,
    EpochFinished,
    ModelPrepared,
    ModelTensor,
    RunStarted,
    TrialFinished,
    TrialStarted,
)
from initterm.experiments.training.experiment import Experiment
from initterm.experiments.training.model import ModelSpec

LOSS = Metric("loss", higher_is_better=False, largest=None)
MAE = Metric("mean_absolute_error", higher_is_better=False, largest=None)
AUC = Metric("auc", largest=1.0)

TENSORS = (
    ModelTensor("block_1/dense/kernel", (20, 64), (20.0, 64.0), "glorot_uniform"),
    ModelTensor("block_2/dense/kernel", (64, 64), (64.0, 64.0), "variance_scaling(scale=2.0)"),
)
CLASSES = (10, 10, 10)


def own_experiment(*contenders, seeds=3, **settings):
    """A comparison of a model of one's own."""
    named = tuple(map(Contender.parse, contenders or ("declared", "he_normal")))
    return Experiment(named, own=ModelSpec("my_models:mlp", **settings), epochs=2, seeds=seeds)


def prepared(metric=LOSS, tensors=TENSORS, notes=()):
    """What is told of the model."""
    loss = "sparse_categorical_crossentropy" if metric.is_accuracy else "mean_squared_error"
    judged = "inferred" if metric in (LOSS, ACCURACY) else "model"
    return ModelPrepared(
        "my_models:mlp", 5569, tensors, 4, "adam 0.001", "model", loss, "inferred", metric, notes, judged
    )


def own_events(experiment, metric=LOSS, ends=((1.0, 1.1, 1.2), (0.5, 0.52, 0.55)), notes=()):
    """All that a run tells whose contenders came to these ends, by seed, None where a trial diverged."""
    yield RunStarted("CPU", {"keras": "3.15"}, t_quantiles(experiment.seeds))
    classes = CLASSES if metric.is_accuracy else ()
    yield DataLoaded("my_data:load", 800, 100, 100, "", classes, classes)
    yield prepared(metric, notes=notes)
    yield CompileStarted("my_models:mlp")
    yield from compared(experiment, _trials(experiment, ends), metric=metric)


def _trials(experiment, ends):
    for trial in experiment.trials:
        yield TrialStarted(trial.index, 25)
    for trial in experiment.trials:
        end = _end_of(trial, experiment, ends)
        for epoch in range(1, experiment.epochs + 1 if end is not None else 1):
            halved = end * 2 ** (experiment.epochs - epoch)
            yield EpochFinished(trial.index, epoch, halved, halved, halved, halved, 0.1)
    for trial in experiment.trials:
        end = _end_of(trial, experiment, ends)
        if end is None:
            yield TrialFinished(trial.index, "diverged", step=3)
        else:
            yield TrialFinished(trial.index, "finished", end, end)


def _end_of(trial, experiment, ends):
    return ends[experiment.contenders.index(trial.contender)][trial.seed - experiment.seed]


def own_board(*contenders, metric=LOSS, ends=((1.0, 1.1, 1.2), (0.5, 0.52, 0.55)), notes=(), **settings):
    """The board of such a run."""
    experiment = own_experiment(*contenders, seeds=len(ends[0]), **settings)
    return Scoreboard.of(experiment, own_events(experiment, metric, ends, notes))
