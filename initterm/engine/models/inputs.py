"""What is sent through a user's model: a person's own data, or inputs by chance that fit the model."""

from __future__ import annotations

import math
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from initterm.engine.models.graph import Graph, functional_of, graphs_of
from initterm.engine.runtime import keras
from initterm.experiments.message import Number, finite
from initterm.theory.refusal import Refusal

Array = NDArray[Any]

MOST_INPUTS, FEWEST_INPUTS = 64, 2
MOST_NUMBERS = 2**26
"""How many numbers all layers' outputs may have together; gradients are as many again."""

UNKNOWN_SIZES = {2: 16, 3: 64, 4: 64, 5: 16}
"""What stands for a dimension that a model leaves open, by the input's rank: a sequence's steps, an image's pixels."""

SEED = 42

LOOKED_UP, NORMAL = "whole numbers by chance", "standard normal"


@dataclass(frozen=True)
class Slot:
    """One input of a model: its shape, (count, ...), None where open, its type, and the rows of the table that it
    picks from, None where it picks from none."""

    shape: tuple[int | None, ...]
    dtype: str
    rows: int | None

    @property
    def sizes(self) -> tuple[int, ...]:
        """The shape of one input, with sizes in the place of open dimensions."""
        unknown = UNKNOWN_SIZES.get(len(self.shape), 16)
        return tuple(size or unknown for size in self.shape[1:])


@dataclass(frozen=True, eq=False)
class Inputs:
    """A batch for each input of a model, and where it comes from."""

    source: str
    batches: tuple[Array, ...]

    @property
    def std(self) -> Number:
        """The first batch's std; None of whole numbers, whose size means nothing."""
        first = self.batches[0]
        return finite(float(first.std())) if first.dtype.kind == "f" and self.source != LOOKED_UP else None


def read_data(path: Path) -> Array:
    """The inputs of an ``.npz`` file, key ``x``, (count, ...).

    Raises:
        Refusal: they can't be read, or there are none.
    """
    try:
        with np.load(path, allow_pickle=False) as file:
            x: Array = file["x"]
    except (OSError, ValueError, KeyError, EOFError, TypeError, zipfile.BadZipFile):
        raise Refusal(f"{path} can't be read as data; name an .npz file with numbers under the key x.") from None
    if x.ndim < 2 or not len(x) or x.dtype.kind not in "fiub":
        raise Refusal(
            f"{path} holds x of shape {x.shape} and type {x.dtype}; numbers of shape (count, ...) are needed."
        )
    return x


def inputs_for(model: Any, data: Array | None = None) -> Inputs | None:
    """As many inputs as keep all outputs within ``MOST_NUMBERS``: of the data, else by chance.

    None of a model that is code and doesn't tell the shape of its input.

    Raises:
        Refusal: the data don't fit the model.
    """
    slots = _slots(model)
    if not slots:
        return None
    count = _batch_size(model)
    if data is not None:
        return Inputs("data", (_fitting(data, slots)[:count],))
    random = np.random.default_rng(SEED)
    source = LOOKED_UP if any(slot.rows for slot in slots) else NORMAL
    return Inputs(source, tuple(_drawn(random, count, slot) for slot in slots))


def _slots(model: Any) -> list[Slot]:
    """The inputs of a graph; of a model that is code the one that it was built with."""
    graph = Graph.of(model)
    if graph is not None:
        tensors = functional_of(model).inputs
        return [Slot(tuple(one.shape), str(one.dtype), _rows_for(model, graph.nodes, one)) for one in tensors]
    shape = (model.get_build_config() or {}).get("input_shape")
    if not isinstance(shape, list | tuple) or not all(isinstance(size, int | None) for size in shape):
        return []
    return [Slot((None, *shape[1:]), str(model.compute_dtype), _fewest_rows(model, len(shape)))]


def _rows_for(model: Any, nodes: Sequence[Any], tensor: Any) -> int | None:
    """The rows of the table that an input picks from: a table's that takes it directly, else the smallest table's."""
    takers = [node.operation for node in nodes if any(one is tensor for one in node.input_tensors)]
    tables = [one for one in takers if isinstance(one, keras.layers.Embedding)]
    if tables:
        return int(tables[0].input_dim)
    hidden = "int" in str(tensor.dtype) or any(isinstance(one, keras.Model) for one in takers)
    return _fewest_rows(model, len(tensor.shape)) if hidden else None


def _fewest_rows(model: Any, rank: int) -> int | None:
    """The rows of a model's smallest table, where an input of (count, steps) may pick from it."""
    tables = _tables(model) if rank == 2 else ()
    return min((int(table.input_dim) for table in tables), default=None)


def _tables(model: Any) -> Iterator[Any]:
    return (layer for layer in model._flatten_layers() if isinstance(layer, keras.layers.Embedding))


def _batch_size(model: Any) -> int:
    return int(np.clip(MOST_NUMBERS // max(1, numbers_put_out(model)), FEWEST_INPUTS, MOST_INPUTS))


def numbers_put_out(model: Any) -> int:
    """How many numbers all layers of a model's graphs put out for one input; 0 of a model that is code."""
    outputs = [output for graph in graphs_of(model) for node in graph.nodes for output in node.outputs]
    return sum(math.prod(Slot(tuple(one.shape), "", None).sizes) for one in outputs)


def fitting(data: Array, model: Any) -> Array:
    """All data (count, ...) in the type of a model's one input.

    Raises:
        Refusal: they aren't of its shape, or there are several inputs.
    """
    return _fitting(data, _slots(model))


def _fitting(data: Array, slots: Sequence[Slot]) -> Array:
    if len(slots) != 1:
        raise Refusal(f"The model has {len(slots)} inputs, and x is one; leave --data out for standard normal inputs.")
    wanted = slots[0].shape[1:]
    fits = len(wanted) == data.ndim - 1 and all(
        size in (None, got) for size, got in zip(wanted, data.shape[1:], strict=True)
    )
    if not fits:
        shown = ", ".join("any" if size is None else str(size) for size in wanted)
        raise Refusal(f"x is of shape {data.shape}, and the model takes (count, {shown}).")
    return data.astype(np.dtype(slots[0].dtype))


def _drawn(random: np.random.Generator, count: int, slot: Slot) -> Array:
    shape = (count, *slot.sizes)
    if slot.rows is not None:
        return random.integers(slot.rows, size=shape).astype(slot.dtype)
    if "float" not in slot.dtype:
        return random.integers(2, size=shape).astype(slot.dtype)
    return random.standard_normal(shape, np.float32)
