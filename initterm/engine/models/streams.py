"""The trunk of the way that a signal took, its residual streams and their branches."""

from __future__ import annotations

import functools
from collections.abc import Iterator

import numpy as np

from initterm.engine.models.dataflow import WEIGHTED, Dataflow, Flow, FlowNode, NodeKind

CARRYING: tuple[NodeKind, ...] = ("shape", "drop")
"""What a residual stream passes on its shorter way, beside functions of each number."""


def passed_by_all(dataflow: Dataflow) -> Iterator[int]:
    """The steps that every way of the signal passes, from any of the inputs to any of the outputs.

    Steps are numbered in the order in which they ran, so that such a step is one that no edge jumps over.
    """
    wanted = {flow.step for flow in dataflow.ends}
    edges = [(flow.step, dataflow.steps) for flow in dataflow.ends]
    for before, after in sorted(dataflow.edges, key=lambda edge: -edge[1]):
        if after in wanted:
            wanted.add(before)
            edges.append((before, after))
    jumping = np.zeros(dataflow.steps + 2, np.int64)
    for before, after in edges:
        jumping[before + 1] += 1
        jumping[after] -= 1
    free = np.cumsum(jumping)[: dataflow.steps] == 0
    return (int(step) for step in np.flatnonzero(free) if int(step) in wanted)


def in_branches(dataflow: Dataflow) -> int:
    """A bit for each node that only a residual branch has: what is added to a way with fewer weights."""
    weighted, found = _weighted(dataflow), 0
    for node in dataflow.nodes:
        ways = ways_to(node)
        counts = [(way & weighted).bit_count() for way in ways]
        for way, count in zip(ways, counts, strict=True):
            found |= way if count > min(counts) else 0
    return found


def ways_to(node: FlowNode) -> list[int]:
    """Of a sum of signals from one source: bits for the nodes that each of them has for itself."""
    if node.kind != "sum":
        return []
    ancestors = [flow.node.ancestors for flow in node.sources]
    common = functools.reduce(int.__and__, ancestors)
    return [one & ~common for one in ancestors] if common else []


def longest_stream(dataflow: Dataflow) -> list[FlowNode]:
    """The longest chain of sums, each of which adds a branch with weights to the sum before; empty where none is.

    What is normalized, gated or joined in between begins anew.
    """
    weighted = _weighted(dataflow)
    before: dict[int, FlowNode | None] = {}
    length: dict[int, int] = {}
    last: FlowNode | None = None
    for node in dataflow.nodes:
        if _has_branch(node, weighted):
            candidates = [one for one in map(_sum_behind, node.sources) if one is not None and one.number in length]
            previous = max(candidates, key=lambda one: length[one.number], default=None)
            before[node.number] = previous
            length[node.number] = 1 + (length[previous.number] if previous else 0)
            last = node if last is None or length[node.number] >= length[last.number] else last
    return list(_back_from(last, before))[::-1]


def _back_from(node: FlowNode | None, before: dict[int, FlowNode | None]) -> Iterator[FlowNode]:
    while node is not None:
        yield node
        node = before[node.number]


def _has_branch(node: FlowNode, weighted: int) -> bool:
    """Whether a sum adds a way with weights to one without."""
    counts = [(way & weighted).bit_count() for way in ways_to(node)]
    return bool(counts) and min(counts) == 0 < max(counts)


def _sum_behind(flow: Flow) -> FlowNode | None:
    """The sum of signals that a flow carries on as it is."""
    node = flow.node
    while node.kind in CARRYING and len(node.sources) == 1:
        node = node.sources[0].node
    return node if node.kind == "sum" else None


def _weighted(dataflow: Dataflow) -> int:
    return sum(1 << node.number for node in dataflow.nodes if node.kind in WEIGHTED)


def after_the_last_weights(dataflow: Dataflow) -> int:
    """A bit for each node after which no weights come: what the output layers make, and what becomes of it."""
    found = 0
    for node in reversed(dataflow.nodes):
        ahead = [child for _, child in node.uses]
        if all(child.kind not in WEIGHTED and found >> child.number & 1 for child in ahead):
            found |= 1 << node.number
    return found
