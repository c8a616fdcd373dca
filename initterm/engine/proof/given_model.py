"""A model of a person's own process, audited in it, without bounds: what it takes is theirs to say."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from os import PathLike
from pathlib import Path
from typing import Any, cast

import numpy as np
from msgspec import structs

from initterm.engine.audit.auditing import audit
from initterm.engine.keras_types import Model
from initterm.engine.models.inputs import Data, checked_data, read_data, shapes_of
from initterm.engine.models.opened import OpenedModel
from initterm.engine.models.rebuilding import built_again
from initterm.engine.models.source import open_given, open_returned, place_of_function
from initterm.engine.proof.order import audit_of, told
from initterm.engine.runtime import keras
from initterm.experiments.audit.choice import ModelChoice
from initterm.experiments.audit.events import AuditEvent, AuditStarted
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


def events_of(model: Any, choice: ModelChoice, data: GivenData, place: SourcePlace) -> Iterator[AuditEvent]:
    """The events of the audit of a model that is in this process, or that a function of it returns.

    Args:
        model: the model or the function.
        choice: what it is called, what it takes, and what is left out.
        data: inputs, if any.
        place: where the model stands, of which only its function knows better.

    Raises:
        Refusal: it can't be built, the data don't fit it, or what is left out can't be read.
    """
    left_out = LeftOut.of(choice.target, choice.ignore, choice.baseline)
    inputs = _data_of(data)
    opened = _opened(model, choice, inputs)
    file, line = place if isinstance(model, keras.Model) else place_of_function(model) or place
    for event in told(audit(opened, inputs), left_out):
        yield structs.replace(event, file=file, line=line) if isinstance(event, AuditStarted) else event


def _opened(model: Any, choice: ModelChoice, inputs: Data | None) -> OpenedModel:
    name, of_data = choice.target, shapes_of(inputs) if inputs else ()
    if isinstance(model, keras.Model):
        return open_given(cast(Model, model), name, choice.shapes, of_data)
    if not callable(model):
        raise Refusal(
            f"{shown(type(model).__name__)} is not a model; give a keras.Model, a function that returns one, or a file."
        )
    open_again: Callable[[], OpenedModel] = partial(open_returned, model, name, shapes=choice.shapes, of_data=of_data)
    began = time.perf_counter()
    return built_again(open_again(), open_again, time.perf_counter() - began)


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
