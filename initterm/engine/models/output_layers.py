"""The tensors that make a model's outputs: those that nothing with weights of its own comes after."""

from __future__ import annotations

from collections.abc import Iterator

from initterm.engine.keras_types import Node, Operation, SymbolicTensor
from initterm.engine.models.graph import Graph
from initterm.engine.models.keras_privates import layers_within
from initterm.engine.models.opened import OpenedModel
from initterm.engine.models.tensors import Tensor
from initterm.engine.runtime import keras

SUMMED = ("kernel", "depthwise", "recurrent", "other")
"""Roles of tensors that signals may be multiplied with."""


def multiplies(tensor: Tensor) -> bool:
    """Whether a signal is multiplied with the tensor, as far as its name, or its two or more dimensions, tell."""
    return tensor.role in SUMMED and len(tensor.dims) > 1


def output_tensors(opened: OpenedModel) -> tuple[Tensor, ...]:
    """The tensors of the layers that put a model's outputs out; the last one of a model that is code."""
    found = [tensor for tensor in opened.tensors if multiplies(tensor)]
    if opened.graph is None:
        return tuple(found[-1:])
    owners = {id(layer) for end in opened.graph.functional.outputs for layer in _makers(opened.graph, end, found)}
    return tuple(tensor for tensor in found if id(tensor.owner) in owners)


def _makers(graph: Graph, end: SymbolicTensor, found: list[Tensor]) -> Iterator[object]:
    """The last layers with weights on the ways to a tensor of a graph."""
    waiting = [node for node in graph.nodes if any(one is end for one in node.outputs)]
    seen: set[int] = set()
    while waiting:
        node = waiting.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        last = list(_last_in(node, found))
        yield from last
        if not last:
            waiting.extend(node.parent_nodes)


def _last_in(node: Node, found: list[Tensor]) -> Iterator[object]:
    """The last layers with weights in what a node does; none where it has no weights."""
    operation: Operation = node.operation
    inner = Graph.of(operation) if isinstance(operation, keras.Model) else None  # type: ignore[arg-type]
    if inner is not None:
        for end in inner.functional.outputs:
            yield from _makers(inner, end, found)
    elif isinstance(operation, keras.layers.Layer):
        within = {id(layer) for layer in layers_within(operation)}  # type: ignore[arg-type]
        owners = [tensor.owner for tensor in found if id(tensor.owner) in within]
        yield from owners[-1:]
