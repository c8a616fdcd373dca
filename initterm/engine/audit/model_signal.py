"""Signal and gradient through a user's own model: a batch forward in training mode, a gradient of N(0, 1) back."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from initterm.engine import memory
from initterm.engine.audit.count_in_code import count_in_code
from initterm.engine.audit.layer_outputs import LayerOutput, recorded, steps_of
from initterm.engine.audit.room import BYTES_A_NUMBER, call, cost_of_an_example
from initterm.engine.audit.taps import GradientTaps
from initterm.engine.keras_types import Model
from initterm.engine.models.dataflow import Dataflow
from initterm.engine.models.graph import Surroundings, activation_of
from initterm.engine.models.input_gradients import kernels_left_out
from initterm.engine.models.inputs import SEED, USUAL, Data, InputDrawing, Inputs, drawings_for, inputs_for
from initterm.engine.models.opened import OpenedModel
from initterm.engine.models.reasons import deepest_line
from initterm.engine.models.recorded_run import run_recorded, surroundings_in
from initterm.engine.models.streams import after_the_last_weights, longest_stream, passed_by_all
from initterm.engine.runtime import keras, tf
from initterm.experiments.audit.events import GraphMeasured, LayerPassed, StreamSum
from initterm.experiments.message import Number, finite
from initterm.theory import numbers
from initterm.theory.refusal import Refusal, shown

PROBABILITIES = ("softmax", "sigmoid")

MOST_WORDS = 160
"""How many characters of an error are told."""

TOO_LARGE = "The signal takes more memory than the audit may, so it wasn't measured; --max-memory lets it take more."
OTHERS = "If the model takes other inputs than random ones, name some by --data, or say what it takes by --input-shape."
OTHER_DATA = "If the model takes other data, or more of them at a time, name those by --data."
OUT_OF_SCOPE = "is out of scope"
KEPT = "A layer keeps what it computed while it was built without numbers; call the model on an array in its function."
"""What TensorFlow says of a tensor that a graph left behind, and what that comes from."""

UNKNOWN_SHAPE = (
    "The model is code and doesn't tell its input's shape, so its signal wasn't measured; say it by --input-shape."
)


@dataclass(frozen=True)
class MeasuredRun:
    """A model's signal, and what the run tells of each tensor's surroundings; nothing where there was none.

    ``surroundings`` are in the order of the model's tensors, None where the run doesn't tell.
    """

    signal: GraphMeasured
    surroundings: tuple[Surroundings | None, ...] = ()


def not_measured(note: str) -> MeasuredRun:
    """No run, and why there was none."""
    return MeasuredRun(GraphMeasured("", note=note))


def measured_run(opened: OpenedModel, data: Data | None = None) -> MeasuredRun:
    """Stds of activations and gradients at each layer's output, in the order in which the layers run.

    Batch normalization uses its batch's statistics, as at the first step of training; the model's state is restored.

    Args:
        opened: the model.
        data: inputs, of which the first are taken; random ones of the kinds that it takes where there are none.

    Raises:
        Refusal: the data don't fit the model.
    """
    if not opened.inputs:
        return not_measured(UNKNOWN_SHAPE)
    errors: list[Exception] = []
    for drawing in _drawings(opened, data):
        try:
            with _state_kept(opened.model):
                return _run_of(opened, data, drawing)
        except Refusal:
            raise
        except Exception as error:  # layers of the person's own may raise anything
            if memory.ran_out(error):
                return not_measured(TOO_LARGE)
            errors.append(error)
    return not_measured(_why_not(deepest_line(errors[0]), is_data=data is not None))


def _why_not(line: str, *, is_data: bool) -> str:
    """What Keras says, and what would be right."""
    reason = shown(line.rstrip("."), MOST_WORDS)
    helps = OTHER_DATA if is_data else OTHERS
    ended = reason if reason.endswith("…") else f"{reason}."
    return f"The signal couldn't be measured: {ended} {KEPT if OUT_OF_SCOPE in line else helps}"


def _drawings(opened: OpenedModel, data: Data | None) -> Iterator[InputDrawing]:
    """How inputs may be drawn, one after the other until the model takes them; at last as many as its code asks for."""
    yield from drawings_for(opened) if data is None else [USUAL]
    with _state_kept(opened.model):
        count = count_in_code(opened, data)
    if count:
        yield InputDrawing(count=count)


def _run_of(opened: OpenedModel, data: Data | None, drawing: InputDrawing) -> MeasuredRun:
    """The run of as many inputs as there is room for."""
    cost = cost_of_an_example(opened, data, drawing)
    inputs = inputs_for(opened, data, cost.affordable, drawing)
    assert inputs is not None
    if not memory.fits(room := len(inputs.batches[0]) * BYTES_A_NUMBER * cost.numbers):
        return not_measured(f"The layers' outputs would take {numbers.size(room)}: the signal wasn't measured.")
    passed = _passed(opened, inputs)
    return MeasuredRun(_signal(inputs, passed), surroundings_in(passed.dataflow, opened.tensors))


@dataclass(frozen=True, eq=False)
class Passed:
    """What passed: each layer's output, the std of the gradient that arrives there, and the way it took."""

    layer_outputs: Sequence[LayerOutput]
    gradients: Sequence[Number]
    dataflow: Dataflow


def _signal(inputs: Inputs, passed: Passed) -> GraphMeasured:
    trunk, last = frozenset(passed_by_all(passed.dataflow)), after_the_last_weights(passed.dataflow)
    layers = tuple(
        _layer_passed(one, gradient, passed.dataflow, trunk, last)
        for one, gradient in zip(passed.layer_outputs, passed.gradients, strict=True)
    )
    loss, classes = _loss(passed.layer_outputs[-1]) if passed.layer_outputs else (None, None)
    return GraphMeasured(inputs.source, layers, inputs.std, loss, classes, stream=_stream(passed))


def _layer_passed(
    layer_output: LayerOutput, gradient: Number, dataflow: Dataflow, trunk: frozenset[int], last: int
) -> LayerPassed:
    """What is told of a layer's output and the gradient that arrives there."""
    taken, flow = dataflow.flow(layer_output.taken), dataflow.flow(layer_output.output)
    kind = flow.node.kind if flow and not (taken and taken.node is flow.node) else ""
    with np.errstate(invalid="ignore", over="ignore"):
        return LayerPassed(
            layer_output.step.name,
            type(layer_output.step.operation).__name__,
            finite(float(layer_output.numbers.std(dtype=np.float64))),
            gradient,
            layer_output.dead_fraction,
            bypassed=flow is None or flow.step not in trunk,
            normalizes=kind == "normalized",
            is_softmax=kind == "softmax",
            pools=kind == "reduced" or "Pooling" in type(layer_output.step.operation).__name__,
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
    """Each layer's output, and the std of what arrives at it from gradients of N(0, 1) at the model's outputs."""
    taps = GradientTaps()
    operations = [step.operation for step in steps_of(opened.model)]
    with (
        tf.GradientTape(watch_accessed_variables=False) as tape,
        run_recorded(opened.model, opened.tensors, operations) as dataflow,
        recorded(opened.model, taps.tapped) as layer_outputs,
    ):
        tape.watch(taps.source)
        outputs = call(opened, inputs, dataflow.begin)
    ends = [end for end in keras.tree.flatten(outputs) if tf.is_tensor(end)]
    dataflow.end(ends)
    _send_back(tape, [end for end in ends if end.dtype.is_floating], taps)
    # whole numbers are a signal's only where floats came in
    rounded = all(batch.dtype.kind == "f" for batch in inputs.batches)
    told = [one for one in layer_outputs if one.output.dtype.is_floating or rounded]
    stds = iter(taps.stds)
    return Passed(told, [next(stds) if one.output.dtype.is_floating else None for one in told], dataflow)


def _send_back(tape: Any, ends: Sequence[Any], taps: GradientTaps) -> None:
    """Gradients of N(0, 1) from the model's outputs back to all taps."""
    random = np.random.default_rng([SEED, 1])
    noise = [tf.cast(random.standard_normal(end.shape, np.float32), end.dtype) for end in ends]
    with kernels_left_out():
        tape.gradient(ends, [taps.source], output_gradients=noise)


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
