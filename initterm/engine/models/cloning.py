"""A model built again with the same weights."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, cast

from initterm.engine import memory
from initterm.engine.keras_types import Layer, Model
from initterm.engine.models.opened import OpenedModel
from initterm.engine.runtime import keras
from initterm.engine.weights.drawing import BYTES_PER_WEIGHT
from initterm.experiments.audit.events import Fix
from initterm.theory.refusal import Refusal, first_line

NOT_CLONED = "To replace a dropout the proof needs a functional or sequential model, or a full get_config; this one"


def clone_of(opened: OpenedModel, fixes: Iterable[Fix] = ()) -> OpenedModel:
    """The model built again with the same weights, and AlphaDropout where a fix asks for it.

    Raises:
        Refusal: it can't be built again, or there is no room for it.
    """
    model = opened.model
    size = BYTES_PER_WEIGHT * sum(math.prod(variable.shape) for variable in model.variables)
    memory.refuse_if_too_large(size, f"Building {model.name} again")
    replaced = {one.layer for one in fixes if one.kind == "alpha_dropout"}

    def cloned(layer: Layer) -> Layer:
        if isinstance(layer, keras.layers.Lambda):  # holds no weights, and its function isn't to be written out
            return cast(Layer, layer)
        kind: Any = keras.layers.AlphaDropout if layer.name in replaced else type(layer)
        again: Layer = kind.from_config(layer.get_config())
        return again

    try:
        if opened.graph is not None:
            clone = keras.models.clone_model(model, clone_function=cloned, recursive=True)
        else:
            kind: Any = type(model)
            clone = kind.from_config(model.get_config())
            clone.build_from_config(model.get_build_config())
        copy_weights(model, clone)
    except Exception as error:  # the person's own layers may raise anything
        if memory.ran_out(error):
            raise
        raise Refusal(f"{NOT_CLONED} can't be built again. {first_line(error).split('. ')[0].rstrip('.')}.") from None
    return OpenedModel(clone, opened.name)


def copy_weights(source: Model, target: Model) -> None:
    """Assign each variable of a model to that of its clone, random generators' states included.

    Raises:
        ValueError: they aren't of the same number and shapes.
    """
    for of_source, of_target in zip(source.variables, target.variables, strict=True):
        of_target.assign(of_source)
