"""Signal and gradient through a user's own model: a batch forward in training mode, a gradient of N(0, 1) back."""

from __future__ import annotations

import functools
import math
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from initterm.engine import memory
from initterm.engine.keras_types import Model, Operation
from initterm.engine.models.graph import Graph, activation_of
from initterm.engine.models.inputs import FEWEST_INPUTS, SEED, Inputs, inputs_for
from initterm.engine.models.opened import OpenedModel
from initterm.engine.runtime import keras, tf
from initterm.experiments.audit.events import GraphMeasured, LayerPassed
from initterm.experiments.message import Number, finite
from initterm.theory import numbers
from initterm.theory.arrays import Array
from initterm.theory.refusal import first_line, shown

PROBABILITIES = ("softmax", "sigmoid")

BYTES_A_NUMBER = 8
"""An output in single precision, and its gradient."""

MOST_WORDS = 160
"""How many characters of an error are told."""

UNKNOWN_SHAPE = (
    "The model is code and doesn't tell its input's shape, so its signal wasn't measured; begin it with keras.Input."
)


def graph_signal(opened: OpenedModel, data: Array | None = None) -> GraphMeasured:
    """Stds of activations and gradients at each layer's output, in the order in which the layers run.

    Batch normalization uses its batch's statistics, as at the first step of training; the model's state is restored.

    Args:
        opened: the model.
        data: inputs (count, ...), of which the first are taken; standard normal ones where there are none, whole
            numbers where an embedding looks them up.

    Raises:
        Refusal: the data don't fit the model.
    """
    room = FEWEST_INPUTS * BYTES_A_NUMBER * opened.numbers_put_out
    if not memory.fits(room):
        return GraphMeasured(
            "", note=f"The layers' outputs would take {numbers.size(room)}: the signal wasn't measured."
        )
    inputs = inputs_for(opened, data)
    if inputs is None:
        return GraphMeasured("", note=UNKNOWN_SHAPE)
    with _state_kept(opened.model):
        try:
            layer_outputs, gradients = _passed(opened, inputs)
        except Exception as error:  # layers of the person's own may raise anything
            if memory.ran_out(error):
                raise
            return GraphMeasured(
                inputs.source, note=f"The signal couldn't be measured: {shown(first_line(error), MOST_WORDS)}"
            )
    layers = tuple(map(_layer_passed, layer_outputs, gradients))
    loss, classes = _loss(layer_outputs[-1]) if layer_outputs else (None, None)
    return GraphMeasured(inputs.source, layers, inputs.std, loss, classes)


def _layer_passed(layer_output: LayerOutput, gradient: Array | None) -> LayerPassed:
    """What is told of a layer's output and the gradient that arrives there."""
    step = layer_output.step
    stds = _told(_numbers(layer_output.output), gradient)
    return LayerPassed(step.name, type(step.operation).__name__, *stds, step.bypassed)


@contextmanager
def _state_kept(model: Model) -> Iterator[None]:
    """What a step changes beside weights, moving statistics and random states, is put back."""
    kept = [(variable, keras.ops.convert_to_numpy(variable)) for variable in model.non_trainable_variables]
    try:
        yield
    finally:
        for variable, value in kept:
            variable.assign(value)


def _passed(opened: OpenedModel, inputs: Inputs) -> tuple[list[LayerOutput], list[Array | None]]:
    """Each layer's output, and the gradient that arrives at it from gradients of N(0, 1) at the model's outputs."""
    batches = [tf.convert_to_tensor(batch) for batch in inputs.batches]
    with tf.GradientTape() as tape, recorded(opened.model) as layer_outputs:
        for batch in batches:
            if batch.dtype.is_floating:
                tape.watch(batch)
        outputs = opened.model(_structured(opened, batches), training=True)
    ends = [end for end in keras.tree.flatten(outputs) if tf.is_tensor(end)]
    random = np.random.default_rng([SEED, 1])
    noise = [tf.cast(random.standard_normal(end.shape, np.float32), end.dtype) for end in ends]
    gradients = tape.gradient(ends, [layer_output.output for layer_output in layer_outputs], output_gradients=noise)
    return layer_outputs, [None if one is None else _numbers(tf.convert_to_tensor(one)) for one in gradients]


def _structured(opened: OpenedModel, batches: Sequence[object]) -> object:
    """The batches as the model takes its inputs: one alone, a list, or by their names."""
    if opened.graph is None:
        return batches[0]
    structured: object = keras.tree.pack_sequence_as(opened.graph.functional.input, list(batches))
    return structured


def _numbers(tensor: object) -> Array:
    return np.asarray(tf.cast(tensor, tf.float32))


def _told(output: Array, gradient: Array | None) -> tuple[Number, Number, Number]:
    """The activation's std, the gradient's, and the share of units whose output never varies."""
    with np.errstate(invalid="ignore", over="ignore"):
        by_unit = output.reshape(-1, output.shape[-1])
        dead = float((by_unit.max(axis=0) == by_unit.min(axis=0)).mean())
        back = float(gradient.std(dtype=np.float64)) if gradient is not None else math.nan
        return finite(float(output.std(dtype=np.float64))), finite(back), dead


def _loss(last: LayerOutput) -> tuple[Number, int | None]:
    """Cross-entropy of the last layer's probabilities against random labels: its mean over all classes.

    Only of an output layer that makes probabilities; ``sigmoid`` counts as two classes.
    """
    kind, output = activation_of(last.step.operation), _numbers(last.output)
    if kind not in PROBABILITIES or output.ndim < 2 or (kind == "softmax" and output.shape[-1] < 2):
        return None, None
    least = float(np.finfo(np.float32).tiny)
    with np.errstate(invalid="ignore"):
        if kind == "softmax":
            return finite(float(-np.log(np.maximum(output, least)).mean())), output.shape[-1]
        return finite(float(-np.log(np.maximum(output * (1 - output), least)).mean() / 2)), 2


@dataclass(frozen=True, eq=False)
class LayerCall:
    """A layer or operation, its name with those of the models it is nested in, and whether a signal can get around."""

    name: str
    operation: Operation
    bypassed: bool


@dataclass(frozen=True, eq=False)
class LayerOutput:
    """A layer or operation, and what it put out, a float tensor."""

    step: LayerCall
    output: object


@contextmanager
def recorded(model: Model) -> Iterator[list[LayerOutput]]:
    """A list that fills as the model is called; nested models' layers are in it, those inside of a layer are not.

    Each layer's ``call`` is listened to, which works for graphs and for models that are only code, and let go again.
    """
    layer_outputs: list[LayerOutput] = []
    with ExitStack() as listening:
        seen: set[int] = set()
        for step in steps_of(model):
            if id(step.operation) not in seen:
                seen.add(id(step.operation))
                listening.enter_context(_listened(step, layer_outputs))
        yield layer_outputs


def steps_of(model: Model, prefix: str = "", bypassed: bool = False) -> Iterator[LayerCall]:
    """Each step of a model, nested models' steps in their places."""
    graph = Graph.of(model)
    around = graph.bypassed() if graph else frozenset()
    for operation in [node.operation for node in graph.nodes] if graph else model.layers:
        name, beside = f"{prefix}{operation.name}", bypassed or id(operation) in around
        if isinstance(operation, keras.Model):
            yield from steps_of(operation, f"{name}/", beside)
        elif not isinstance(operation, keras.layers.InputLayer):
            yield LayerCall(name, operation, beside)


@contextmanager
def _listened(step: LayerCall, layer_outputs: list[LayerOutput]) -> Iterator[None]:
    own = vars(step.operation)
    before = own.get("call")
    call = step.operation.call

    @functools.wraps(call)
    def listening(*args: object, **kwargs: object) -> object:
        output = call(*args, **kwargs)
        layer_outputs.extend(LayerOutput(step, one) for one in _signals(output))
        return output

    own["call"] = listening
    try:
        yield
    finally:
        own.pop("call")
        if before is not None:
            own["call"] = before


def _signals(output: object) -> list[object]:
    """The first of an operation's outputs, where it is a tensor of floats that can be looked at."""
    first: Any = next(iter(keras.tree.flatten(output)), None)
    visible = tf.is_tensor(first) and not tf.is_symbolic_tensor(first) and first.dtype.is_floating
    return [first] if visible and first.shape.rank else []
