"""Residual branches: what is added to a signal that has a shorter way."""

from __future__ import annotations

import math
from collections.abc import Iterator

from initterm.engine.keras_types import Node
from initterm.engine.models.deep_graphs import DeepGraphs
from initterm.engine.models.graph import NORMALIZATIONS, Graph
from initterm.engine.models.output_layers import last_tensors, multiplies
from initterm.engine.models.tensors import GATES, Tensor


def branch_ends(graphs: DeepGraphs) -> tuple[Tensor, ...]:
    """What makes a model's residual branches zero where it is zero: the last norm's scale, else the last kernel."""
    found = [tensor for graph in graphs.all for tensor in _ends_in(graphs, graph)]
    return tuple({id(tensor.variable): tensor for tensor in found}.values())


def _ends_in(graphs: DeepGraphs, graph: Graph) -> Iterator[Tensor]:
    ancestors = _ancestors(graph)
    for node in graph.nodes:
        if type(node.operation).__name__ == "Add":
            for branch, within in _branches(graphs, graph, node, ancestors):
                ends = list(last_tensors(graphs, graph, [branch], _scales_or_multiplies, within))
                yield from (end for end in ends if isinstance(end.owner, tuple(GATES)) or _is_last_of_owner(end, ends))


def _is_last_of_owner(tensor: Tensor, tensors: list[Tensor]) -> bool:
    """Whether a layer's signal meets it after its other tensors: with all of them zero they would never change."""
    return [one for one in tensors if one.owner is tensor.owner][-1] is tensor


def _scales_or_multiplies(tensor: Tensor) -> bool:
    scales = tensor.name == "gamma" or (tensor.role == "scale" and isinstance(tensor.owner, NORMALIZATIONS))
    return scales or multiplies(tensor)


def _branches(
    graphs: DeepGraphs, graph: Graph, node: Node, ancestors: dict[int, frozenset[int]]
) -> Iterator[tuple[Node, frozenset[int]]]:
    """The nodes that are added to a shorter way from the same source, and the nodes that only they come from."""
    parents = list({id(parent): parent for parent in node.parent_nodes}.values())
    common = frozenset.intersection(*(ancestors[id(parent)] for parent in parents)) if len(parents) > 1 else frozenset()
    if not common:
        return
    kernels = _fewest_kernels(graphs, graph, common)
    shortest = min(kernels[id(parent)] for parent in parents)
    for parent in parents:
        if shortest < kernels[id(parent)] < math.inf:
            yield parent, ancestors[id(parent)] - common


def _ancestors(graph: Graph) -> dict[int, frozenset[int]]:
    """By a node's id those of the nodes that it comes from, its own among them."""
    found: dict[int, frozenset[int]] = {}
    for node in graph.nodes:
        found[id(node)] = frozenset({id(node)}).union(*(found[id(parent)] for parent in node.parent_nodes))
    return found


def _fewest_kernels(graphs: DeepGraphs, graph: Graph, sources: frozenset[int]) -> dict[int, float]:
    """How many kernels the shortest way from the sources to each node has; infinite where there is no way."""
    found: dict[int, float] = {}
    for node in graph.nodes:
        before = min((found[id(parent)] for parent in node.parent_nodes), default=math.inf)
        kernels = sum(map(multiplies, graphs.within(node.operation)))
        found[id(node)] = 0 if id(node) in sources else before + kernels
    return found
