"""Contenders compared on a model and on data that are in a person's process; the model is left as it was."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from initterm.engine.data.example_set import Tree
from initterm.engine.data.own_data import GivenSets
from initterm.engine.models.left_alone import left_as_it_was
from initterm.engine.models.source import open_given
from initterm.engine.training.own_examples import most_read, sets_given
from initterm.engine.training.own_training import train_opened
from initterm.engine.training.training import run_started
from initterm.experiments.training.events import TrainingEvent
from initterm.experiments.training.experiment import Experiment


def train_given(experiment: Experiment, model: Any, data: Any) -> Iterator[TrainingEvent]:
    """The events of ``training.train``, of a model and of examples that are there.

    Args:
        experiment: whose ``own.model`` and ``own.train_data`` are what sentences call them.
        model: a Keras model.
        data: what ``fit`` takes, or two or three of them, see ``given.sets_in``.

    Raises:
        Refusal: as ``training.train``.
    """
    own = experiment.own
    read: dict[str, GivenSets] = {}

    def first_inputs() -> Tree:
        read[own.train_data] = sets_given(data, own.train_data, most_read(experiment), 0)
        return read[own.train_data].train.at(slice(1)).x

    yield run_started(experiment)
    opened = open_given(model, own.model, inputs=first_inputs)
    if not read:
        read[own.train_data] = sets_given(data, own.train_data, most_read(experiment), len(opened.inputs))
    with left_as_it_was(opened.model):
        yield from train_opened(experiment, opened, read)
