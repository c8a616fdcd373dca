"""What a pool's workers tell of a training's trials, each of it once: whoever told it first, and in a trial's order."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence

import msgspec

from initterm.experiments.message import DataReceived
from initterm.experiments.sweep.events import SweepEvent, TrialFailed, TrialMeasured
from initterm.experiments.training import events
from initterm.experiments.training.board import TrialEvent, TrialRecord
from initterm.experiments.training.events import TrainingEvent
from initterm.experiments.training.experiment import Experiment
from initterm.theory.refusal import Refusal

BEFORE_DATA = DataReceived | events.PreparationBegun
ONCE = events.DataLoaded | events.ModelPrepared | events.FellBack


class ToldOnce:
    """A training's events, of those that its workers tell.

    ``loaded`` are the images, None before they are told.

    Args:
        experiment: whose.
        records: what each trial had come to before; one that has begun and isn't over goes on.
        quantiles: Student's, that are told with who computes.
    """

    def __init__(
        self, experiment: Experiment, records: Sequence[TrialRecord], quantiles: tuple[float, ...] = ()
    ) -> None:
        self._experiment, self._quantiles = experiment, quantiles
        self._records = [*records]
        self._begun = [record.trial.index for record in records if not record.over and record.status != "waiting"]
        self._started = False
        self._told: set[TrainingEvent] = set()
        self.loaded: events.DataLoaded | None = None

    @property
    def over(self) -> list[TrialRecord]:
        """The trials that are over."""
        return [record for record in self._records if record.over]

    @property
    def all_over(self) -> bool:
        """Whether there is nothing more to tell."""
        return all(record.over for record in self._records)

    def of(self, event: SweepEvent | TrainingEvent, cancelled: Container[int] = ()) -> Iterator[TrainingEvent]:
        """What is to be told now that a worker has told this, and these contenders go no further.

        Raises:
            Refusal: a trial can't be done.
        """
        match event:
            case events.RunStarted():
                yield from self._computing(event)
            case _ if isinstance(event, ONCE):
                yield from self._once(event)
            case _ if isinstance(event, BEFORE_DATA) and not self.loaded:
                yield event
            case events.CompileStarted():
                yield event
            case TrialMeasured():
                yield from self._measured(event)
            case TrialFailed():
                who = "" if self._experiment.own.model else f"{self._records[event.key.trial].trial}: "
                raise Refusal(who + event.sentence)
            case _ if isinstance(event, TrialEvent):
                yield from self._advanced(event)
        if self.loaded:
            yield from self._ended(cancelled)

    def _computing(self, event: events.RunStarted) -> Iterator[TrainingEvent]:
        if not self._started:
            self._started = True
            yield msgspec.structs.replace(event, t_quantiles=self._quantiles)

    def _once(self, event: events.DataLoaded | events.ModelPrepared | events.FellBack) -> Iterator[TrainingEvent]:
        """What every worker tells; once the data are known, trials that had begun go on."""
        if event not in self._told:
            self._told.add(event)
            yield event
        if isinstance(event, events.DataLoaded) and not self.loaded:
            self.loaded = event
            yield from (events.TrialResumed(trial, 0) for trial in self._begun)

    def _advanced(self, event: TrialEvent) -> Iterator[TrainingEvent]:
        """An event of a trial, where it is the next one of it."""
        record = self._records[event.trial]
        if self.loaded and not record.over and _is_news(event, record):
            self._records[event.trial] = record.after(event)
            yield event

    def _measured(self, event: TrialMeasured) -> Iterator[TrainingEvent]:
        """The end of a trial, and what wasn't told of it before that."""
        if self.loaded:
            steps = self._experiment.course(self.loaded.train).an_epoch
            for one in history(event, steps):
                yield from self._advanced(one)

    def _ended(self, cancelled: Container[int]) -> Iterator[TrainingEvent]:
        """The ends of trials whose contenders are cancelled."""
        for record in self._records:
            trial = record.trial.index
            if not record.over and trial % len(self._experiment.contenders) in cancelled:
                end = events.TrialFinished(trial, "cancelled")
                self._records[trial] = record.after(end)
                yield end


def _is_news(event: TrialEvent, record: TrialRecord) -> bool:
    """Whether an event is the next one of its kind of a trial that has come so far."""
    match event:
        case events.TrialStarted():
            return record.status == "waiting"
        case events.EpochFinished():
            return event.epoch == record.epochs_done + 1
        case events.Diagnosed():
            return event.epoch <= record.epochs_done and all(one.epoch != event.epoch for one in record.diagnoses)
    return record.status == "training"


def history(event: TrialMeasured, steps: int) -> Iterator[TrialEvent]:
    """All that a trial told of itself, from its start, of so many steps an epoch, to its end."""
    trial, diagnoses = event.key.trial, {one.epoch: one for one in event.diagnoses}
    yield events.TrialStarted(trial, steps)
    if 0 in diagnoses:
        yield diagnoses[0]
    rows = zip(event.loss, event.accuracy, event.val_loss, event.val_accuracy, event.epoch_seconds, strict=True)
    for epoch, (loss, accuracy, val_loss, val_accuracy, seconds) in enumerate(rows, start=1):
        yield events.EpochFinished(trial, epoch, loss, accuracy, val_loss, val_accuracy, seconds)
        if epoch in diagnoses:
            yield diagnoses[epoch]
    yield events.TrialFinished(trial, event.status, event.test_loss, event.test_accuracy, event.step, event.hits)
