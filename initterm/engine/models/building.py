"""A person's model, built: by the shape of input that it knows, by the shapes that they say, or by inputs."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from initterm.engine.keras_types import Model
from initterm.engine.memory import raise_if_ran_out
from initterm.engine.models.called import MASK, Called, CallsNoted, Slot, calls_for, inputs_by_signature
from initterm.engine.models.keras_privates import functional_of, layers_within
from initterm.engine.models.printing import printing_to_stderr
from initterm.engine.models.reasons import reason_of
from initterm.engine.runtime import keras
from initterm.experiments.audit.input_shape import InputShape
from initterm.theory.refusal import Refusal, shown

TRIED = 2
"""How many examples a model is called on that can't be built by the look of them."""


def built(
    model: object,
    target: str,
    inputs: Callable[[], object] = lambda: None,
    shapes: Sequence[InputShape] = (),
    calls: CallsNoted | None = None,
) -> tuple[Model, Called | None]:
    """The model with its weights, and how it is called, as far as its function or the person says so.

    Args:
        model: what a file or a function gave.
        target: how the person named it.
        inputs: examples, arrays or structures of them; asked for only where nothing else builds it.
        shapes: what the person says that it takes.
        calls: how its function called it.

    Raises:
        Refusal: it isn't a Keras model, doesn't know its input's shape, or doesn't take what is said.
    """
    if not isinstance(model, keras.Model):
        raise Refusal(f"{target} gave {type(model).__name__}, which is not a keras.Model; return one.")
    found: Model = model
    shape: Sequence[int | None] | None = getattr(found, "input_shape", None)
    if not found.built and shape:
        found.build(shape)
    called = calls.of(found) if calls else None
    if shapes and (functional_of(found) is None or not found.built):
        called = _called_with(found, shapes, target)
    is_known = called is not None or functional_of(found) is not None
    if not (_is_whole(found) or (is_known and _has_weights(found))) and (given := inputs()) is not None:
        _build_by(found, given, target)
    if not _has_weights(found):
        raise Refusal(f"{target} gave a model that isn't built, so it has no weights yet; {_what_helps(found)}.")
    return found, called


def _has_weights(model: Model) -> bool:
    """Whether a model was built by more than a flag; there may be layers in it that it never uses."""
    return model.built and (bool(model.variables) or _is_whole(model))


def _is_whole(model: Model) -> bool:
    """Whether every layer of a model was built."""
    return model.built and all(layer.built for layer in layers_within(model))


def _what_helps(model: Model) -> str:
    """What a person can do to have it built."""
    names = [] if isinstance(model, keras.Sequential) else [name for name in inputs_by_signature(model) if name != MASK]
    named = f"{shown(names[0])}=(32, 32, 3)" if names else "(32, 32, 3)"
    takes = f"it takes {', '.join(map(shown, names))}: " if names else ""
    return (
        f'{takes}say what that is by --input-shape "{named}", begin it with keras.Input, or call it on an input in the '
        "function"
    )


def _called_with(model: Model, shapes: Sequence[InputShape], target: str) -> Called:
    """How a model takes inputs of these shapes; it is built then.

    Raises:
        Refusal: it takes them in no way.
    """
    errors: list[BaseException] = []
    for called in calls_for(model, shapes):
        for make in (_symbolic, _zeros):
            try:
                with printing_to_stderr(), warnings.catch_warnings():
                    warnings.simplefilter("ignore")  # of what isn't built yet
                    _call(model, called, make)
            except BaseException as error:  # a person's own code runs in it
                raise_if_ran_out(error)
                errors.append(error)
            else:
                return called
    said = ", ".join(map(str, shapes))
    raise Refusal(f"{target} gave a model that doesn't take {said}: {reason_of(errors[0])}") from errors[0]


def _call(model: Any, called: Called, make: Callable[[Slot], object]) -> None:
    args, kwargs = called.filled([make(slot) for slot in called.slots])
    model(*args, **kwargs)


def _symbolic(slot: Slot) -> object:
    return keras.Input(slot.shape[1:], dtype=slot.dtype)


def _zeros(slot: Slot) -> object:
    if slot.dtype == "string":
        return keras.ops.convert_to_tensor(np.full((TRIED, *slot.sizes), "", dtype=object))
    return keras.ops.zeros((TRIED, *slot.sizes), dtype=slot.dtype)


def _build_by(model: Model, inputs: object, target: str) -> None:
    """Build a model as ``keras.Model.fit`` does, by what inputs look like.

    Raises:
        Refusal: it doesn't take them.
    """
    call: Any = model
    try:
        with printing_to_stderr():
            call(keras.tree.map_structure(lambda array: keras.Input(array.shape[1:], dtype=array.dtype), inputs))
    except Exception as error:
        raise_if_ran_out(error)
        raise Refusal(
            f"{target} gave a model that isn't built, and it can't be built by these examples: {reason_of(error)}"
        ) from error
