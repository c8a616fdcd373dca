"""What a run's accuracies allow to conclude, told among its events. Imports no TensorFlow."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeVar

import numpy as np

from initterm.engine.comparison.comparing import compare
from initterm.engine.comparison.intervals import Hits
from initterm.experiments.comparison import Stopped
from initterm.experiments.message import Number
from initterm.experiments.metric import ACCURACY, Metric
from initterm.experiments.training import events
from initterm.experiments.training.experiment import Experiment


def compared(
    experiment: Experiment,
    told: Iterable[events.TrainingEvent],
    images: int | None = None,
    before: Iterable[events.TrainingEvent] = (),
    metric: Metric = ACCURACY,
) -> Iterator[events.TrainingEvent]:
    """A run's events, with a ``Compared`` among them wherever one is due.

    Validation accuracies are compared when all trials that go on have come an epoch further, in the first epoch also
    whenever all of a seed have; test accuracies when all of a seed have one or are over. So the number of comparisons
    grows with epochs and seeds, not with trials.

    Args:
        experiment: what is run.
        told: its trials' events.
        images: how many images the test has; None for as many as the bits that tell of them.
        before: what an interrupted run told; what it would have compared next is told first.
        metric: what its trials are judged by, and what stands for their accuracies. Without bounds there is no margin.
    """
    accuracies = _Accuracies(experiment, images, metric)
    yield from accuracies.go_on(before)
    for event in told:
        yield event
        if isinstance(event, ToldOfTrials):
            for epoch in accuracies.taken(event):
                yield from accuracies.compared(epoch)


OfTrial = TypeVar("OfTrial")
ToldOfTrials = events.EpochFinished | events.TrialFinished | events.TrialResumed | events.ContenderStopped


class _Accuracies:
    """What each trial has come to so far, and the last epoch that was compared."""

    def __init__(self, experiment: Experiment, images: int | None, metric: Metric) -> None:
        self._experiment, self._images, self._metric = experiment, images, metric
        self._contenders = len(experiment.contenders)
        count = self._contenders * experiment.seeds
        self._validation: list[list[Number]] = [[] for _ in range(count)]
        self._test: list[Number] = [None] * count
        self._diverged = [False] * count
        self._hits: list[Hits | None] = [None] * count
        self._going = set(range(count))
        self._stopped: dict[int, Stopped] = {}
        self._epoch = 0

    def go_on(self, told: Iterable[events.TrainingEvent]) -> Iterator[events.Compared]:
        """Take in what was told before; what was due by the last of it and wasn't told is told."""
        due: list[int | None] = []
        for event in told:
            if isinstance(event, events.Compared):
                due = [epoch for epoch in due if epoch != event.epoch]
            elif isinstance(event, ToldOfTrials):
                due = self.taken(event)
        for epoch in due:
            yield from self.compared(epoch)

    def taken(self, event: ToldOfTrials) -> list[int | None]:
        """Take in what a trial has come to; what is to be compared now: after which epochs, None for the test."""
        if isinstance(event, events.ContenderStopped):
            self._stopped[event.stopped.contender] = event.stopped
            return [self._epoch] if self._epoch else []
        trial = event.trial
        if isinstance(event, events.TrialResumed):
            self._test[trial], self._hits[trial] = None, None
            self._going.add(trial)
            return []
        if isinstance(event, events.EpochFinished):
            self._validation[trial].append(event.val_accuracy)
        else:
            self._test[trial] = event.test_accuracy
            self._diverged[trial] = event.status == "diverged"
            self._hits[trial] = self._unpacked(event.hits) if event.hits else None
            self._going.discard(trial)
        return list(self._due(trial))

    def _unpacked(self, hits: bytes) -> Hits:
        return np.unpackbits(np.frombuffer(hits, np.uint8), count=self._images)

    def _due(self, trial: int) -> Iterator[int | None]:
        """What is to be compared now that this trial has come further."""
        first = trial // self._contenders * self._contenders
        of_seed = range(first, first + self._contenders)
        if self._going.isdisjoint(of_seed):
            yield None
        elif self._epochs(of_seed) <= self._epoch:
            return
        epochs = self._epochs(range(len(self._test)))
        if epochs > self._epoch:
            self._epoch = epochs
            yield epochs
        elif not self._epoch and len(self._validation[trial]) == 1:
            yield 1

    def _epochs(self, trials: Iterable[int]) -> int:
        """Whole epochs that all of these have that go on."""
        return min((len(self._validation[trial]) for trial in trials if trial in self._going), default=0)

    def _after(self, epoch: int) -> list[Number]:
        """What each trial had come to by an epoch; of a contender that was stopped what it had come to by then."""
        last = {contender: stopped.epoch for contender, stopped in self._stopped.items()}
        at = [min(epoch, last.get(trial % self._contenders, epoch)) for trial in range(len(self._validation))]
        return [row[end - 1] if end <= len(row) else None for end, row in zip(at, self._validation, strict=True)]

    def compared(self, epoch: int | None) -> Iterator[events.Compared]:
        """The accuracies after an epoch, or of the test; nothing where there is nothing to compare."""
        accuracies = self._test if epoch is None else self._after(epoch)
        if all(accuracy is None for accuracy in accuracies):
            return
        settled = not self._going
        comparison = compare(
            self._rows(None if lost else at for at, lost in zip(accuracies, self._diverged, strict=True)),
            diverged=self._rows(self._diverged),
            hits=self._rows(self._hits) if epoch is None and settled else (),
            margin=self._experiment.margin / 100 if self._metric.is_share else None,
            looked=self._experiment.looked,
            metric=self._metric,
            stopped=tuple(self._stopped.values()),
        )
        yield events.Compared(comparison, epoch, settled=settled)

    def _rows(self, by_trial: Iterable[OfTrial]) -> tuple[tuple[OfTrial, ...], ...]:
        """A row for each contender."""
        told = tuple(by_trial)
        return tuple(told[contender :: self._contenders] for contender in range(self._contenders))
