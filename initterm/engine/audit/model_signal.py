"""Signal and gradient through a user's own model: a batch forward in training mode, a gradient of N(0, 1) back."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from initterm.engine import memory
from initterm.engine.audit.layer_outputs import LayerOutput, numbers_of, recorded, steps_of
from initterm.engine.keras_types import Model
from initterm.engine.models.dataflow import Dataflow, Flow
from initterm.engine.models.graph import Surroundings, activation_of
from initterm.engine.models.inputs import FEWEST_INPUTS, SEED, Inputs, inputs_for
from initterm.engine.models.opened import OpenedModel
from initterm.engine.models.recorded_run import run_recorded, surroundings_in
from initterm.engine.models.streams import after_the_last_weights, longest_stream, passed_by_all
from initterm.engine.runtime import keras, tf
from initterm.experiments.audit.events import GraphMeasured, LayerPassed, StreamSum
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


@dataclass(frozen=True)
class MeasuredRun:
    """A model's signal, and what the run tells of each tensor's surroundings; nothing where there was none.

    ``surroundings`` are in the order of the model's tensors, None where the run doesn't tell.
    """

    signal: GraphMeasured
    surroundings: tuple[Surroundings | None, ...] = ()


def graph_signal(opened: OpenedModel, data: Array | None = None) -> GraphMeasured:
    """The signal of ``measured_run`` alone."""
    return measured_run(opened, data).signal


def measured_run(opened: OpenedModel, data: Array | None = None) -> MeasuredRun:
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
        note = f"The layers' outputs would take {numbers.size(room)}: the signal wasn't measured."
        return MeasuredRun(GraphMeasured("", note=note))
    inputs = inputs_for(opened, data)
    if inputs is None:
        return MeasuredRun(GraphMeasured("", note=UNKNOWN_SHAPE))
    with _state_kept(opened.model):
        try:
            passed = _passed(opened, inputs)
        except Exception as error:  # layers of the person's own may raise anything
            if memory.ran_out(error):
                raise
            note = f"The signal couldn't be measured: {shown(first_line(error), MOST_WORDS)}"
            return MeasuredRun(GraphMeasured(inputs.source, note=note))
    surroundings = surroundings_in(passed.dataflow, opened.tensors)
    return MeasuredRun(_signal(inputs, passed), surroundings)


@dataclass(frozen=True, eq=False)
class Passed:
    """What passed: each layer's output, the gradient that arrives there, None where none does, and the way it took."""

    layer_outputs: Sequence[LayerOutput]
    gradients: Sequence[Array | None]
    dataflow: Dataflow


def _signal(inputs: Inputs, passed: Passed) -> GraphMeasured:
    trunk, last = frozenset(passed_by_all(passed.dataflow)), after_the_last_weights(passed.dataflow)
    layers = tuple(
        _layer_passed(one, gradient, passed.dataflow.flow(one.output), trunk, last)
        for one, gradient in zip(passed.layer_outputs, passed.gradients, strict=True)
    )
    loss, classes = _loss(passed.layer_outputs[-1]) if passed.layer_outputs else (None, None)
    return GraphMeasured(inputs.source, layers, inputs.std, loss, classes, stream=_stream(passed))


def _layer_passed(
    layer_output: LayerOutput, gradient: Array | None, flow: Flow | None, trunk: frozenset[int], last: int
) -> LayerPassed:
    """What is told of a layer's output and the gradient that arrives there."""
    kind = flow.node.kind if flow else ""
    with np.errstate(invalid="ignore", over="ignore"):
        back = float(gradient.std(dtype=np.float64)) if gradient is not None else math.nan
        return LayerPassed(
            layer_output.step.name,
            type(layer_output.step.operation).__name__,
            finite(float(layer_output.numbers.std(dtype=np.float64))),
            finite(back),
            layer_output.dead_fraction,
            bypassed=flow is None or flow.step not in trunk,
            normalizes=kind == "normalized",
            is_softmax=kind == "softmax",
            ends=flow is not None and bool(last >> flow.node.number & 1),
            rows=layer_output.rows,
        )


def _stream(passed: Passed) -> tuple[StreamSum, ...]:
    """The longest chain of sums of a residual stream with itself, by the layers that make them."""
    names = {id(one.step.operation): one.step.name for one in passed.layer_outputs}
    summed = [(names.get(id(node.operation)), node) for node in longest_stream(passed.dataflow)]
    return tuple(
        StreamSum(name or str(getattr(node.operation, "name", "")), finite(node.std or math.nan))
        for name, node in summed
    )


@contextmanager
def _state_kept(model: Model) -> Iterator[None]:
    """What a step changes beside weights, moving statistics and random states, is put back."""
    kept = [(variable, keras.ops.convert_to_numpy(variable)) for variable in model.non_trainable_variables]
    try:
        yield
    finally:
        for variable, value in kept:
            variable.assign(value)


def _passed(opened: OpenedModel, inputs: Inputs) -> Passed:
    """Each layer's output, and the gradient that arrives at it from gradients of N(0, 1) at the model's outputs."""
    batches = [tf.convert_to_tensor(batch) for batch in inputs.batches]
    operations = [step.operation for step in steps_of(opened.model)]
    with (
        tf.GradientTape() as tape,
        run_recorded(opened.model, opened.tensors, operations) as dataflow,
        recorded(opened.model) as layer_outputs,
    ):
        for batch in batches:
            if batch.dtype.is_floating:
                tape.watch(batch)
        dataflow.begin(batches)
        outputs = opened.model(_structured(opened, batches), training=True)
    ends = [end for end in keras.tree.flatten(outputs) if tf.is_tensor(end)]
    dataflow.end(ends)
    rounded = all(
        batch.dtype.is_floating for batch in batches
    )  # whole numbers are a signal's only where floats came in
    told = [one for one in layer_outputs if one.output.dtype.is_floating or rounded]
    return Passed(told, _gradients(tape, ends, told), dataflow)


def _gradients(tape: Any, ends: Sequence[Any], layer_outputs: Sequence[LayerOutput]) -> list[Array | None]:
    """The gradient at each layer's output; None where none arrives."""
    random = np.random.default_rng([SEED, 1])
    noise = [tf.cast(random.standard_normal(end.shape, np.float32), end.dtype) for end in ends]
    floats = [one.output for one in layer_outputs if one.output.dtype.is_floating]
    arrived = iter(tape.gradient(ends, floats, output_gradients=noise))
    found = [next(arrived) if one.output.dtype.is_floating else None for one in layer_outputs]
    return [None if one is None else numbers_of(tf.convert_to_tensor(one)) for one in found]


def _structured(opened: OpenedModel, batches: Sequence[object]) -> object:
    """The batches as the model takes its inputs: one alone, a list, or by their names."""
    if opened.graph is None:
        return batches[0]
    structured: object = keras.tree.pack_sequence_as(opened.graph.functional.input, list(batches))
    return structured


def _loss(last: LayerOutput) -> tuple[Number, int | None]:
    """Cross-entropy of the last layer's probabilities against random labels: its mean over all classes.

    Only of an output layer that makes probabilities; ``sigmoid`` counts as two classes.
    """
    kind, output = activation_of(last.step.operation), last.numbers
    if kind not in PROBABILITIES or output.ndim < 2 or (kind == "softmax" and output.shape[-1] < 2):
        return None, None
    least = float(np.finfo(np.float32).tiny)
    with np.errstate(invalid="ignore"):
        if kind == "softmax":
            return finite(float(-np.log(np.maximum(output, least)).mean())), output.shape[-1]
        return finite(float(-np.log(np.maximum(output * (1 - output), least)).mean() / 2)), 2
