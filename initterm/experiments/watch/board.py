"""A training that is watched so far: its events folded into one state."""

from __future__ import annotations

from dataclasses import dataclass, replace

from initterm.experiments.audit.board import AuditBoard
from initterm.experiments.message import Number
from initterm.experiments.training.board import TrialRecord
from initterm.experiments.training.contender import Contender
from initterm.experiments.training.diagnosis import Symptom, symptom_of
from initterm.experiments.training.events import Diagnosed, Status
from initterm.experiments.training.experiment import Trial
from initterm.experiments.watch import events
from initterm.experiments.watch.watched import Watched

LOSS = "loss"
OWN = Trial(0, Contender.parse("declared"), 0)
"""What diagnosis calls a training of a person's own."""


@dataclass(frozen=True, eq=False)
class WatchBoard:
    """What is known of it; what it hasn't come to is None or empty. ``notes`` say what isn't looked at, and why."""

    watched: Watched
    audit: AuditBoard
    started: events.WatchStarted | None = None
    probe: events.ProbeReady | None = None
    steps: tuple[events.StepWatched, ...] = ()
    logged: tuple[events.StepLogged, ...] = ()
    epochs: tuple[events.EpochWatched, ...] = ()
    notes: tuple[str, ...] = ()
    finished: events.WatchFinished | None = None

    @classmethod
    def of(cls, watched: Watched) -> WatchBoard:
        """The board before the first event."""
        return cls(watched, AuditBoard(watched.model))

    def after(self, event: events.WatchEvent) -> WatchBoard:
        """The board once this event is taken in."""
        match event:
            case events.WatchStarted():
                return replace(self, started=event)
            case events.ProbeReady():
                return replace(self, probe=event)
            case events.StepWatched():
                return replace(self, steps=(*self.steps, event))
            case events.StepLogged():
                return replace(self, logged=(*self.logged, event))
            case events.EpochWatched():
                return replace(self, epochs=(*self.epochs, event))
            case events.WatchNoted(sentence):
                return replace(self, notes=(*self.notes, sentence))
            case events.WatchFinished():
                return replace(self, finished=event)
        return replace(self, audit=self.audit.after(event))

    @property
    def told(self) -> tuple[events.StepLogged | events.EpochWatched, ...]:
        """What Keras told of losses and metrics, in its order."""
        return tuple(sorted((*self.logged, *self.epochs), key=lambda one: one.step))

    @property
    def losses(self) -> tuple[tuple[int, Number], ...]:
        """Step and loss, as Keras told them."""
        return tuple((one.step, one.logs[LOSS]) for one in self.told if LOSS in one.logs)

    @property
    def classes(self) -> int:
        """How many the loss tells apart; 0 where it is none of classes, or that isn't known yet."""
        return self.probe.classes if self.probe else 0

    @property
    def lost(self) -> int:
        """The first step after which a loss wasn't finite; 0 where all were."""
        return next((step for step, loss in (*self.losses, *((s.step, s.loss) for s in self.steps)) if loss is None), 0)

    @property
    def symptom(self) -> Symptom | None:
        """What goes wrong so far; None where nothing is seen."""
        loss = (self.steps[-1].loss,) if self.steps else ()
        status: Status = "diverged" if self.lost else "training"
        diagnoses = tuple(map(diagnosed, self.steps))
        return symptom_of(TrialRecord(OWN, status, loss=loss, diverged_at=self.lost, diagnoses=diagnoses), self.classes)


def diagnosed(step: events.StepWatched) -> Diagnosed:
    """What training's diagnosis goes by: the first and the last tensor's gradient, and means over the layers."""
    known = [norm for norm in step.gradients if norm is not None]
    return Diagnosed(
        trial=0,
        epoch=step.epoch,
        loss=step.loss,
        gradient_first=known[0] if known else None,
        gradient_last=known[-1] if known else None,
        dead=_mean(step.dead),
        saturated=_mean(step.saturated),
        update_ratio=step.update_ratio,
        unit_spread=step.unit_spread,
        answer_spread=step.answer_spread,
        answers=step.answers,
    )


def _mean(numbers: events.Numbers) -> Number:
    known = [number for number in numbers if number is not None]
    return sum(known) / len(known) if known else None
