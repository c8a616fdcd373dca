"""Keras's private parts, which this one file touches, where it has no public name; checked against Keras 3.15."""

from __future__ import annotations

import functools
import importlib
import itertools
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from initterm.engine.keras_types import (
    Functional,
    Initializer,
    Layer,
    Model,
    Node,
    Operation,
    SymbolicTensor,
    Variable,
)
from initterm.engine.runtime import keras

ConvLSTMCell: Any = importlib.import_module("keras.src.layers.rnn.conv_lstm").ConvLSTMCell
"""What a ConvLSTM layer of any rank repeats."""


def functional_of(operation: Operation) -> Functional | None:
    """The graph behind a functional or sequential model; None of a model that is only code, and of what is no model."""
    inside: Any = operation
    graph: Functional | None = inside if hasattr(inside, "_nodes_by_depth") else None
    return inside._functional if isinstance(operation, keras.Sequential) else graph


def nodes_of(functional: Functional) -> tuple[Node, ...]:
    """The nodes of a graph, in an order in which they can run."""
    inside: Any = functional
    depths = inside._nodes_by_depth
    return tuple(node for depth in sorted(depths, reverse=True) for node in depths[depth])


def maker_of(tensor: SymbolicTensor) -> Operation:
    """The operation that puts a tensor of a graph out."""
    inside: Any = tensor
    made_by: Operation = inside._keras_history.operation
    return made_by


def arguments_of(node: Node) -> tuple[tuple[object, ...], dict[str, object]]:
    """What a node's operation is called with: positional arguments, and those by name."""
    inside: Any = node
    return tuple(inside.arguments.args), dict(inside.arguments.kwargs)


def layers_within(layer: Layer) -> tuple[Layer, ...]:
    """A layer, such as a model, and every layer in it, as Keras goes through them."""
    inside: Any = layer
    return tuple(inside._flatten_layers())


def layers_as_added(model: Model) -> Iterator[Layer]:
    """A model and every layer in it, in the order in which they were added, each once."""
    seen: set[int] = set()
    waiting: list[Layer] = [model]
    while waiting:
        layer = waiting.pop()
        if id(layer) not in seen:
            seen.add(id(layer))
            yield layer
            waiting.extend(reversed(getattr(layer, "_layers", [])))


@contextmanager
def replaced_attribute(operation: Operation, name: str, value: object) -> Iterator[None]:
    """Another value of a layer's attribute or method meanwhile, past Keras's tracking of attributes."""
    own = vars(operation)
    is_own, before = name in own, own.get(name)
    own[name] = value
    try:
        yield
    finally:
        own.pop(name)
        if is_own:
            own[name] = before


def own_variables(layer: Layer) -> list[Variable]:
    """The variables of a layer itself, without those of the layers in it."""
    inside: Any = layer
    return [*inside._trainable_variables, *inside._non_trainable_variables]


def prepared_for(model: Model, batch: tuple[object, object, object]) -> None:
    """Build what a compiled model's loss and metrics need, and its optimizer, for a batch of inputs, targets, weights.

    Raises:
        Exception: whatever the model, its loss or its metrics say of such a batch.
    """
    inside: Any = model
    inside._symbolic_build(data_batch=batch)


def output_of(model: Model, x: object, *, training: bool) -> Any:
    """What a model makes of a batch, as a step of ``fit`` calls it."""
    inside: Any = model
    return inside(x, training=training) if inside._call_has_training_arg else inside(x)


def loss_of(model: Model, x: object, y: object, output: object, weights: object, *, training: bool) -> Any:
    """The loss of a compiled model's batch, penalties among it, as a step of ``fit`` computes it."""
    inside: Any = model
    return inside._compute_loss(x=x, y=y, y_pred=output, sample_weight=weights, training=training)


def has_own_step(model: Model) -> bool:
    """Whether a model's class trains otherwise than by Keras's step."""
    return type(model).train_step is not keras.Model.train_step  # type: ignore[attr-defined]


def has_own_loss(model: Model) -> bool:
    """Whether a model computes a loss by itself, without one that it is compiled with."""
    return type(model).compute_loss is not keras.Model.compute_loss or bool(model.losses)  # type: ignore[attr-defined]


def compiled_loss(model: Model) -> Any:
    """The loss that a model is compiled with, as it was given; None where there is none."""
    inside: Any = model
    return inside.loss if inside.compiled and inside._compile_loss is not None else None


COMPILING = (
    "optimizer",
    "loss",
    "compiled",
    "steps_per_execution",
    "stop_training",
    "train_function",
    "test_function",
    "predict_function",
    "_compile_loss",
    "_compile_metrics",
    "_loss_tracker",
    "_compile_config",
    "_compiled_trainable_state",
    "_jit_compile",
    "_run_eagerly",
)
"""Attributes that ``compile`` sets."""


@contextmanager
def compiled_as_before(model: Model) -> Iterator[None]:
    """What a model is compiled with may be another meanwhile, and then is as it was, with what ``fit`` made of it."""
    own = vars(model)
    before = {name: own[name] for name in COMPILING if name in own}
    try:
        yield
    finally:
        for name in COMPILING:
            own.pop(name, None)
        own.update(before)


def fit_under_way(model: Model) -> FrameType | None:
    """The frame of Keras's ``fit`` that trains a model and calls this; None where something else calls."""
    frame: FrameType | None = sys._getframe()
    while frame and not _fits(frame, model):
        frame = frame.f_back
    return frame


def _fits(frame: FrameType, model: Model) -> bool:
    known = frame.f_locals if frame.f_code.co_name == "fit" else {}
    return known.get("self") is model and "epoch_iterator" in known


def fitted_with(frame: FrameType) -> tuple[Any, Any, Any]:
    """Inputs, targets and weights that ``fit`` was given, without those that it puts aside to validate."""
    given = frame.f_locals
    return given.get("x"), given.get("y"), given.get("sample_weight")


def compiled_metrics(model: Model) -> Iterator[tuple[str, Any]]:
    """Names of the values, and Keras's metrics, that a model is compiled with, once it is built with them."""
    inside: Any = model
    metrics = inside._compile_metrics if inside.compiled else None
    if metrics is not None and metrics.built:
        yield from zip(metrics.result(), metrics.metrics, strict=False)


@contextmanager
def drawing_noted(note: Callable[[Variable, Initializer], None]) -> Iterator[None]:
    """Tell each variable that gets its first numbers meanwhile, with what draws them."""
    draw: Any = keras.Variable._initialize_with_initializer

    def noting(variable: Variable, initializer: Initializer) -> None:
        draw(variable, initializer)
        note(variable, initializer)

    with replaced(keras.Variable, "_initialize_with_initializer", noting):
        yield


@contextmanager
def assignments_noted(note: Callable[[Variable], object]) -> Iterator[None]:
    """Tell each variable that is assigned other numbers meanwhile."""
    assign: Any = keras.Variable.assign

    def noting(variable: Variable, value: object) -> object:
        note(variable)
        assigned: object = assign(variable, value)
        return assigned

    with replaced(keras.Variable, "assign", noting):
        yield


@contextmanager
def model_calls_noted(note: Callable[[Model, tuple[Any, ...], dict[str, Any]], None]) -> Iterator[None]:
    """Tell of each model that is called meanwhile, and with which arguments, before it computes anything."""
    call = keras.layers.Layer.__call__

    @functools.wraps(call)
    def noting(layer: Layer, *args: Any, **kwargs: Any) -> Any:
        if isinstance(layer, keras.Model):
            note(layer, args, kwargs)
        return call(layer, *args, **kwargs)

    with replaced(keras.layers.Layer, "__call__", noting):
        yield


CallsOperation = Callable[[Operation, Callable[..., Any], tuple[Any, ...], dict[str, Any]], Any]
"""Takes an operation, what calls it, and with which arguments."""


@contextmanager
def operations_noted(around: CallsOperation) -> Iterator[None]:
    """Each layer and operation that this thread calls meanwhile goes by way of ``around``, which gives its result."""
    call: Any = keras.Operation.__call__
    noting_thread = threading.get_ident()

    @functools.wraps(call)
    def noting(operation: Operation, *args: Any, **kwargs: Any) -> Any:
        if threading.get_ident() != noting_thread:
            return call(operation, *args, **kwargs)
        return around(operation, functools.partial(call, operation), args, kwargs)

    with replaced(keras.Operation, "__call__", noting):
        yield


@contextmanager
def seeds_replaced(seed_at: Callable[[int], int]) -> Iterator[None]:
    """Whatever this thread draws from Keras meanwhile has other seeds than it names: the first draw that of 0."""
    random: Any = importlib.import_module("keras.src.backend.tensorflow.random")
    draw_seed, drawing, places = random.draw_seed, threading.get_ident(), itertools.count()

    def another(seed: object) -> object:
        return draw_seed(seed_at(next(places)) if threading.get_ident() == drawing else seed)

    with replaced(random, "draw_seed", another):
        yield


@contextmanager
def replaced(owner: object, name: str, value: object) -> Iterator[None]:
    """An attribute is another one meanwhile, and then as it was: gone, where only its owner's class has it."""
    own = vars(owner)
    kept = name in own
    before = own.get(name)
    setattr(owner, name, value)
    try:
        yield
    finally:
        setattr(owner, name, before) if kept else delattr(owner, name)


@contextmanager
def operations_replaced(name: str, make: Callable[[Callable[..., Any]], Callable[..., Any]]) -> Iterator[None]:
    """One of the operations by which Keras's layers compute, such as ``conv``, is another one meanwhile."""
    operations: Any = importlib.import_module("keras.src.backend.tensorflow.nn")
    with replaced(operations, name, make(getattr(operations, name))):
        yield


def masked_as(tensor: Any, other: Any) -> Any:
    """Another tensor, with the mask that Keras keeps on a tensor, if any."""
    if (mask := getattr(tensor, "_keras_mask", None)) is not None:
        other._keras_mask = mask
    return other
