"""Signal and gradient through a user's own graph: a batch forward in training mode, a gradient of N(0, 1) back."""

from __future__ import annotations

import math
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from initterm.engine.audit_events import GraphMeasured, LayerPassed
from initterm.engine.graph import Graph, activation_of, functional_of
from initterm.engine.message import Number, finite
from initterm.engine.runtime import keras, tf
from initterm.theory.refusal import Refusal

Array = NDArray[Any]

MOST_INPUTS, FEWEST_INPUTS = 64, 2
MOST_NUMBERS = 2**26
"""How many numbers all layers' outputs may have together; gradients are as many again."""

UNKNOWN_SIZES = {2: 16, 3: 64, 4: 64, 5: 16}
"""What stands for a dimension that a model leaves open, by the input's rank: a sequence's steps, an image's pixels."""

SEED = 42

LOOKED_UP, NORMAL = "whole numbers by chance", "standard normal"

PROBABILITIES = ("softmax", "sigmoid")


@dataclass(frozen=True, eq=False)
class Inputs:
    """A batch for each input of a model, and where it comes from."""

    source: str
    batches: tuple[Array, ...]


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


def graph_signal(model: Any, data: Array | None = None) -> GraphMeasured:
    """Stds of activations and gradients at each layer's output, in the order in which the layers run.

    Batch normalization uses its batch's statistics, as at the first step of training; the model's state is restored.

    Args:
        model: built.
        data: inputs (count, ...), of which the first are taken; standard normal ones where there are none, whole
            numbers where an embedding looks them up.

    Raises:
        Refusal: the data don't fit the model.
    """
    graph = Graph.of(model)
    if graph is None:
        return GraphMeasured("", note="The model is code without a graph, so its signal wasn't measured.")
    inputs = _inputs(model, graph, data)
    nodes = [node for node in graph.nodes if not node.is_input and _is_float(node)]
    with _state_kept(model):
        try:
            outputs, gradients = _passed(functional_of(model), nodes, inputs)
        except (tf.errors.OpError, ValueError, TypeError, NotImplementedError) as error:
            return GraphMeasured(inputs.source, note=f"The signal couldn't be measured: {str(error).splitlines()[0]}")
    layers = [
        LayerPassed(node.operation.name, type(node.operation).__name__, *_told(output, gradient))
        for node, output, gradient in zip(nodes, outputs, gradients, strict=True)
    ]
    loss, classes = _loss(nodes[-1].operation, outputs[-1]) if nodes else (None, None)
    return GraphMeasured(inputs.source, tuple(layers), _std_of(inputs), loss, classes)


def _std_of(inputs: Inputs) -> Number:
    """The first input's std; None of whole numbers, whose size means nothing."""
    first = inputs.batches[0]
    return finite(float(first.std())) if first.dtype.kind == "f" and inputs.source != LOOKED_UP else None


def _is_float(node: Any) -> bool:
    return bool(node.outputs) and all("float" in str(output.dtype) for output in node.outputs)


def _inputs(model: Any, graph: Graph, data: Array | None) -> Inputs:
    tensors = functional_of(model).inputs
    count = _batch_size(graph)
    if data is not None:
        return Inputs("data", (_fitting(data, tensors)[:count],))
    lookups = [_rows_looked_up(graph, tensor) for tensor in tensors]
    random = np.random.default_rng(SEED)
    batches = [_drawn(random, count, tensor, rows) for tensor, rows in zip(tensors, lookups, strict=True)]
    source = LOOKED_UP if any(lookups) else NORMAL
    return Inputs(source, tuple(batches))


def _batch_size(graph: Graph) -> int:
    """As many inputs as keep all layers' outputs within ``MOST_NUMBERS``."""
    sizes = (_shape(output)[1:] for node in graph.nodes for output in node.outputs)
    return int(np.clip(MOST_NUMBERS // max(1, sum(map(math.prod, sizes))), FEWEST_INPUTS, MOST_INPUTS))


def _shape(tensor: Any) -> tuple[int, ...]:
    """A tensor's shape with sizes in the place of open dimensions."""
    unknown = UNKNOWN_SIZES.get(len(tensor.shape), 16)
    return tuple(size or unknown for size in tensor.shape)


def _fitting(data: Array, tensors: Sequence[Any]) -> Array:
    if len(tensors) != 1:
        raise Refusal(
            f"The model has {len(tensors)} inputs, and x is one; leave --data out for standard normal inputs."
        )
    wanted = tuple(tensors[0].shape)[1:]
    fits = len(wanted) == data.ndim - 1 and all(
        size in (None, got) for size, got in zip(wanted, data.shape[1:], strict=True)
    )
    if not fits:
        shown = ", ".join("any" if size is None else str(size) for size in wanted)
        raise Refusal(f"x is of shape {data.shape}, and the model takes (count, {shown}).")
    return data.astype(np.dtype(str(tensors[0].dtype)))


def _rows_looked_up(graph: Graph, tensor: Any) -> int | None:
    """How many rows the embedding has that takes this input first; None where none does."""
    for node in graph.nodes:
        looks_up = isinstance(node.operation, keras.layers.Embedding)
        if looks_up and any(one is tensor for one in node.input_tensors):
            return int(node.operation.input_dim)
    return None


def _drawn(random: np.random.Generator, count: int, tensor: Any, rows: int | None) -> Array:
    shape = (count, *_shape(tensor)[1:])
    dtype = str(tensor.dtype)
    if rows is not None:
        return random.integers(rows, size=shape).astype(dtype)
    if "float" not in dtype:
        return random.integers(2, size=shape).astype(dtype)
    return random.standard_normal(shape, np.float32)


@contextmanager
def _state_kept(model: Any) -> Iterator[None]:
    """What a step changes beside weights, moving statistics and random states, is put back."""
    kept = [(variable, keras.ops.convert_to_numpy(variable)) for variable in model.non_trainable_variables]
    try:
        yield
    finally:
        for variable, value in kept:
            variable.assign(value)


def _passed(model: Any, nodes: Sequence[Any], inputs: Inputs) -> tuple[list[Array], list[Array | None]]:
    """Each node's output, and the gradient that arrives at it from a gradient of N(0, 1) at the last one."""
    opened = keras.Model(model.inputs, [node.outputs[0] for node in nodes])
    batches = [tf.convert_to_tensor(batch) for batch in inputs.batches]
    with tf.GradientTape() as tape:
        for batch in batches:
            if batch.dtype.is_floating:
                tape.watch(batch)
        outputs = opened(batches if len(batches) > 1 else batches[0], training=True)
        outputs = list(outputs) if isinstance(outputs, list | tuple) else [outputs]
    noise = np.random.default_rng([SEED, 1]).standard_normal(outputs[-1].shape, np.float32)
    gradients = tape.gradient(outputs[-1], outputs, output_gradients=tf.cast(noise, outputs[-1].dtype))
    return [_numbers(output) for output in outputs], [
        None if gradient is None else _numbers(tf.convert_to_tensor(gradient)) for gradient in gradients
    ]


def _numbers(tensor: Any) -> Array:
    return np.asarray(tf.cast(tensor, tf.float32))


def _told(output: Array, gradient: Array | None) -> tuple[Number, Number, Number]:
    """The activation's std, the gradient's, and the share of units whose output never varies."""
    with np.errstate(invalid="ignore", over="ignore"):
        by_unit = output.reshape(-1, output.shape[-1])
        dead = float((by_unit.max(axis=0) == by_unit.min(axis=0)).mean())
        back = float(gradient.std(dtype=np.float64)) if gradient is not None else math.nan
        return finite(float(output.std(dtype=np.float64))), finite(back), dead


def _loss(last: Any, output: Array) -> tuple[Number, int | None]:
    """Cross-entropy of the output's probabilities against labels by chance: its mean over all classes.

    Only of an output layer that makes probabilities; ``sigmoid`` counts as two classes.
    """
    kind = activation_of(last)
    if kind not in PROBABILITIES or output.ndim < 2 or (kind == "softmax" and output.shape[-1] < 2):
        return None, None
    least = float(np.finfo(np.float32).tiny)
    with np.errstate(invalid="ignore"):
        if kind == "softmax":
            return finite(float(-np.log(np.maximum(output, least)).mean())), output.shape[-1]
        return finite(float(-np.log(np.maximum(output * (1 - output), least)).mean() / 2)), 2
