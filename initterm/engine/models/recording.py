"""What passes through a model while it runs: each layer's output, in the order in which it comes."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

from initterm.engine.keras_types import Model, Operation
from initterm.engine.models.graph import Graph
from initterm.engine.runtime import keras, tf


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
