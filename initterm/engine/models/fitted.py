"""Examples brought into the structure and shapes of a model's inputs and outputs, or refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from initterm.engine.data.example_set import ExampleSet, Tree, arrays_in
from initterm.engine.data.own_data import labels_of
from initterm.engine.keras_types import SymbolicTensor
from initterm.engine.memory import raise_if_ran_out
from initterm.engine.models.called import Slot, SlotShape
from initterm.engine.models.opened import OpenedModel, Output
from initterm.engine.models.printing import printing_to_stderr
from initterm.engine.models.reasons import reason_of
from initterm.engine.runtime import keras
from initterm.theory.arrays import Array
from initterm.theory.numbers import grouped
from initterm.theory.refusal import Refusal, shown

TRIED = 2
"""How many examples a model is tried with."""


def fitted(examples: ExampleSet, opened: OpenedModel, loss: object) -> ExampleSet:
    """The examples as the model takes them: inputs in its structure and shapes, whole numbers where it looks them up.

    Args:
        examples: as they were given.
        opened: the model.
        loss: by which it is trained, as ``compile`` takes it; empty or None where it follows from the targets.

    Raises:
        Refusal: the model doesn't take them; the sentence says what it takes.
    """
    x = _arranged(examples.x, opened) if opened.graph is not None else examples.x
    ready = ExampleSet(x, examples.y, examples.weights)
    outputs = opened.outputs or _outputs_for(ready, opened)
    for output, targets in zip(outputs, _of_outputs(examples.y, opened, len(outputs), loss), strict=False):
        _check_targets(targets, output, loss)
    return ready


def classes_of(examples: ExampleSet, opened: OpenedModel, loss: object) -> int:
    """How many classes the model tells apart, where each target is the label of one or its one-hot row; else 0."""
    outputs, labels = opened.outputs or _outputs_for(examples, opened), labels_of(examples.y)
    if len(outputs) != 1 or len(outputs[0].shape) != 2 or labels is None:
        return 0
    (output,) = outputs
    classes, is_sigmoid = output.shape[-1] or 0, output.activation == "sigmoid"
    if classes == 1:
        is_binary = labels.max() <= 1 and (is_sigmoid or "binary" in loss_name(loss))
        return 2 if is_binary else 0
    return 0 if is_sigmoid or labels.max() >= classes else classes


def loss_name(loss: object) -> str:
    """A loss as Keras's functions are named, ``sparse_categorical_crossentropy``; empty of none and of several."""
    if loss is None or isinstance(loss, Mapping | list | tuple):
        return ""
    name = loss if isinstance(loss, str) else type(loss).__name__
    found = loss if callable(loss) and not isinstance(loss, str) else None
    if hasattr(found, "__name__"):
        name = str(getattr(found, "__name__", name))
    snake = "".join(f"_{sign.lower()}" if sign.isupper() else sign for sign in name).strip("_")
    return {"mse": "mean_squared_error", "mae": "mean_absolute_error"}.get(snake, snake)


def _arranged(x: Tree, opened: OpenedModel) -> Tree:
    """Inputs in the structure that the model was made with, each in its place by name or by order."""
    assert opened.graph is not None
    functional = opened.graph.functional
    structure: Any = functional.input
    names = [str(getattr(one, "name", "")) for one in functional.inputs]
    arrays = _by_place(x, structure, names)
    if len(arrays) != len(names):
        raise Refusal(
            f"x holds {_counted(len(arrays))}, and the model has {_counted(len(names))}, "
            f"{', '.join(map(shown, names))}."
        )
    ready = [
        _in_slot(array, slot, f"x, for the input {shown(name)}," if len(names) > 1 else "x")
        for array, slot, name in zip(arrays, opened.inputs, names, strict=True)
    ]
    for array, tensor in zip(ready, functional.inputs, strict=True):
        _refuse_beyond_table(array, opened, tensor)
    tree: Tree = keras.tree.pack_sequence_as(structure, ready)
    return tree


def _counted(arrays: int) -> str:
    return "one input" if arrays == 1 else f"{arrays} inputs"


def _by_place(x: Tree, structure: Any, names: Sequence[str]) -> list[Array]:
    """The arrays in the order of the model's inputs: by their names where they have names, else as they stand."""
    if not isinstance(x, dict) or len(x) == len(names) == 1:
        return arrays_in(x)
    keys = sorted(structure) if isinstance(structure, dict) else names
    for wanted in (keys, names):
        if set(wanted) <= set(x):
            return [array for name in wanted for array in arrays_in(x[name])]
    here, there = ", ".join(map(shown, x)), ", ".join(map(shown, keys))
    raise Refusal(f"x has inputs by the names {here}, and the model's are {there}; name them so.")


def _in_slot(array: Array, slot: Slot, what: str) -> Array:
    """An array in the shape of an input, whose axis of one number may be left out, and in whole numbers where it must.

    Raises:
        Refusal: it is of another shape.
    """
    shape = slot.shape
    if array.ndim == len(shape) - 1 and shape[-1] == 1:
        array = array[..., None]
    elif array.ndim == len(shape) + 1 and array.shape[-1] == 1:
        array = array[..., 0]
    if not alike(array.shape[1:], shape[1:]):
        raise Refusal(f"{what} is of shape {array.shape}, and the model takes {shape_words(shape)}.")
    if "int" in slot.dtype and array.dtype.kind == "f":
        if not (array == np.rint(array)).all():
            raise Refusal(f"{what} holds numbers that aren't whole, and the model takes {slot.dtype}.")
        return array.astype(slot.dtype)
    return array


def _refuse_beyond_table(array: Array, opened: OpenedModel, tensor: SymbolicTensor) -> None:
    """Refuse what a table has no row for, where an input is looked up in one: on some devices that gives zeros."""
    assert opened.graph is not None
    for node in opened.graph.nodes:
        table: Any = node.operation
        if isinstance(table, keras.layers.Embedding) and any(one is tensor for one in node.input_tensors):
            least, largest = int(array.min()), int(array.max())
            if least < 0 or largest >= table.input_dim:
                raise Refusal(
                    f"x holds numbers from {grouped(least)} to {grouped(largest)}, and the table {shown(table.name)} "
                    f"has rows from 0 to {grouped(table.input_dim - 1)}."
                )


def _outputs_for(examples: ExampleSet, opened: OpenedModel) -> tuple[Output, ...]:
    """The outputs of a model that is code, by what it makes of a few examples.

    Raises:
        Refusal: it raises something.
    """
    few = examples.at(slice(TRIED))
    try:
        with printing_to_stderr():
            answer = opened.model(keras.tree.map_structure(keras.ops.convert_to_tensor, few.x), training=False)
    except BaseException as error:  # a person's own code runs in it
        raise_if_ran_out(error)
        raise Refusal(f"the model doesn't take x, {type(error).__name__}: {reason_of(error)}") from error
    return tuple(Output((None, *one.shape[1:]), "") for one in keras.tree.flatten(answer))


def _of_outputs(y: Tree, opened: OpenedModel, outputs: int, loss: object) -> list[Array]:
    """The targets of each output; none of several outputs whose losses the model names itself, or some have none.

    Raises:
        Refusal: there are several, and there is one output.
    """
    arrays = arrays_in(y)
    if outputs == 1 and len(arrays) != 1:
        raise Refusal(f"y holds {len(arrays)} arrays, and the model has one output.")
    if outputs == 1:
        return arrays
    names: list[str] = getattr(opened.graph and opened.graph.functional, "output_names", [])
    if isinstance(y, dict):
        arrays = [array for name in names if name in y for array in arrays_in(y[name])]
    return arrays if len(arrays) == outputs and not loss else []


def _check_targets(targets: Array, output: Output, loss: object) -> None:
    """Refuse targets that no loss could compare with the output, as far as the loss is Keras's."""
    name, shape = loss_name(loss), output.shape
    if name and not hasattr(keras.losses, name):
        return
    are_labels = _labels_fit(targets, shape) and output.activation != "sigmoid"
    if "sparse" in name or (not name and are_labels and targets.shape != shape):
        _check_labels(targets, output, getattr(loss, "ignore_class", None))
        return
    as_rows = targets[..., None] if targets.ndim == len(shape) - 1 and shape[-1] == 1 else targets
    if not alike(as_rows.shape[1:], shape[1:]):
        also = ", or whole labels of its classes" if not name and (shape[-1] or 0) > 1 else ""
        raise Refusal(
            f"y is of shape {targets.shape} and {targets.dtype}, and the model puts out {shape_words(shape)}; "
            f"targets of that shape{also} are needed."
        )


def _labels_fit(targets: Array, shape: SlotShape) -> bool:
    """Whether targets are whole numbers, one for each row of an output of several numbers."""
    rows = targets[..., 0] if targets.ndim == len(shape) and targets.shape[-1] == 1 else targets
    several = len(shape) > 1 and shape[-1] != 1
    return several and alike(rows.shape[1:], shape[1:-1]) and bool((targets == np.rint(targets)).all())


def _check_labels(targets: Array, output: Output, ignored: int | None) -> None:
    if not _labels_fit(targets, output.shape):
        raise Refusal(
            f"y is of shape {targets.shape} and {targets.dtype}, and the model puts out {shape_words(output.shape)}; "
            "a whole label for each row of its numbers is needed."
        )
    labels = targets if ignored is None else targets[targets != ignored]
    classes = output.shape[-1]
    if classes and labels.size and (labels.min() < 0 or labels.max() >= classes):
        raise Refusal(
            f"y holds labels from {int(labels.min())} to {int(labels.max())}, and the model tells {classes} classes "
            f"apart, 0 to {classes - 1}."
        )


def alike(got: Sequence[int], wanted: Sequence[int | None]) -> bool:
    """Whether a shape is one that is wanted, where None is any size."""
    return len(got) == len(wanted) and all(size in (None, one) for one, size in zip(got, wanted, strict=True))


def shape_words(shape: SlotShape) -> str:
    """``(count, any, 3)``."""
    return f"({', '.join(['count', *('any' if size is None else str(size) for size in shape[1:])])})"
