"""A run's whole state, folded from its events: what a face draws at any moment."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import reduce

from initterm.engine.experiment import Experiment, Trial
from initterm.engine.protocol import (
    CompileStarted,
    DataLoaded,
    DataReceived,
    EpochFinished,
    Number,
    RunStarted,
    Status,
    StepsFinished,
    TrainingEvent,
    TrialFinished,
    TrialStarted,
)

ONE_SEED = "One seed can't tell a better initializer from a lucky start."


@dataclass(frozen=True)
class TrialRecord:
    """One trial so far. Histories have an entry an epoch, None where the number was not finite."""

    trial: Trial
    status: Status = "waiting"
    steps: int = 0
    steps_done: int = 0
    loss: tuple[Number, ...] = ()
    accuracy: tuple[Number, ...] = ()
    val_loss: tuple[Number, ...] = ()
    val_accuracy: tuple[Number, ...] = ()
    epoch_seconds: tuple[float, ...] = ()
    test_loss: Number = None
    test_accuracy: Number = None

    @property
    def epochs_done(self) -> int:
        """Whole epochs trained."""
        return len(self.loss)

    @property
    def over(self) -> bool:
        """Whether nothing more will come of it."""
        return self.status not in ("waiting", "training")

    def share_done(self, epochs: int) -> float:
        """How much of its epochs is done, from 0 to 1; 1 as soon as it is over."""
        part = self.steps_done / self.steps if self.steps else 0.0
        return 1.0 if self.over else min(1.0, (self.epochs_done + part) / epochs)


@dataclass(frozen=True)
class Scoreboard:
    """An experiment and what its events have told so far; ``after`` gives the board one event later."""

    experiment: Experiment
    records: tuple[TrialRecord, ...]
    device: str = ""
    versions: dict[str, str] = field(default_factory=dict)
    data: DataLoaded | None = None
    download: DataReceived | None = None
    compiling: bool = False

    @classmethod
    def of(cls, experiment: Experiment, events: Iterable[TrainingEvent] = ()) -> Scoreboard:
        """The board of an experiment after these events."""
        fresh = cls(experiment, tuple(TrialRecord(trial) for trial in experiment.trials))
        return reduce(cls.after, events, fresh)

    def after(self, event: TrainingEvent) -> Scoreboard:
        """The board with one more event taken in."""
        match event:
            case RunStarted(device, versions):
                return replace(self, device=device, versions=versions)
            case DataReceived():
                return replace(self, download=event)
            case DataLoaded():
                return replace(self, data=event, download=None)
            case CompileStarted():
                return replace(self, compiling=True)
            case _:
                return replace(self, compiling=False)._with_record(_advanced(self.records[event.trial], event))

    def cancelled(self) -> Scoreboard:
        """The board of a run that was ended early: what was not over is cancelled."""
        records = tuple(record if record.over else replace(record, status="cancelled") for record in self.records)
        return replace(self, records=records, compiling=False, download=None)

    @property
    def over(self) -> bool:
        """Whether every trial is over."""
        return all(record.over for record in self.records)

    @property
    def share_done(self) -> float:
        """How much of all trials is done, from 0 to 1."""
        return sum(record.share_done(self.experiment.epochs) for record in self.records) / len(self.records)

    @property
    def doing(self) -> str:
        """What is happening, in a few words."""
        if self.download:
            return f"downloading MNIST, {_megabytes(self.download)}"
        if self.data is None:
            return "loading the data"
        if self.compiling:
            return "compiling"
        training = next((record for record in self.records if record.status == "training"), None)
        if training is None:
            return "done" if self.over else "starting"
        epoch = min(training.epochs_done + 1, self.experiment.epochs)
        return f"{training.trial.initializer}, seed {training.trial.seed}, epoch {epoch}"

    @property
    def seconds_left(self) -> float | None:
        """Estimate by the epochs so far, None before the first one."""
        seconds = [second for record in self.records for second in record.epoch_seconds]
        if not seconds:
            return None
        epochs_left = len(self.records) * self.experiment.epochs * (1 - self.share_done)
        return sum(seconds) / len(seconds) * epochs_left

    def _with_record(self, record: TrialRecord) -> Scoreboard:
        index = record.trial.index
        return replace(self, records=(*self.records[:index], record, *self.records[index + 1 :]))


def _megabytes(download: DataReceived) -> str:
    received = f"{download.received / 1e6:.1f}"
    return f"{received} of {download.total / 1e6:.1f} MB" if download.total else f"{received} MB"


def _advanced(record: TrialRecord, event: TrialStarted | StepsFinished | EpochFinished | TrialFinished) -> TrialRecord:
    match event:
        case TrialStarted():
            return replace(record, status="training", steps=event.steps)
        case StepsFinished():
            return replace(record, steps_done=event.steps if event.epoch > record.epochs_done else 0)
        case EpochFinished():
            return replace(
                record,
                steps_done=0,
                loss=(*record.loss, event.loss),
                accuracy=(*record.accuracy, event.accuracy),
                val_loss=(*record.val_loss, event.val_loss),
                val_accuracy=(*record.val_accuracy, event.val_accuracy),
                epoch_seconds=(*record.epoch_seconds, event.seconds),
            )
        case TrialFinished():
            return replace(
                record,
                status=event.status,
                test_loss=event.test_loss,
                test_accuracy=event.test_accuracy,
            )
