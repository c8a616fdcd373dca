"""How a model that is code is called: its arguments, with what an input is like in the place of each array."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from initterm.engine.keras_types import Model
from initterm.engine.models.keras_privates import model_calls_noted
from initterm.engine.runtime import keras, tf
from initterm.experiments.audit.input_shape import InputShape
from initterm.theory.arrays import Array

SlotShape = tuple[int | None, ...]
"""Of a batch, (count, ...); None where open."""

UNKNOWN_SIZES = {2: 16, 3: 64, 4: 64, 5: 16}
"""What stands for a dimension that a model leaves open, by the input's rank: a sequence's steps, an image's pixels."""

LONGEST_RANK = 3
"""Of inputs whose open sizes may be longer than usual: those of sequences."""

MOST_KEPT = 2**22
"""Numbers of an array that are kept as they were given, for a model that only knows them."""

NO_INPUT, MASK = "training", "mask"
"""Parameters of a ``call`` that Keras fills, the second where nothing is given for it."""


SHAPE = "shape"
"""How the parameters of a ``build`` end, behind the name of the input that each is of."""


def sizes_of(shape: SlotShape, longer: int = 1) -> tuple[int, ...]:
    """The shape of one of a batch, with sizes for open dimensions, in sequences so many times the usual."""
    unknown = UNKNOWN_SIZES.get(len(shape), 16) * (longer if len(shape) <= LONGEST_RANK else 1)
    return tuple(size or unknown for size in shape[1:])


@dataclass(frozen=True)
class Slot:
    """One input of a model: its shape, its type and name, the rows of the table that it picks from, None where it picks
    from none, and the words that it is looked up among.

    ``given`` are whole numbers that a person's function called the model with, where only these are known to fit.
    """

    shape: SlotShape
    dtype: str
    rows: int | None = None
    name: str = ""
    words: tuple[str, ...] = ()
    given: Array | None = field(default=None, compare=False)

    @property
    def sizes(self) -> tuple[int, ...]:
        """The shape of one input, with sizes in the place of open dimensions."""
        return sizes_of(self.shape)


@dataclass(frozen=True, eq=False)
class Called:
    """The arguments of a call, with a ``Slot`` in the place of each array; all else is as it was given.

    ``count`` is how many examples a batch has to have, None where any number will do.
    """

    args: tuple[Any, ...]
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    count: int | None = None

    @property
    def slots(self) -> tuple[Slot, ...]:
        """The inputs, in Keras's order."""
        return tuple(leaf for leaf in keras.tree.flatten((self.args, dict(self.kwargs))) if isinstance(leaf, Slot))

    def filled(self, arrays: Sequence[object]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """The arguments with arrays in the slots' places."""
        left = iter(arrays)
        mapped = keras.tree.map_structure(
            lambda leaf: next(left) if isinstance(leaf, Slot) else leaf, (self.args, dict(self.kwargs))
        )
        return tuple(mapped[0]), dict(mapped[1])


class CallsNoted:
    """The last call of each model that was called."""

    def __init__(self) -> None:
        self._calls: dict[int, tuple[Model, tuple[Any, ...], dict[str, Any]]] = {}

    def note(self, model: Model, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        """A model is being called."""
        self._calls[id(model)] = model, args, kwargs

    def of(self, model: Model) -> Called | None:
        """How a model was called; None where it wasn't, or with no array."""
        if id(model) not in self._calls:
            return None
        _, args, kwargs = self._calls[id(model)]
        called = _as_slots(args, {name: one for name, one in kwargs.items() if name != "training"})
        return called if called.slots else None


@contextmanager
def calls_noted() -> Iterator[CallsNoted]:
    """How all models are called meanwhile."""
    noted = CallsNoted()
    with model_calls_noted(noted.note):
        yield noted


def _as_slots(args: tuple[Any, ...], kwargs: dict[str, Any]) -> Called:
    """A call with arrays, symbolic ones too, made into slots."""
    arrays = [leaf for leaf in keras.tree.flatten((args, kwargs)) if _is_array(leaf)]
    varied = any(_given(leaf) is not None for leaf in arrays)
    counts = {leaf.shape[0] for leaf in arrays}
    fixed = varied or len(counts) > 1
    as_given = keras.tree.map_structure(lambda leaf: _slot(leaf, fixed) if _is_array(leaf) else leaf, (args, kwargs))
    count = arrays[0].shape[0] if arrays and fixed else None
    return Called(tuple(as_given[0]), as_given[1], count)


def _is_array(leaf: Any) -> bool:
    return (isinstance(leaf, np.ndarray | keras.KerasTensor) or tf.is_tensor(leaf)) and len(leaf.shape) > 0


def _slot(array: Any, fixed: bool) -> Slot:
    shape = tuple(array.shape)
    return Slot(
        (shape[0] if fixed else None, *shape[1:]), keras.backend.standardize_dtype(array.dtype), given=_given(array)
    )


def _given(array: Any) -> Array | None:
    """An array of whole numbers that aren't all the same, such as the edges of a graph."""
    if isinstance(array, keras.KerasTensor) or tf.is_symbolic_tensor(array) or "int" not in str(array.dtype):
        return None
    numbers = np.asarray(array)
    return numbers if 1 < numbers.size <= MOST_KEPT and numbers.min() != numbers.max() else None


def inputs_by_signature(model: Model) -> list[str]:
    """The parameters of a model's ``call`` that may be inputs, in their order."""
    try:
        parameters = inspect.signature(model.call).parameters.values()
    except (TypeError, ValueError):
        return []
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return [one.name for one in parameters if one.kind in kinds and one.name != NO_INPUT]


def calls_for(model: Model, shapes: Sequence[InputShape]) -> list[Called]:
    """How a model may be called with inputs of these shapes, what its signature says first.

    Where names are parameters of its ``call`` each goes there; else they are the keys of its one argument, or this is
    a list.
    """
    slots = [Slot((None, *shape.sizes), shape.dtype or "float32", name=shape.name) for shape in shapes]
    names, parameters = [shape.name for shape in shapes], inputs_by_signature(model)
    if len(slots) == 1 and (not names[0] or names[0] not in parameters[1:]):
        by_name = [Called(({names[0]: slots[0]},))] if names[0] and names[0] not in parameters else []
        return [Called((slots[0],)), *by_name]
    if all(name in parameters for name in names):
        in_order = sorted(zip(names, slots, strict=True), key=lambda pair: parameters.index(pair[0]))
        leading = [slot for place, (name, slot) in enumerate(in_order) if parameters[place] == name]
        return [Called(tuple(leading), dict(in_order[len(leading) :]))]
    by_names = [Called((dict(zip(names, slots, strict=True)),))] if all(names) else []
    several = [Called(tuple(slots))] if len({*parameters} - {MASK}) >= len(slots) else []
    return [*(several if not all(names) else []), *by_names, Called((slots,)), *(several if all(names) else [])]


def called_as_built(model: Model) -> Called | None:
    """How a model was called as it was built, as far as Keras remembers: the shapes alone; None where it doesn't."""
    config = model.get_build_config() or {}
    if _is_shape(config.get("input_shape")):
        return Called((Slot((None, *config["input_shape"][1:]), str(model.compute_dtype)),))
    shapes = config.get("shapes_dict")
    if not isinstance(shapes, Mapping) or not shapes or not all(map(_is_shape, shapes.values())):
        return None
    by_name = {
        str(name).removesuffix(f"_{SHAPE}"): Slot((None, *shape[1:]), str(model.compute_dtype))
        for name, shape in shapes.items()
    }
    first = next(iter(inputs_by_signature(model)), "")
    return Called((by_name.pop(first),) if first in by_name else (), by_name)


def _is_shape(shape: object) -> bool:
    return isinstance(shape, list | tuple) and bool(shape) and all(isinstance(size, int | None) for size in shape)
