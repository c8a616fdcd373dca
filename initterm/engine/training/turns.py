"""The order in which the trials of an experiment take turns, and when their time is up."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Sequence

from initterm.engine.training.losers import NOBODY_LOSES, Losers
from initterm.engine.training.trial_run import TrialRun
from initterm.experiments.training import events

NOBODY: frozenset[int] = frozenset()


class Stopwatch:
    """The seconds that all trials together took for each epoch, against the most that they may take for all of them.

    Args:
        minutes: the most, 0 for no end.
        before: what an interrupted run told, which is part of it.
    """

    def __init__(self, minutes: float = 0.0, before: Iterable[events.TrainingEvent] = ()) -> None:
        self._seconds = 60 * minutes
        self._of_epoch: defaultdict[int, dict[int, float]] = defaultdict(dict)
        self._ended: int | None = None
        for event in before:
            self.take(event)

    def take(self, event: events.TrainingEvent) -> None:
        """Take in what a trial told."""
        if isinstance(event, events.EpochFinished):
            self._of_epoch[event.epoch][event.trial] = event.seconds
        if isinstance(event, events.BudgetSpent):
            self._ended = event.epoch

    def leaves(self, epoch: int, going: Container[int]) -> bool:
        """Whether there is time for an epoch of the trials that go on, by what the one before took; for the first is.

        Args:
            epoch: which one, counted from 1.
            going: trials that go on, counted from 0.
        """
        if self._ended is not None:
            return epoch <= self._ended
        spent = sum(sum(of_trials.values()) for at, of_trials in self._of_epoch.items() if at < epoch)
        before = sum(seconds for trial, seconds in self._of_epoch[epoch - 1].items() if trial in going)
        return not self._seconds or epoch == 1 or spent + before <= self._seconds


def side_by_side(
    trial_runs: Sequence[TrialRun],
    epochs: int,
    cancelled: Container[int] = NOBODY,
    stopwatch: Stopwatch | None = None,
    losers: Losers = NOBODY_LOSES,
) -> Iterator[events.TrainingEvent]:
    """An epoch of every trial that hasn't got so far, the next epoch of every trial, and so on; at last the test.

    Where the time is up all trials end after the same epoch, so that they stay comparable; those of a contender that
    loses end when that is seen.
    """
    stopwatch = stopwatch or Stopwatch()
    for trial_run in trial_runs:
        yield from trial_run.go_on()
    for epoch in range(1, epochs + 1):
        going = [trial_run for trial_run in trial_runs if losers.lets_begin(epoch, trial_run.contender)]
        if not stopwatch.leaves(epoch, {trial_run.index for trial_run in going}):
            yield events.BudgetSpent(epoch - 1)
            break
        for trial_run in going:
            for event in trial_run.until_cancelled(trial_run.run_epoch(epoch), cancelled):
                stopwatch.take(event)
                losers.take(event)
                yield event
        yield from losers.after(epoch)
        for trial_run in going:
            if not losers.lets_begin(epoch + 1, trial_run.contender):
                yield from trial_run.until_cancelled(trial_run.finish("stopped"), cancelled)
    for trial_run in trial_runs:
        yield from trial_run.until_cancelled(trial_run.finish(), cancelled)
