"""Who can't win any more, told from what all trials came to in validation after the same epoch.

A contender is stopped where it is behind the leader over the seeds that both have, by a one-sided bound that holds in
99.9% of looks. What is concluded in the end doesn't rest on that: nothing is claimed of whoever was stopped.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from statistics import fmean

from initterm.engine.comparison.comparing import means_of
from initterm.engine.comparison.intervals import SAME, interval_of_mean
from initterm.experiments.comparison import STOPPED_WRONGLY, Accuracies, Comparison, Flags, Stopped
from initterm.experiments.message import Number
from initterm.experiments.metric import ACCURACY, Metric
from initterm.experiments.training import events
from initterm.experiments.training.experiment import Experiment

FEWEST_SEEDS = 3
"""That a contender and the leader both have, so that one is stopped."""


class Losers:
    """What all trials came to in validation, and who was stopped for it, after which epoch.

    An epoch is looked at once, when all that go on have come to its end; so a run that goes on from what it told stops
    the same ones. With more seeds or epochs than it had, who was stopped ends there in the new ones too.

    Args:
        contenders: how many there are.
        seeds: of each.
        epochs: of each trial; before half of them nobody is stopped, and where they are 0 nobody ever.
        metric: what judges.
        before: what an interrupted run told, which is part of it.
    """

    def __init__(
        self,
        contenders: int,
        seeds: int,
        epochs: int,
        metric: Metric = ACCURACY,
        before: Iterable[events.TrainingEvent] = (),
    ) -> None:
        self._contenders, self._epochs, self._metric = contenders, epochs, metric
        self._validation: list[list[Number]] = [[] for _ in range(contenders * seeds)]
        self._diverged: set[int] = set()
        self._out: set[int] = set()
        self._last_epoch: dict[int, int] = {}
        for event in before:
            self.take(event)
        self._begun = max(map(len, self._validation), default=0)

    def take(self, event: events.TrainingEvent) -> None:
        """Take in what was told."""
        match event:
            case _ if not self._epochs:
                return
            case events.EpochFinished(trial=trial):
                self._validation[trial].append(event.val_accuracy)
            case events.TrialFinished(trial=trial, status="diverged"):
                self._diverged.add(trial)
            case events.TrialFinished(trial=trial, status="cancelled"):
                self._out.add(trial % self._contenders)
            case events.ContenderStopped(stopped):
                self._out.add(stopped.contender)
                self._last_epoch[stopped.contender] = stopped.epoch

    def lets_begin(self, epoch: int, contender: int) -> bool:
        """Whether a contender has such an epoch."""
        return epoch <= self._last_epoch.get(contender, epoch)

    def after(self, epoch: int) -> Iterator[events.ContenderStopped]:
        """Who goes no further than this epoch, to whose end all have come that go on."""
        if epoch < self._begun or not self._epochs <= 2 * epoch < 2 * self._epochs:
            return
        rows = tuple(self._of(contender, epoch) for contender in range(self._contenders))
        comparison = Comparison(means_of(rows, self._flags, (), self._metric), (), metric=self._metric)
        leader = max(range(self._contenders), key=comparison.standing)
        behind = (self._behind(contender, leader, rows, epoch) for contender in range(self._contenders))
        for told in [events.ContenderStopped(stopped) for stopped in behind if stopped]:
            self.take(told)
            yield told

    def _of(self, contender: int, epoch: int) -> tuple[Number, ...]:
        """What its trials came to after an epoch, None of those that diverged, and of all where it is out."""
        trials = range(contender, len(self._validation), self._contenders)
        there = [epoch <= len(self._validation[at]) and not {at} & self._diverged for at in trials]
        return tuple(
            self._validation[trial][epoch - 1] if known and contender not in self._out else None
            for trial, known in zip(trials, there, strict=True)
        )

    @property
    def _flags(self) -> Flags:
        trials = range(len(self._validation))
        diverged = [trial in self._diverged and trial % self._contenders not in self._out for trial in trials]
        return tuple(tuple(diverged[contender :: self._contenders]) for contender in range(self._contenders))

    def _behind(self, contender: int, leader: int, rows: Accuracies, epoch: int) -> Stopped | None:
        """How a contender is stopped; None where it may still win."""
        both = [(a, b) for a, b in zip(rows[leader], rows[contender], strict=True) if a is not None and b is not None]
        leads = [self._metric.better * (a - b) for a, b in both]
        interval = interval_of_mean(leads, 2 * STOPPED_WRONGLY) if len(leads) >= FEWEST_SEEDS else None
        if interval is None or interval[0] <= SAME:
            return None
        return Stopped(contender, epoch, self._epochs, leader, fmean(leads), interval[0])


def losers_of(
    experiment: Experiment, epochs: int, before: Iterable[events.TrainingEvent], metric: Metric = ACCURACY
) -> Losers:
    """Those of an experiment whose trials have so many epochs; nobody where all go to the end."""
    if not experiment.stop_losing:
        return NOBODY_LOSES
    return Losers(len(experiment.contenders), experiment.seeds, epochs, metric, before)


NOBODY_LOSES = Losers(0, 0, 0)
"""All go to the end."""
