"""What is sent through a user's model: a person's own data, or random inputs of the kinds that it takes."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from initterm.engine.models.called import LONGEST_RANK, Called, Slot, sizes_of
from initterm.engine.models.fitted import alike, shape_words
from initterm.engine.models.opened import OpenedModel
from initterm.engine.runtime import keras
from initterm.experiments.audit.input_shape import InputShape
from initterm.experiments.message import Number, finite
from initterm.theory.arrays import Array
from initterm.theory.refusal import Refusal, shown

MOST_INPUTS = 64
SEED = 42

LOOKED_UP, NORMAL, DATA = "random whole-number", "standard normal", "data"

PIXELS, WHOLE, FEW = 256, 1000, 2
"""From 0 to where whole numbers are drawn: those of images, those of which nothing is known, and labels."""

WORDS = ("a", "b", "c", "d")
"""Texts for a model that looks up no words that are known."""

MASKS, LABELS = ("mask",), ("label", "target", "segment", "type_id")
"""What is in the names of inputs that say which steps count, and of those that tell few classes apart."""

OTHERS = ("y", "sample_weight")
"""Arrays of a file of examples that are no inputs, as Train reads it."""

Data = Mapping[str, Array]
"""Inputs by name, each (count, ...); one without a name is called x."""


@dataclass(frozen=True, eq=False)
class Inputs:
    """A batch for each input of a model, how the model is called with them, and where they come from."""

    source: str
    batches: tuple[Array, ...]
    called: Called = field(default_factory=lambda: Called(()))

    @property
    def std(self) -> Number:
        """The first batch's std; None of anything but floats, whose size means nothing."""
        first = self.batches[0]
        return finite(float(first.std())) if first.dtype.kind == "f" and self.source != LOOKED_UP else None


@dataclass(frozen=True)
class InputDrawing:
    """How inputs are drawn: open sizes so many times the usual ones, whole numbers of an unknown range below this.

    ``count`` is how many examples there are where a model's code takes no other number; None where any will do.
    """

    longer: int = 1
    whole: int = WHOLE
    count: int | None = None


USUAL, LONGER = InputDrawing(), (4, 16)


def read_data(path: Path) -> Data:
    """The inputs of an ``.npz`` file: the key ``x``, or all keys but those of targets and weights.

    Raises:
        Refusal: they can't be read, or there are none.
    """
    try:
        with np.load(path, allow_pickle=False) as file:
            names = [name for name in file.files if name not in OTHERS and not name.startswith("y_")]
            arrays = {
                name: file[name] for name in (["x"] if "x" in names else ["x_train"] if "x_train" in names else names)
            }
    except (OSError, ValueError, KeyError, EOFError, TypeError, AttributeError, zipfile.BadZipFile):
        arrays = {}
    if not arrays:
        raise Refusal(
            f"{path} can't be read as data; name an .npz file with numbers under the key x, or by the inputs' names."
        )
    return checked_data(arrays, str(path))


def checked_data(arrays: Data, source: str) -> Data:
    """The same arrays, which can be inputs; ``source`` is what sentences call where they come from.

    Raises:
        Refusal: one of them can't be.
    """
    for name, x in arrays.items():
        if x.ndim < 1 or not len(x) or x.dtype.kind not in "fiubUS" or (x.ndim < 2 and len(arrays) == 1):
            raise Refusal(
                f"{source} holds {shown(name)} of shape {x.shape} and type {x.dtype}; numbers of shape (count, ...) "
                "are needed."
            )
    return arrays


def shapes_of(data: Data) -> tuple[InputShape, ...]:
    """What data say that a model takes."""
    alone = len(data) == 1
    return tuple(
        InputShape(tuple(x.shape[1:]), "" if alone else name, "string" if x.dtype.kind in "US" else _type_of(x))
        for name, x in data.items()
    )


def _type_of(array: Array) -> str:
    return "float32" if array.dtype.kind == "f" else str(array.dtype)


def inputs_for(opened: OpenedModel, data: Data | None, count: int, drawing: InputDrawing = USUAL) -> Inputs | None:
    """So many inputs: of the data, else random; as many as the model must have where it takes no other number.

    None of a model that is code and doesn't tell the shape of its input.

    Raises:
        Refusal: the data don't fit the model.
    """
    slots, called = opened.inputs, _called(opened)
    if not slots:
        return None
    count = called.count or next((slot.shape[0] for slot in slots if slot.shape[0]), None) or drawing.count or count
    if data is not None:
        return Inputs(DATA, tuple(array[:count] for array in _fitting(data, slots)), called)
    random = np.random.default_rng(SEED)
    source = LOOKED_UP if any(slot.rows for slot in slots) else NORMAL
    return Inputs(source, tuple(_drawn(random, count, slot, drawing) for slot in slots), called)


def drawings_for(opened: OpenedModel) -> list[InputDrawing]:
    """Which drawings may differ, to be tried one after the other until the model takes the inputs."""
    slots = opened.inputs
    is_open = any(None in slot.shape[1:] and len(slot.shape) <= LONGEST_RANK for slot in slots)
    guessed = any("int" in slot.dtype and slot.rows is None and slot.given is None for slot in slots)
    return [
        USUAL,
        *(InputDrawing(longer) for longer in LONGER if is_open),
        *([InputDrawing(whole=FEW)] if guessed else []),
    ]


def _called(opened: OpenedModel) -> Called:
    """How a model is called with what fills its inputs: a graph's in its own structure."""
    if opened.graph is None:
        return opened.called or Called(())
    structure: Any = keras.tree.pack_sequence_as(opened.graph.functional.input, list(opened.inputs))
    return Called((structure,))


def _fitting(data: Data, slots: Sequence[Slot]) -> list[Array]:
    """All data in the order of a model's inputs and of their types.

    Raises:
        Refusal: they aren't as many, have other names, or aren't of their shapes.
    """
    names = _names_in_order(data, slots)
    return [_in_slot(data[name], slot, name) for name, slot in zip(names, slots, strict=True)]


def _names_in_order(data: Data, slots: Sequence[Slot]) -> list[str]:
    """The names of the arrays for each input: by name, or as they stand where they have none."""
    wanted = [slot.name for slot in slots]
    if len(data) == len(slots) == 1 or (len(data) == len(slots) and all(name.startswith("arr_") for name in data)):
        return list(data)
    if all(name and name in data for name in wanted):
        return wanted
    if len(data) != len(slots) or all(wanted):
        takes = ", ".join(shown(name or "one without a name") for name in wanted)
        raise Refusal(f"The data hold {', '.join(map(shown, data))}, and the model takes {takes}; name them so.")
    return list(data)


def _in_slot(array: Array, slot: Slot, name: str) -> Array:
    """An array of data in an input's type.

    Raises:
        Refusal: it is of another shape or kind.
    """
    if not alike(array.shape[1:], slot.shape[1:]):
        raise Refusal(f"{shown(name)} is of shape {array.shape}, and the model takes {shape_words(slot.shape)}.")
    if (slot.dtype == "string") != (array.dtype.kind in "US"):
        raise Refusal(f"{shown(name)} is of type {array.dtype}, and the model takes {slot.dtype}.")
    return array.astype(object) if slot.dtype == "string" else array.astype(np.dtype(slot.dtype))


def _drawn(random: np.random.Generator, count: int, slot: Slot, drawing: InputDrawing) -> Array:
    """A batch for an input, by what is known of it: its table or words, else its type, rank and name."""
    if slot.given is not None:
        return slot.given
    shape = (count, *sizes_of(slot.shape, drawing.longer))
    if slot.dtype == "string":
        return random.choice(np.array(slot.words or WORDS, dtype=object), shape)
    if slot.dtype == "bool" or any(part in slot.name for part in MASKS):
        return np.ones(shape, slot.dtype)
    if slot.rows is not None:
        return random.integers(slot.rows, size=shape).astype(slot.dtype)
    if "int" in slot.dtype or any(part in slot.name for part in LABELS):
        return random.integers(_range_of(slot, drawing), size=shape).astype(slot.dtype)
    return random.standard_normal(shape, np.float32).astype(_numpy_type(slot.dtype))


def _numpy_type(name: str) -> str:
    """Float types that numpy hasn't got are cast by whoever takes them."""
    return name if name in ("float16", "float32", "float64") else "float32"


def _range_of(slot: Slot, drawing: InputDrawing) -> int:
    """From 0 to below which whole numbers are drawn for an input of which no table is known."""
    if any(part in slot.name for part in LABELS):
        return FEW
    most = int(np.iinfo(slot.dtype).max) if "int" in slot.dtype else WHOLE
    return min(most, PIXELS if len(slot.shape) >= 4 else drawing.whole)


def resized(opened: OpenedModel, shapes: Sequence[InputShape]) -> Called:
    """How a model of a graph is called with inputs of these shapes.

    Raises:
        Refusal: the graph takes others.
    """
    slots = opened.inputs
    by_name = {shape.name: shape for shape in shapes}
    named = all(slot.name in by_name for slot in slots)
    if len(shapes) != len(slots) or (not named and len(slots) > 1 and "" not in by_name):
        takes = ", ".join(f"{shown(slot.name)} {shape_words(slot.shape)}" for slot in slots)
        raise Refusal(f"The model takes {takes}, and --input-shape says {', '.join(map(str, shapes))}.")
    ordered = [by_name[slot.name] for slot in slots] if named else list(shapes)
    for slot, shape in zip(slots, ordered, strict=True):
        if len(shape.sizes) != len(slot.shape) - 1 or any(
            own is not None and size not in (None, own) for size, own in zip(shape.sizes, slot.shape[1:], strict=True)
        ):
            raise Refusal(f"--input-shape says {shape}, and the model takes {shape_words(slot.shape)}.")
    return Called(tuple(replace(one, shape=(one.shape[0], *by.sizes)) for one, by in zip(slots, ordered, strict=True)))
