"""The tensors that a signal meets last on its way to a model's outputs, or to the end of a branch."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from initterm.engine.keras_types import Node
from initterm.engine.models.deep_graphs import DeepGraphs
from initterm.engine.models.graph import Graph
from initterm.engine.models.tensors import Tensor

Wanted = Callable[[Tensor], bool]

SUMMED = ("kernel", "depthwise", "recurrent", "other")
"""Roles of tensors that signals may be multiplied with."""


def multiplies(tensor: Tensor) -> bool:
    """Whether a signal is multiplied with the tensor, as far as its name, and its two or more dimensions, tell."""
    return tensor.role in SUMMED and len(tensor.dims) > 1


def output_tensors(graphs: DeepGraphs) -> tuple[Tensor, ...]:
    """The tensors of the layers that put out what a loss judges; of code that can't be followed, the last one's."""
    if graphs.top is None:
        return tuple(_of_last_owner([tensor for tensor in graphs.tensors if multiplies(tensor)]))
    judged = [node for node in _ends(graphs.top) if not all(id(one) in graphs.unjudged for one in node.outputs)]
    return tuple(last_tensors(graphs, graphs.top, judged or _ends(graphs.top), multiplies))


def last_tensors(
    graphs: DeepGraphs, graph: Graph, ends: list[Node], wanted: Wanted, within: frozenset[int] | None = None
) -> Iterator[Tensor]:
    """The wanted tensors that nothing wanted comes after, on all ways to the ends.

    Args:
        graphs: those of the model.
        graph: the one that is gone through.
        ends: its nodes to begin at.
        wanted: of which tensors the last ones are looked for.
        within: the ids of the nodes to stay in; None for all.
    """
    waiting, seen = list(ends), set[int]()
    while waiting:
        node = waiting.pop()
        if id(node) in seen or (within is not None and id(node) not in within):
            continue
        seen.add(id(node))
        found = list(_last_in(graphs, node, wanted))
        yield from found
        if not found:
            waiting.extend(node.parent_nodes)


def _ends(graph: Graph) -> list[Node]:
    outputs = {id(one) for one in graph.functional.outputs}
    return [node for node in graph.nodes if outputs & {id(one) for one in node.outputs}]


def _last_in(graphs: DeepGraphs, node: Node, wanted: Wanted) -> Iterator[Tensor]:
    """The last wanted tensors of a node's operation; none where it has none."""
    inner = graphs.inside.get(id(node.operation))
    if inner is not None:
        yield from last_tensors(graphs, inner, _ends(inner), wanted)
    else:
        yield from _of_last_owner([tensor for tensor in graphs.within(node.operation) if wanted(tensor)])


def _of_last_owner(tensors: list[Tensor]) -> Iterator[Tensor]:
    return (tensor for tensor in tensors if tensor.owner is tensors[-1].owner)
