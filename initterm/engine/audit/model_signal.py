"""Signal and gradient through a user's own model: a batch forward in training mode, a gradient of N(0, 1) back."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from initterm.engine import memory
from initterm.engine.audit.room import BYTES_A_NUMBER, call, count_within, numbers_an_example
from initterm.engine.audit.taps import GradientTaps
from initterm.engine.keras_types import Model, Operation
from initterm.engine.models.graph import Graph, activation_of
from initterm.engine.models.inputs import SEED, USUAL, Data, Drawing, Inputs, drawings_for, inputs_for
from initterm.engine.models.opened import OpenedModel
from initterm.engine.models.reasons import deepest_line
from initterm.engine.runtime import keras, tf
from initterm.experiments.audit.events import GraphMeasured, LayerPassed
from initterm.experiments.message import Number, finite
from initterm.theory import numbers
from initterm.theory.arrays import Array
from initterm.theory.refusal import Refusal, shown

PROBABILITIES = ("softmax", "sigmoid")

MOST_WORDS = 160
"""How many characters of an error are told."""

TOO_LARGE = "The signal takes more memory than the audit may, so it wasn't measured; --max-memory lets it take more."
UNKNOWN_SHAPE = (
    "The model is code and doesn't tell its input's shape, so its signal wasn't measured; say it by --input-shape."
)


def graph_signal(opened: OpenedModel, data: Data | None = None) -> GraphMeasured:
    """Stds of activations and gradients at each layer's output, in the order in which the layers run.

    Batch normalization uses its batch's statistics, as at the first step of training; the model's state is restored.

    Args:
        opened: the model.
        data: inputs, of which the first are taken; random ones of the kinds that it takes where there are none.

    Raises:
        Refusal: the data don't fit the model.
    """
    if not opened.inputs:
        return GraphMeasured("", note=UNKNOWN_SHAPE)
    errors: list[Exception] = []
    for drawing in drawings_for(opened) if data is None else [USUAL]:
        try:
            with _state_kept(opened.model):
                return _signal_of(opened, data, drawing)
        except Refusal:
            raise
        except Exception as error:  # layers of the person's own may raise anything
            if memory.ran_out(error):
                return GraphMeasured("", note=TOO_LARGE)
            errors.append(error)
    return GraphMeasured("", note=f"The signal couldn't be measured: {shown(deepest_line(errors[0]), MOST_WORDS)}")


def _signal_of(opened: OpenedModel, data: Data | None, drawing: Drawing) -> GraphMeasured:
    """The signal of as many inputs as there is room for."""
    numbers_each = max(opened.numbers_put_out, numbers_an_example(opened, data, drawing))
    count = count_within(numbers_each)
    if not memory.fits(room := count * BYTES_A_NUMBER * numbers_each):
        return GraphMeasured(
            "", note=f"The layers' outputs would take {numbers.size(room)}: the signal wasn't measured."
        )
    inputs = inputs_for(opened, data, count, drawing)
    assert inputs is not None
    layer_outputs, gradients = _passed(opened, inputs)
    layers = tuple(map(_layer_passed, layer_outputs, gradients))
    loss, classes = _loss(layer_outputs[-1]) if layer_outputs else (None, None)
    return GraphMeasured(inputs.source, layers, inputs.std, loss, classes)


def _layer_passed(layer_output: LayerOutput, gradient: Number) -> LayerPassed:
    """What is told of a layer's output and the gradient that arrives there."""
    step = layer_output.step
    std, dead = _told(_numbers(layer_output.output))
    return LayerPassed(step.name, type(step.operation).__name__, std, gradient, dead, step.bypassed)


@contextmanager
def _state_kept(model: Model) -> Iterator[None]:
    """What a step changes beside weights, moving statistics and random states, is put back."""
    kept = [(variable, keras.ops.convert_to_numpy(variable)) for variable in model.non_trainable_variables]
    try:
        yield
    finally:
        for variable, value in kept:
            variable.assign(value)


def _passed(opened: OpenedModel, inputs: Inputs) -> tuple[list[LayerOutput], list[Number]]:
    """Each layer's output, and the std of what arrives at it from gradients of N(0, 1) at the model's outputs."""
    taps = GradientTaps()
    with tf.GradientTape(watch_accessed_variables=False) as tape, recorded(opened.model, taps.tapped) as layer_outputs:
        tape.watch(taps.source)
        outputs = call(opened, inputs)
    ends = [end for end in keras.tree.flatten(outputs) if tf.is_tensor(end) and end.dtype.is_floating]
    random = np.random.default_rng([SEED, 1])
    noise = [tf.cast(random.standard_normal(end.shape, np.float32), end.dtype) for end in ends]
    tape.gradient(ends, [taps.source], output_gradients=noise)
    return layer_outputs, taps.stds


def _numbers(tensor: object) -> Array:
    return np.asarray(tf.cast(tensor, tf.float32))


def _told(output: Array) -> tuple[Number, Number]:
    """The activation's std, and the share of units whose output never varies."""
    with np.errstate(invalid="ignore", over="ignore"):
        by_unit = output.reshape(-1, output.shape[-1])
        dead = float((by_unit.max(axis=0) == by_unit.min(axis=0)).mean())
        return finite(float(output.std(dtype=np.float64))), dead


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
def recorded(model: Model, tapped: Callable[[Any], Any] = lambda tensor: tensor) -> Iterator[list[LayerOutput]]:
    """A list that fills as the model is called; nested models' layers are in it, those inside of a layer are not.

    What ``tapped`` makes of each such output goes on in its place. Each layer's ``call`` is listened to, which works
    for graphs and for models that are only code, and let go again.
    """
    layer_outputs: list[LayerOutput] = []
    with ExitStack() as listening:
        seen: set[int] = set()
        for step in steps_of(model):
            if id(step.operation) not in seen:
                seen.add(id(step.operation))
                listening.enter_context(_listened(step, layer_outputs, tapped))
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
def _listened(step: LayerCall, layer_outputs: list[LayerOutput], tapped: Callable[[Any], Any]) -> Iterator[None]:
    own = vars(step.operation)
    before = own.get("call")
    call = step.operation.call

    @functools.wraps(call)
    def listening(*args: object, **kwargs: object) -> object:
        output = call(*args, **kwargs)
        leaves = keras.tree.flatten(output)
        if not leaves or not _is_signal(leaves[0]):
            return output
        leaves[0] = tapped(leaves[0])
        layer_outputs.append(LayerOutput(step, leaves[0]))
        return keras.tree.pack_sequence_as(output, leaves)

    own["call"] = listening
    try:
        yield
    finally:
        own.pop("call")
        if before is not None:
            own["call"] = before


def _is_signal(first: Any) -> bool:
    """Whether an operation's first output is a tensor of floats that can be looked at."""
    visible = tf.is_tensor(first) and not tf.is_symbolic_tensor(first) and first.dtype.is_floating
    return visible and bool(first.shape.rank)
