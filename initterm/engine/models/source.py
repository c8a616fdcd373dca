"""Where a person's model comes from: a file that Keras loads in safe mode, or a function of their own."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from initterm.engine.keras_types import Model
from initterm.engine.models.faults import WANTED
from initterm.engine.models.functions import returned
from initterm.engine.models.keras_privates import layers_within
from initterm.engine.models.opened import OpenedModel
from initterm.engine.models.saved import ENDINGS, loaded, steps_in
from initterm.engine.runtime import keras
from initterm.theory.refusal import Refusal, shown


def open_model(target: str) -> OpenedModel:
    """The model of a file or of ``package.module:function``, built.

    Raises:
        Refusal: it can't be had; the sentence says why.
    """
    if target.lower().endswith(ENDINGS):
        path = Path(target)
        return OpenedModel(_built(loaded(path), target), target, steps_in(path))
    if ":" in target:
        model = _built(returned(*target.rsplit(":", 1)), target)
        return OpenedModel(model, target, steps_of(model))
    raise Refusal(f"'{shown(target)}' is no model; {WANTED}.")


def steps_of(model: Model) -> int:
    """How many steps a model's optimizer has made; 0 where it wasn't compiled."""
    return int(getattr(getattr(model, "optimizer", None), "iterations", 0))


def _built(model: object, target: str) -> Model:
    """The model, built from the shape of input that it knows.

    Raises:
        Refusal: it isn't a Keras model, or doesn't know its input's shape.
    """
    if not isinstance(model, keras.Model):
        raise Refusal(f"{target} gave {type(model).__name__}, which is no keras.Model; return one.")
    found: Model = model
    shape: Sequence[int | None] | None = getattr(found, "input_shape", None)
    if not found.built and shape:
        found.build(shape)
    if not found.built or any(not layer.built for layer in layers_within(found)):
        raise Refusal(
            f"{target} gave a model that isn't built, so it has no weights yet; "
            "begin it with keras.Input, or call it on an input in the function."
        )
    return found
