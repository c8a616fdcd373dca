"""A run's whole state, folded from its events: what a face draws at any moment."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import reduce
from operator import attrgetter
from typing import Any

import msgspec

from initterm.experiments.comparison import Comparison, Stopped
from initterm.experiments.message import UNKNOWN, DataReceived, Machine, Number
from initterm.experiments.metric import ACCURACY, Metric
from initterm.experiments.training import events
from initterm.experiments.training.contender import Contender
from initterm.experiments.training.experiment import Experiment, Trial
from initterm.theory.refusal import printable
from initterm.theory.wording import counted

TrialEvent = events.TrialStarted | events.StepsFinished | events.EpochFinished | events.Diagnosed | events.TrialFinished
"""What tells how far a trial has come."""


@dataclass(frozen=True)
class Partial:
    """An epoch under way: the share of it that is done, and the mean loss and accuracy of that share."""

    share: float
    loss: Number
    accuracy: Number


@dataclass(frozen=True)
class TrialRecord:
    """One trial so far. Histories have an entry an epoch, None where the number was not finite.

    ``diverged_at`` is the step, counted from the first batch, at which the loss became NaN or infinite.
    """

    trial: Trial
    status: events.Status = "waiting"
    steps: int = 0
    partial: Partial | None = None
    loss: tuple[Number, ...] = ()
    accuracy: tuple[Number, ...] = ()
    val_loss: tuple[Number, ...] = ()
    val_accuracy: tuple[Number, ...] = ()
    epoch_seconds: tuple[float, ...] = ()
    test_loss: Number = None
    test_accuracy: Number = None
    diverged_at: int | None = None
    diagnoses: tuple[events.Diagnosed, ...] = ()

    @property
    def epochs_done(self) -> int:
        """Whole epochs trained."""
        return len(self.loss)

    @property
    def over(self) -> bool:
        """Whether nothing more will come of it."""
        return self.status not in ("waiting", "training")

    def share_trained(self, epochs: int) -> float:
        """How much of its epochs it has trained, from 0 to 1; one that ended early stays where it ended."""
        part = self.partial.share if self.partial else 0.0
        return min(1.0, (self.epochs_done + part) / epochs)

    def share_done(self, epochs: int) -> float:
        """How much of what it was to do is done, from 0 to 1; 1 as soon as it is over, however it ended."""
        return 1.0 if self.over else self.share_trained(epochs)

    def epoch_of(self, target: float, metric: Metric = ACCURACY) -> int | None:
        """The first epoch whose validation accuracy, or what else judges, reaches the target; None as long as none."""
        at_epochs = enumerate(self.val_accuracy, start=1)
        reached = (epoch for epoch, at in at_epochs if at is not None and metric.better * (at - target) >= 0)
        return next(reached, None)

    def after(self, event: TrialEvent) -> TrialRecord:
        """The record with one more event of its trial taken in."""
        match event:
            case events.TrialStarted():
                return replace(self, status="training", steps=event.steps)
            case events.StepsFinished() if event.epoch > self.epochs_done:
                return replace(self, partial=Partial(event.steps / self.steps, event.loss, event.accuracy))
            case events.StepsFinished():
                return self
            case events.Diagnosed():
                return replace(self, diagnoses=tuple(sorted((*self.diagnoses, event), key=attrgetter("epoch"))))
            case events.EpochFinished():
                return replace(
                    self,
                    partial=None,
                    loss=(*self.loss, event.loss),
                    accuracy=(*self.accuracy, event.accuracy),
                    val_loss=(*self.val_loss, event.val_loss),
                    val_accuracy=(*self.val_accuracy, event.val_accuracy),
                    epoch_seconds=(*self.epoch_seconds, event.seconds),
                )
            case events.TrialFinished():
                return replace(
                    self,
                    status=event.status,
                    partial=None,
                    test_loss=event.test_loss,
                    test_accuracy=event.test_accuracy,
                    diverged_at=event.step,
                )


@dataclass(frozen=True)
class Scoreboard:
    """An experiment and what its events have told so far; ``after`` gives the board one event later.

    ``ended`` is the epoch after which the minutes were spent, 0 as long as they aren't; ``validated`` and ``tested``
    are the last comparisons of the accuracies of either; ``stopped`` are those who can't win any more, ``pool`` the
    workers that do its trials, None for one engine.
    """

    experiment: Experiment
    records: tuple[TrialRecord, ...]
    device: str = ""
    versions: dict[str, str] = field(default_factory=dict)
    t_quantiles: tuple[float, ...] = ()
    machine: Machine = UNKNOWN
    data: events.DataLoaded | None = None
    model: events.ModelPrepared | None = None
    preparing: DataReceived | events.PreparationBegun | None = None
    compiling: str = ""
    note: str = ""
    ended: int = 0
    stopped: tuple[Stopped, ...] = ()
    validated: events.Compared | None = None
    tested: events.Compared | None = None
    pool: events.PoolStarted | None = None

    @classmethod
    def of(cls, experiment: Experiment, told: Iterable[events.TrainingEvent] = ()) -> Scoreboard:
        """The board of an experiment after these events."""
        return reduce(cls.after, told, cls(experiment, tuple(map(TrialRecord, experiment.trials))))

    def after(self, event: events.TrainingEvent) -> Scoreboard:
        """The board with one more event taken in."""
        match event:
            case events.Compared(epoch=None):
                return replace(self, tested=self._settled(event))
            case events.Compared():
                return replace(self, validated=self._settled(event))
            case events.ContenderStopped(stopped):
                return replace(self, stopped=(*self.stopped, stopped))
            case events.TrialResumed(trial):
                return self._resumed(self.records[trial])
            case events.TrialStarted() | events.StepsFinished() | events.EpochFinished():
                return self._advanced(event)
            case events.Diagnosed() | events.TrialFinished():
                return self._advanced(event)
            case _:
                return replace(self, **_of_the_run(event))

    def cancelled(self, contender: Contender | None = None) -> Scoreboard:
        """The board of a run that was ended early, for one contender or all: what was not over is cancelled."""
        concerned = [not record.over and contender in (None, record.trial.contender) for record in self.records]
        records = tuple(
            replace(record, status="cancelled", partial=None) if ended else record
            for record, ended in zip(self.records, concerned, strict=True)
        )
        board = replace(self, records=records)
        return replace(board, compiling="", preparing=None) if board.over else board

    def of_contender(self, contender: Contender) -> tuple[TrialRecord, ...]:
        """The contender's trials, one a seed."""
        contenders = self.experiment.contenders
        return self.records[contenders.index(contender) :: len(contenders)]

    @property
    def classes(self) -> int:
        """How many classes the loss tells apart; 0 before that is known, and of a loss that isn't theirs."""
        of_classes = self.model is None or "crossentropy" in self.model.loss
        return self.data.classes if self.data and of_classes else 0

    @property
    def metric(self) -> Metric:
        """What judges: what the accuracies of the records are, for a model whose classes aren't counted."""
        return self.model.metric if self.model else ACCURACY

    @property
    def target(self) -> float | None:
        """What validation is to reach; None of a metric that the usual target, an accuracy, says nothing of."""
        target = self.experiment.target
        return target if self.metric.is_accuracy or target != Experiment.target else None

    def epoch_of_target(self, record: TrialRecord) -> int | None:
        """In which epoch a trial reached it; None where it hasn't, or where there is none."""
        return None if self.target is None else record.epoch_of(self.target, self.metric)

    @property
    def epochs(self) -> int:
        """How many epochs a trial has, as far as that is known: fewer than were asked for where steps or time end."""
        course = self.experiment.course(self.data.train) if self.data else None
        return self.ended or (course.epochs if course else self.experiment.epochs)

    @property
    def over(self) -> bool:
        """Whether every trial is over."""
        return all(record.over for record in self.records)

    @property
    def finished(self) -> bool:
        """Whether nothing of it is left to be trained: no trial was ended before its time by somebody."""
        return all(record.status in ("finished", "stopped", "diverged") for record in self.records)

    @property
    def compared(self) -> events.Compared | None:
        """What can be concluded: from the test where every trial is over, before that from the validation."""
        return (self.over and self.tested) or self.validated

    @property
    def test_comparison(self) -> Comparison:
        """What the accuracies of the test allow to conclude, as far as seeds have met it."""
        if self.tested:
            return self.tested.comparison
        return Comparison.of_nothing(len(self.experiment.contenders), self.metric)

    @property
    def share_done(self) -> float:
        """How much of all trials is done, from 0 to 1."""
        return sum(record.share_done(self.epochs) for record in self.records) / len(self.records)

    @property
    def doing(self) -> str:
        """What is happening, in a few words."""
        if self.preparing:
            return printable(self.preparing.words)
        if self.data is None:
            model = printable(self.experiment.own.model)
            return f"opening {model}" if model else "loading the data"
        if self.compiling:
            return f"compiling {self.compiling}" if self.model else f"compiling the network with {self.compiling}"
        training = [record for record in self.records if record.status == "training"]
        if not training:
            return "done" if self.over else "starting"
        going_on = sum(not record.over for record in self.records)
        if self.pool:
            return f"{counted('trial', going_on)} to go · {counted('worker', self.pool.workers)}"
        epoch = min(min(record.epochs_done for record in training) + 1, self.epochs)
        return f"epoch {epoch} of {self.epochs} · {counted('trial', going_on)} side by side"

    @property
    def seconds_left(self) -> float | None:
        """Estimate by the epochs so far, None before the first one."""
        seconds = [second for record in self.records for second in record.epoch_seconds]
        epochs, workers = self.epochs, self.pool.workers if self.pool else 1
        left = sum(epochs * (1 - record.share_done(epochs)) for record in self.records)
        return sum(seconds) / len(seconds) * left / workers if seconds else None

    def _settled(self, compared: events.Compared) -> events.Compared:
        """A comparison that settled a run of fewer seeds doesn't settle this one."""
        return compared if self.over else msgspec.structs.replace(compared, settled=False)

    def _resumed(self, record: TrialRecord) -> Scoreboard:
        """The board with this trial under way again; a test that it had met is of fewer epochs, and counts no more."""
        again = replace(record, status="training", partial=None, test_loss=None, test_accuracy=None)
        tested = None if record.status == "finished" else self.tested
        index = record.trial.index
        records = (*self.records[:index], again, *self.records[index + 1 :])
        return replace(self, compiling="", tested=tested, records=records)

    def _advanced(self, event: TrialEvent) -> Scoreboard:
        return replace(self, compiling="")._with_record(self.records[event.trial].after(event))

    def _with_record(self, record: TrialRecord) -> Scoreboard:
        """The board with this record; what comes of a trial that is over already is ignored."""
        index = record.trial.index
        if self.records[index].over:
            return self
        return replace(self, records=(*self.records[:index], record, *self.records[index + 1 :]))


def _of_the_run(event: events.TrainingEvent) -> dict[str, Any]:
    """What an event tells of all trials together, as fields of the board; else nothing."""
    match event:
        case events.RunStarted(device, versions, t_quantiles, machine):
            return {"device": device, "versions": versions, "t_quantiles": t_quantiles, "machine": machine}
        case DataReceived() | events.PreparationBegun():
            return {"preparing": event}
        case events.DataLoaded():
            return {"data": event, "preparing": None}
        case events.ModelPrepared():
            return {"model": event, "preparing": None}
        case events.CompileStarted(activation):
            return {"compiling": activation}
        case events.FellBack(sentence):
            return {"note": sentence}
        case events.BudgetSpent(epoch):
            return {"ended": epoch}
    return {"pool": event} if isinstance(event, events.PoolStarted) else {}
