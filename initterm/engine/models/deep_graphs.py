"""A model's graph with the graphs of what stands in it: nested models, layers of a person's own, and code."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from initterm.engine import memory
from initterm.engine.keras_types import Model, Operation
from initterm.engine.models.graph import Graph
from initterm.engine.models.keras_privates import arguments_of, functional_of, layers_within
from initterm.engine.models.opened import OpenedModel
from initterm.engine.models.tensors import Tensor
from initterm.engine.runtime import keras


@dataclass(frozen=True, eq=False)
class DeepGraphs:
    """``top`` is the whole model's graph, None where its code can't be followed; ``inside`` those of operations, by id.

    ``unjudged`` are the ids of outputs of a compiled model that no loss judges, such as features put out to be seen.

    Code is followed by calling it on what stands for a batch; where it asks for numbers it can't be.
    """

    top: Graph | None
    inside: Mapping[int, Graph]
    tensors: tuple[Tensor, ...]
    unjudged: frozenset[int] = frozenset()
    _within: dict[int, list[Tensor]] = field(default_factory=dict)

    @classmethod
    def of(cls, opened: OpenedModel) -> DeepGraphs:
        """All graphs of a model."""
        top = opened.graph or _followed_model(opened)
        inside: dict[int, Graph] = {}
        waiting = [top] if top else []
        while waiting:
            for node in waiting.pop().nodes:
                operation = node.operation
                if id(operation) in inside or not isinstance(operation, keras.layers.Layer):
                    continue
                graph = Graph.of(operation)
                if graph is None and _is_own(operation):
                    graph = _followed(operation, *arguments_of(node))
                if graph is not None:
                    inside[id(operation)] = graph
                    waiting.append(graph)
        return cls(top, inside, opened.tensors, frozenset(_unjudged(opened.model)))

    @property
    def all(self) -> tuple[Graph, ...]:
        """The graphs, the whole one first."""
        return (*([self.top] if self.top else []), *self.inside.values())

    def within(self, operation: Operation) -> list[Tensor]:
        """The tensors of an operation and of the layers in it, in their order; none of what is no layer."""
        if not isinstance(operation, keras.layers.Layer):
            return []
        if id(operation) not in self._within:
            owners = {id(layer) for layer in layers_within(operation)}
            self._within[id(operation)] = [tensor for tensor in self.tensors if id(tensor.owner) in owners]
        return self._within[id(operation)]


def _unjudged(model: Model) -> Iterator[int]:
    """The ids of outputs of a model that is a graph, to which the loss that it is compiled with gives nothing."""
    graph: Any = functional_of(model)
    loss = getattr(model, "loss", None)
    if graph is None or not isinstance(loss, list | tuple | Mapping):
        return
    names = graph.output_names
    judges = [loss.get(name) for name in names] if isinstance(loss, Mapping) else loss
    yield from (id(output) for output, judge in zip(graph.outputs, judges, strict=False) if judge is None)


def _is_own(layer: Operation) -> bool:
    """Whether a layer is made of layers by code that isn't Keras's."""
    inside: Any = layer
    call = next(kind for kind in type(layer).__mro__ if "call" in vars(kind))
    return not call.__module__.startswith("keras.") and len(layers_within(inside)) > 1


def _followed_model(opened: OpenedModel) -> Graph | None:
    """The graph of a model that is code; None where it doesn't tell its input."""
    if len(opened.inputs) != 1:
        return None
    (slot,) = opened.inputs
    return _followed(opened.model, (keras.Input(batch_shape=slot.shape, dtype=slot.dtype),), {})


SOME = 2
"""The examples of a batch for code that asks how many there are."""


def _followed(layer: Operation, args: tuple[object, ...], kwargs: dict[str, object]) -> Graph | None:
    """The graph of a layer's code, called as it is in its model; None where it can't be followed."""
    return _followed_with(layer, args, kwargs, None) or _followed_with(layer, args, kwargs, SOME)


def _followed_with(
    layer: Operation, args: tuple[object, ...], kwargs: dict[str, object], batch: int | None
) -> Graph | None:
    """The same with so many examples where their number is open; None leaves it open."""
    inputs: list[object] = []

    def fresh(one: object) -> object:
        if isinstance(one, keras.KerasTensor):
            sizes = (batch if one.shape[:1] == (None,) else one.shape[0], *one.shape[1:]) if one.shape else ()
            inputs.append(keras.Input(batch_shape=sizes, dtype=one.dtype))
            return inputs[-1]
        return one

    try:
        args, kwargs = keras.tree.map_structure(fresh, (args, kwargs))
        given: Any = layer.call(*args, **kwargs)
        ends = [one for one in keras.tree.flatten(given) if isinstance(one, keras.KerasTensor)]
        return Graph.of(keras.Function(inputs, ends))
    except Exception as error:  # a person's own code may raise anything
        if memory.ran_out(error):
            raise
        return None
