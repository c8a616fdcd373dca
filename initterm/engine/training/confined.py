"""A training in a process that keeps to bounds, since a person's own code runs in it."""

from __future__ import annotations

from collections.abc import Container, Iterator

from initterm.engine import memory
from initterm.engine.confinement import confine, unbind_time
from initterm.engine.training.event_files import EventFiles
from initterm.engine.training.going_on import FROM_THE_START, GoingOn
from initterm.engine.training.training import train
from initterm.engine.training.turns import NOBODY
from initterm.experiments.training.bounds import TrainingBounds
from initterm.experiments.training.events import ModelPrepared, TrainingEvent
from initterm.experiments.training.experiment import Experiment
from initterm.theory.refusal import Refusal

TOO_MUCH = "Training {} takes more memory than there is; a smaller model or batch, fewer samples or trials take less."


def confined_training(
    experiment: Experiment,
    cancelled: Container[int] = NOBODY,
    recorder: EventFiles | None = None,
    going_on: GoingOn = FROM_THE_START,
    bounds: TrainingBounds | None = None,
) -> Iterator[TrainingEvent]:
    """The events of ``train``, in a process that has laid the bounds on itself, where there are any.

    Raises:
        Refusal: as ``train``, or there is no more memory to be had, within the bounds or at all.
    """
    if bounds:
        confine(bounds)
    try:
        for event in train(experiment, cancelled, recorder, going_on):
            if bounds and isinstance(event, ModelPrepared):
                unbind_time()
            yield event
    except Exception as error:
        if memory.ran_out(error):
            model = experiment.own.model or "the network"
            raise Refusal(bounds.too_much_memory(model) if bounds else TOO_MUCH.format(model)) from error
        raise
