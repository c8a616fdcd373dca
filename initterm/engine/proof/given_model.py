"""A model of a person's own process, audited in it, without bounds: what it takes is theirs to say."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import nullcontext
from functools import partial
from os import PathLike
from pathlib import Path
from typing import Any, cast

import numpy as np

from initterm.engine.keras_types import Model
from initterm.engine.models.inputs import Data, checked_data, read_data, shapes_of
from initterm.engine.models.left_alone import left_as_it_was
from initterm.engine.models.opened import OpenedModel
from initterm.engine.models.rebuilding import built_again
from initterm.engine.models.source import open_given, open_returned, place_of_function
from initterm.engine.proof.order import audit_of, audit_of_opened, auditing
from initterm.engine.proof.task import Task, experiment_of, task_of
from initterm.engine.runtime import keras
from initterm.engine.training.own_examples import most_read, sets_given
from initterm.experiments.audit.choice import ModelChoice
from initterm.experiments.audit.events import AuditEvent, ProofEvent
from initterm.experiments.audit.ignoring import LeftOut
from initterm.theory.refusal import Refusal, shown

GivenData = Mapping[str, Any] | str | PathLike[str] | None
"""Arrays by name, or the file that holds them."""

SourcePlace = tuple[str, int]
"""A file and a line in it."""


def events_of_text(choice: ModelChoice, data: GivenData) -> Iterator[Any]:
    """The events of the audit that ``initterm audit`` makes of the same target, in this process.

    Raises:
        Refusal: the model can't be had, or the data don't fit it.
    """
    return audit_of(choice, given=_data_of(data))


def events_of(
    model: Any, choice: ModelChoice, data: GivenData, place: SourcePlace, examples: Any = None
) -> Iterator[AuditEvent | ProofEvent]:
    """The events of the audit of a model that is in this process, or that a function of it returns, and of its proof.

    Args:
        model: the model or the function.
        choice: what it is called, what it takes, and what is left out.
        data: inputs, if any.
        place: where the model stands, of which only its function knows better.
        examples: those to train with in a proof, which go by the name of the choice's ``train_data``.

    Raises:
        Refusal: it can't be built, the data don't fit it, or what is left out can't be read.
    """
    left_out = LeftOut.of(choice.target, choice.ignore, choice.baseline)
    inputs = _data_of(data)
    opened = _opened(model, choice, inputs)
    stands = place if isinstance(model, keras.Model) else place_of_function(model) or place
    with left_as_it_was(opened.model) if choice.proves else nullcontext():
        task = _task(opened, choice, examples) if choice.train_data else None
        yield from audit_of_opened(opened, choice, auditing(inputs, left_out), stands, task)


def _task(opened: OpenedModel, choice: ModelChoice, examples: Any) -> Task:
    """What a proof trains for.

    Raises:
        Refusal: there are no examples, too few, or the model can't be trained with them.
    """
    experiment, name = experiment_of(choice), choice.train_data
    most = most_read(experiment)
    read = {} if examples is None else {name: sets_given(examples, name, most, len(opened.inputs))}
    return task_of(opened, experiment, read)


def _opened(model: Any, choice: ModelChoice, inputs: Data | None) -> OpenedModel:
    name, of_data = choice.target, shapes_of(inputs) if inputs else ()
    if isinstance(model, keras.Model):
        return open_given(cast(Model, model), name, choice.shapes, of_data)
    if not callable(model):
        raise Refusal(
            f"{shown(type(model).__name__)} is not a model; give a keras.Model, a function that returns one, or a file."
        )
    open_again: Callable[[], OpenedModel] = partial(open_returned, model, name, shapes=choice.shapes, of_data=of_data)
    began = time.process_time()
    return built_again(open_again(), open_again, time.process_time() - began)


def _data_of(data: GivenData) -> Data | None:
    """The arrays, which can be inputs.

    Raises:
        Refusal: they can't be, or not be read.
    """
    if data is None:
        return None
    if isinstance(data, Mapping):
        return checked_data({str(name): np.asarray(array) for name, array in data.items()}, "data")
    return read_data(Path(data))
