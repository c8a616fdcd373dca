"""What an interrupted run left, from which it goes on: what it told, and the states its trials had come to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from numpy.typing import NDArray

from initterm.experiments.training.board import Scoreboard, TrialRecord
from initterm.experiments.training.events import BudgetSpent, DataLoaded, StepsFinished, TrainingEvent
from initterm.experiments.training.experiment import Experiment
from initterm.theory.refusal import Refusal

State = tuple[NDArray[Any], ...]
"""All that a trial needs to go on: weights, states of layers, the optimizer's state; in the network's order."""


class States(Protocol):
    """Where the states of trials are kept, the last one of each; trials are counted from 0, epochs from 1."""

    def save(self, trial: int, epoch: int, state: State) -> None:
        """Told after each epoch, when all that there is to tell of it was told; may keep it, or leave it."""

    def load(self, trial: int) -> tuple[int, State] | None:
        """The state kept last and its epoch; None where there is none."""

    def drop(self, trial: int) -> None:
        """Told where a trial diverged, was stopped or cancelled: it goes no further."""


class _Nowhere:
    def save(self, trial: int, epoch: int, state: State) -> None:
        pass

    def load(self, trial: int) -> tuple[int, State] | None:
        return None

    def drop(self, trial: int) -> None:
        pass


NOWHERE: States = _Nowhere()
"""Keeps nothing."""


@dataclass(frozen=True)
class GoingOn:
    """From where a run goes on.

    ``told`` are the events that the same run told before, in order, up to any of them; it may have had fewer seeds or
    epochs then. ``states`` are kept from now on, and hold what was kept before.
    """

    told: Sequence[TrainingEvent] = ()
    states: States = NOWHERE

    def records(self, experiment: Experiment) -> tuple[TrialRecord, ...]:
        """What each trial of the experiment had come to."""
        told = (event for event in self.told if not isinstance(event, StepsFinished))
        return Scoreboard.of(experiment, told).records

    def left(self, experiment: Experiment, training: int) -> list[TrialRecord]:
        """Those of them that have something left to do, with so many examples to train with."""
        ended = [event.epoch for event in self.told if isinstance(event, BudgetSpent)]
        epochs = min([experiment.course(training).epochs, *ended])
        return [record for record in self.records(experiment) if left_to_do(record, epochs)]

    def refuse_other_data(self, loaded: DataLoaded) -> None:
        """Say no before a run goes on with other images than it was begun with.

        Raises:
            Refusal: they are others.
        """
        for before in self.told:
            if isinstance(before, DataLoaded) and before.fingerprint not in ("", loaded.fingerprint):
                raise Refusal(
                    f"The run can't go on: the examples it was begun with ({before.name}) are not those that are found "
                    f"now ({loaded.name}). Put the same examples back where they were, or begin a run anew."
                )


FROM_THE_START = GoingOn()


def left_to_do(record: TrialRecord, epochs: int) -> bool:
    """Whether a trial goes on: it isn't over, or it finished after fewer epochs than these."""
    return not record.over or (record.status == "finished" and record.epochs_done < epochs)
