"""A small training, what it tells, and a folder of runs in which it is kept."""

from itertools import combinations

from initterm.experiments.comparison import Comparison, Mean, Pair
from initterm.experiments.training.events import (
    Compared,
    DataLoaded,
    Diagnosed,
    EpochFinished,
    RunStarted,
    StepsFinished,
    TrialFinished,
    TrialStarted,
)
from initterm.experiments.training.experiment import Experiment
from initterm.report.runs.outcome import outcome_of
from initterm.store.keeping import kept
from initterm.store.kinds import kind_of

EXPERIMENT = Experiment(epochs=2, seeds=3)
IMAGES = "0123456789abcdef0123456789abcdef"


def told(experiment=EXPERIMENT, accuracy=0.9, fingerprint=IMAGES):
    """What such a training tells, in its order; trials differ a little."""
    contenders = range(len(experiment.contenders))
    yield RunStarted("CPU", {"keras": "3"}, (12.7,))
    yield DataLoaded("MNIST", 4000, 1000, 10000, "", fingerprint=fingerprint)
    for trial in experiment.trials:
        yield TrialStarted(trial.index, 125)
    for epoch in range(1, experiment.epochs + 1):
        for trial in experiment.trials:
            yield StepsFinished(trial.index, epoch, 60, 0.5, 0.5)
            yield EpochFinished(trial.index, epoch, 1 / epoch, 0.5, 1 / epoch, reached(trial, accuracy), 0.25)
            yield Diagnosed(trial.index, epoch, 0.5, 1.0, 2.0)
    for trial in experiment.trials:
        yield TrialFinished(trial.index, "finished", 0.3, reached(trial, accuracy), None, b"\xff")
    means = tuple(Mean(accuracy, (accuracy - 0.1, accuracy + 0.1), experiment.seeds) for _ in contenders)
    pairs = tuple(
        Pair(a, b, experiment.seeds, 0, 0, 0.01, None, None, None, answer="undecided")
        for a, b in combinations(contenders, 2)
    )
    yield Compared(Comparison(means, pairs, 1), None, settled=True)


def reached(trial, accuracy):
    return accuracy - 0.001 * trial.index - 0.0001 * (trial.index % 3) ** 2


def keep(runs, asked=EXPERIMENT, events=None, until=None):
    """Keep a run; ``until`` so many events, after which its writer dies. Its id, as it was told."""
    writer, note = runs.begun(asked)
    events = told(asked) if events is None else events
    if until is None:
        list(kept(iter(events), writer, kind_of(asked).board(asked), outcome_of, note=note))
    else:
        for _, event in zip(range(until), events, strict=False):
            writer.append(event)
        writer.close()
    return writer.id
