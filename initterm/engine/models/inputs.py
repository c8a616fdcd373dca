"""What is sent through a user's model: a person's own data, or random inputs; and examples to train it with."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from initterm.engine.models.opened import OpenedModel, Slot
from initterm.engine.runtime import keras
from initterm.experiments.message import Number, finite
from initterm.theory.arrays import Array
from initterm.theory.numbers import grouped
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
        return Inputs("data", (fitting(data, slots)[:count],))
    random = np.random.default_rng(SEED)
    source = LOOKED_UP if any(slot.rows for slot in slots) else NORMAL
    return Inputs(source, tuple(_drawn(random, count, slot) for slot in slots))


def fitting(data: Array, slots: Sequence[Slot]) -> Array:
    """All data (count, ...) in the type of a model's one input.

    Raises:
        Refusal: they aren't of its shape, or there are several inputs.
    """
    if len(slots) != 1:
        raise Refusal(f"The model has {len(slots)} inputs, and x is one; leave --data out for standard normal inputs.")
    wanted = slots[0].shape[1:]
    if not _alike(data.shape[1:], wanted):
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


FEWEST_EXAMPLES = 10


@dataclass(frozen=True, eq=False)
class Examples:
    """Inputs (count, ...) and their targets (count, ...)."""

    x: Array
    y: Array


@dataclass(frozen=True)
class Objective:
    """A loss of Keras by its name, of logits or not; classes by labels, or by one-hot rows, have an accuracy."""

    loss: str
    from_logits: bool = False

    @property
    def has_accuracy(self) -> bool:
        """Whether there are classes to hit."""
        return self.loss != "mean_squared_error"

    @property
    def words(self) -> str:
        """``sparse categorical crossentropy of logits``."""
        return self.loss.replace("_", " ") + (" of logits" if self.from_logits else "")

    def losses(self, y: object, output: object) -> object:
        """The loss of each example, or of each place in it."""
        arguments = {"from_logits": self.from_logits} if self.has_accuracy else {}
        losses: object = getattr(keras.losses, self.loss)(y, output, **arguments)
        return losses

    def hits(self, y: object, output: object) -> object:
        """1 where the class is hit, else 0; Keras's own accuracy by the loss's name."""
        hits: object = getattr(keras.metrics, self.loss.replace("crossentropy", "accuracy"))(y, output)
        return hits


@dataclass(frozen=True, eq=False)
class Task:
    """Examples in a model's types and shapes, and the loss that its output and their targets ask for."""

    examples: Examples
    objective: Objective


def read_examples(path: Path) -> Examples:
    """The keys x and y of an ``.npz`` file.

    Raises:
        Refusal: they can't be read, don't belong together, or are too few.
    """
    x = read_data(path)
    try:
        with np.load(path, allow_pickle=False) as file:
            y: Array = file["y"]
    except (OSError, ValueError, KeyError, EOFError, TypeError, zipfile.BadZipFile):
        raise Refusal(f"{path} has no targets; training needs them under the key y, one for each row of x.") from None
    if y.ndim < 1 or len(y) != len(x) or y.dtype.kind not in "fiub":
        raise Refusal(
            f"{path} holds {grouped(len(x))} rows of x and y of shape {y.shape} and type {y.dtype}; "
            "a number or a row of numbers for each is needed."
        )
    if len(x) < FEWEST_EXAMPLES or not np.isfinite(y).all() or not np.isfinite(x).all():
        raise Refusal(
            f"{path} holds {grouped(len(x))} examples; {FEWEST_EXAMPLES} or more are needed, all of finite numbers."
        )
    return Examples(x, y)


def task_of(opened: OpenedModel, examples: Examples) -> Task:
    """What a model can be trained for by these examples.

    Raises:
        Refusal: they don't fit the model, or it has several inputs or outputs.
    """
    if opened.graph is None or len(opened.inputs) != 1 or len(opened.outputs) != 1:
        raise Refusal("--train-data needs a functional or sequential model with one input and one output.")
    if not opened.model.trainable_variables:
        raise Refusal("--train-data needs a model that has weights to train; all of this one's are frozen.")
    (output,) = opened.outputs
    shape, kind = output.shape[1:], output.activation
    for suits in (_labels, _rows):
        if found := suits(kind, shape, examples.y):
            objective, y = found
            return Task(Examples(fitting(examples.x, opened.inputs), y), objective)
    shown = ", ".join("any" if size is None else str(size) for size in ("count", *shape))
    raise Refusal(
        f"y is of shape {examples.y.shape}, and the model's output is ({shown}), {kind or 'linear'}: "
        f"{_wanted(kind, shape)} are needed."
    )


Found = tuple[Objective, Array] | None


def _labels(kind: str, shape: tuple[int | None, ...], y: Array) -> Found:
    """Whole labels of classes, for softmax or logits."""
    classes = shape[-1] if shape else None
    if classes is None or classes < 2 or kind == "sigmoid" or not (y == np.rint(y)).all():
        return None
    labels = y[..., 0] if y.ndim == len(shape) + 1 and y.shape[-1] == 1 else y
    if not _alike(labels.shape[1:], shape[:-1]):
        return None
    if labels.min() < 0 or labels.max() >= classes:
        raise Refusal(
            f"y holds labels from {int(labels.min())} to {int(labels.max())}, and the model tells {classes} classes "
            f"apart, 0 to {classes - 1}."
        )
    return Objective("sparse_categorical_crossentropy", kind != "softmax"), labels.astype(np.int32)


def _rows(kind: str, shape: tuple[int | None, ...], y: Array) -> Found:
    """Targets of the output's own shape: probabilities of classes, of yes, or plain numbers."""
    targets = y[..., None] if y.ndim == len(shape) and shape[-1:] == (1,) else y
    if not _alike(targets.shape[1:], shape):
        return None
    shares = bool(((targets >= 0) & (targets <= 1)).all())
    one_hot = shares and targets.shape[-1] > 1 and bool(np.allclose(targets.sum(axis=-1), 1.0, atol=1e-3))
    targets = targets.astype(np.float32)
    if kind == "sigmoid":
        return (Objective("binary_crossentropy"), targets) if shares else None
    if kind == "softmax":
        return (Objective("categorical_crossentropy"), targets) if one_hot else None
    loss = Objective("categorical_crossentropy", from_logits=True) if one_hot else Objective("mean_squared_error")
    return loss, targets


def _alike(got: tuple[int, ...], wanted: tuple[int | None, ...]) -> bool:
    return len(got) == len(wanted) and all(size in (None, one) for one, size in zip(got, wanted, strict=True))


def _wanted(kind: str, shape: tuple[int | None, ...]) -> str:
    if kind == "softmax":
        return "whole labels, or rows that sum to 1,"
    return "numbers from 0 to 1 of that shape" if kind == "sigmoid" else "numbers of that shape"
