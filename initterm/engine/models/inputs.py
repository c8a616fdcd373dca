"""What is sent through a user's model: a person's own data, or random inputs."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from initterm.engine.models.fitted import alike, shape_words
from initterm.engine.models.opened import OpenedModel, Slot
from initterm.experiments.message import Number, finite
from initterm.theory.arrays import Array
from initterm.theory.refusal import Refusal

MOST_INPUTS, FEWEST_INPUTS = 64, 2
MOST_NUMBERS = 2**26
"""How many numbers all layers' outputs may have together; gradients are as many again."""

SEED = 42

LOOKED_UP, NORMAL = "random whole-number", "standard normal"


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


def inputs_for(opened: OpenedModel, data: Array | None = None) -> Inputs | None:
    """As many inputs as keep all outputs within ``MOST_NUMBERS``: of the data, else random.

    None of a model that is code and doesn't tell the shape of its input.

    Raises:
        Refusal: the data don't fit the model.
    """
    slots = opened.inputs
    if not slots:
        return None
    count = int(np.clip(MOST_NUMBERS // max(1, opened.numbers_put_out), FEWEST_INPUTS, MOST_INPUTS))
    if data is not None:
        return Inputs("data", (_fitting(data, slots)[:count],))
    random = np.random.default_rng(SEED)
    source = LOOKED_UP if any(slot.rows for slot in slots) else NORMAL
    return Inputs(source, tuple(_drawn(random, count, slot) for slot in slots))


def _fitting(data: Array, slots: Sequence[Slot]) -> Array:
    """All data (count, ...) in the type of a model's one input.

    Raises:
        Refusal: they aren't of its shape, or there are several inputs.
    """
    if len(slots) != 1:
        raise Refusal(f"The model has {len(slots)} inputs, and x is one; leave --data out for standard normal inputs.")
    if not alike(data.shape[1:], slots[0].shape[1:]):
        raise Refusal(f"x is of shape {data.shape}, and the model takes {shape_words(slots[0].shape)}.")
    return data.astype(np.dtype(slots[0].dtype))


def _drawn(random: np.random.Generator, count: int, slot: Slot) -> Array:
    shape = (count, *slot.sizes)
    if slot.rows is not None:
        return random.integers(slot.rows, size=shape).astype(slot.dtype)
    if "float" not in slot.dtype:
        return random.integers(2, size=shape).astype(slot.dtype)
    return random.standard_normal(shape, np.float32)
