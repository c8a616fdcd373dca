"""How a signal went through a model as it ran: which operation took what from which, down to inside of its layers.

Each operation is noted as it runs, so that layers and models that are only code tell as much as graphs do. What is done
to each number by itself is one node's; whatever else is done makes another node.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from initterm.engine.keras_types import Operation
from initterm.engine.models import operation_kinds as kinds
from initterm.engine.models.tensorflow_privates import NO_TENSOR, identity_of
from initterm.theory.arrays import Array

NodeKind = Literal[
    "input", "weighted", "recurrent", "bias", "scaled", "shift", "sum", "product", "gate", "normalized", "softmax",
    "reduced", "drop", "function", "shape", "joined", "other",
]  # fmt: skip

SAMPLED = 128
"""How many numbers of a tensor are kept, to know by them what was done to each."""

WEIGHTED: tuple[NodeKind, ...] = ("weighted", "recurrent")


@dataclass(frozen=True)
class Aside:
    """A tensor in which no signal flows: numbers, chance, weights by their places, ids, masks.

    ``altered`` says that weights aren't those that the variables hold, ``of_data`` that it comes from the inputs.
    """

    weights: frozenset[int] = frozenset()
    altered: bool = False
    noise: bool = False
    of_data: bool = False


NUMBERS = Aside()


@dataclass(frozen=True, eq=False)
class Flow:
    """A tensor in which the signal flows: the node that made it, and at which step it was made, -1 for inputs.

    ``bent`` are the operations between that aren't linear, ``sample`` some of its numbers, ``is_spread`` says that it
    is a norm or a standard deviation of the signal, or the inverse of one.
    """

    node: FlowNode
    step: int
    bent: frozenset[str] = frozenset()
    sample: Array | None = None
    is_spread: bool = False


@dataclass(eq=False)
class FlowNode:
    """What was done to the signal, where it was more than a function of each number; ``sources`` are what it took.

    ``number`` counts nodes, ``operation`` is the innermost layer that did it, ``weights`` those that took part,
    ``ancestors`` has a bit for each node that it comes from, and its own; ``std`` is that of a sum of signals.
    """

    number: int
    kind: NodeKind
    sources: tuple[Flow, ...]
    shape: tuple[int, ...]
    operation: Operation | None
    aside: Aside
    sample: Array | None
    std: float | None = None
    uses: list[tuple[Flow, FlowNode]] = field(default_factory=list)
    ends: list[Flow] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.ancestors = 1 << self.number
        for flow in self.sources:
            self.ancestors |= flow.node.ancestors


class Dataflow:
    """All nodes of a run in the order in which they ran, and the node in which each weight was used first.

    ``handles`` tells the places of weights by the tensors through which they are read, ``place_of`` by their numbers.
    ``ids_flow`` says that whole numbers are the signal, of a model that takes nothing else and looks nothing up.
    """

    def __init__(
        self, handles: Mapping[int, int], place_of: Callable[[Any], int | None], *, ids_flow: bool = False
    ) -> None:
        self._place_of = place_of
        self._known: dict[int, Flow | Aside] = {key: Aside(frozenset({place})) for key, place in handles.items()}
        self._ids_flow = ids_flow
        self.steps = 0
        self.edges: list[tuple[int, int]] = []
        self.nodes: list[FlowNode] = []
        self.users: dict[int, FlowNode] = {}
        self.ends: list[Flow] = []

    def begin(self, tensors: Iterable[Any]) -> None:
        """What the model takes."""
        for tensor in tensors:
            flows = tensor.dtype.is_floating or (self._ids_flow and tensor.dtype.is_integer)
            self._know(tensor, self._input(tensor, -1) if flows else Aside(of_data=True))

    def end(self, tensors: Iterable[object]) -> None:
        """What the model puts out."""
        for tensor in tensors:
            flow = self.flow(tensor)
            if flow is not None:
                self.ends.append(flow)
                flow.node.ends.append(flow)

    def flow(self, tensor: object) -> Flow | None:
        """What is known of a tensor in which the signal flows; None of any other."""
        known = self._known.get(identity_of(tensor))
        return known if isinstance(known, Flow) else None

    def note(
        self,
        kind: str,
        inputs: Sequence[Any],
        outputs: Sequence[Any],
        operation: Operation | None = None,
        whole: NodeKind | None = None,
    ) -> None:
        """An operation ran, or a layer that is taken as one, of the kind ``whole``."""
        known = [self._known_of(tensor) for tensor in inputs]
        flows = tuple(one for one in known if isinstance(one, Flow))
        aside = _together([one for one in known if isinstance(one, Aside)])
        if not outputs or kind in kinds.METADATA:
            return
        if not flows and not self._begins(kind, aside, outputs[0]):
            self._note_aside(kind, aside, outputs)
            return
        node = self._same_node(kind, flows, aside, outputs[0]) if whole is None else None
        for output in outputs:
            if not _flows(output) or kind in kinds.CHOICES:
                self._know(output, Aside(of_data=True))
            elif node is not None:
                self._know(output, self._bent(kind, flows, node, output))
            else:
                made = whole or _kind_of(kind, flows, aside, tuple(output.shape))
                self._know(output, self._made(self._new(made, flows, output, operation, aside)))
        self.edges += [(flow.step, self.steps) for flow in flows] or [(-1, self.steps)]
        self.steps += 1

    def _bent(self, kind: str, flows: tuple[Flow, ...], node: FlowNode, output: Any) -> Flow:
        """What a function of each number makes of a node's numbers."""
        bent = _bent(kind, flows).union(*(flow.bent for flow in flows))
        spread = any(flow.is_spread for flow in flows) or (kind in kinds.INVERSES and _is_reduced(node))
        return Flow(node, self.steps, bent, _sample(output), spread)

    def _made(self, node: FlowNode) -> Flow:
        """What a new node puts out."""
        spread = node.kind in ("reduced", "scaled", "shape", "bias") and any(flow.is_spread for flow in node.sources)
        return Flow(node, self.steps, sample=node.sample, is_spread=spread)

    def _known_of(self, tensor: Any) -> Flow | Aside:
        """What is known of a tensor; one that no operation made may hold a variable's numbers."""
        identity = identity_of(tensor)
        if identity not in self._known and identity != NO_TENSOR:
            place = self._place_of(tensor)
            self._known[identity] = NUMBERS if place is None else Aside(frozenset({place}))
        return self._known.get(identity, NUMBERS)

    def _know(self, tensor: object, known: Flow | Aside) -> None:
        identity = identity_of(tensor)
        if identity != NO_TENSOR:
            self._known[identity] = known

    def _begins(self, kind: str, aside: Aside, output: Any) -> bool:
        """Whether a signal begins here: rows that the inputs look up."""
        return kind in kinds.LOOKUPS and bool(aside.weights) and aside.of_data and bool(output.dtype.is_floating)

    def _note_aside(self, kind: str, aside: Aside, outputs: Sequence[Any]) -> None:
        altered = aside.altered or (bool(aside.weights) and kind not in kinds.UNALTERED)
        known = Aside(aside.weights, altered, aside.noise or kinds.is_random(kind), aside.of_data)
        for output in outputs:
            self._know(output, known)

    def _same_node(self, kind: str, flows: tuple[Flow, ...], aside: Aside, output: Any) -> FlowNode | None:
        """The node whose numbers are only bent here, each by itself; None where more is done."""
        nodes = {id(flow.node): flow.node for flow in flows}
        if len(nodes) != 1 or kind not in kinds.POINTWISE or aside.weights or aside.noise:
            return None
        (node,) = nodes.values()
        return node if tuple(output.shape) == node.shape else None

    def _input(self, tensor: Any, step: int) -> Flow:
        node = self._new("input", (), tensor, None, NUMBERS)
        return Flow(node, step, sample=node.sample)

    def _new(
        self, kind: NodeKind, flows: tuple[Flow, ...], output: Any, operation: Operation | None, aside: Aside
    ) -> FlowNode:
        shape, std = tuple(output.shape), _std(output) if kind == "sum" else None
        node = FlowNode(len(self.nodes), kind, flows, shape, operation, aside, _sample(output), std)
        self.nodes.append(node)
        for flow in flows:
            flow.node.uses.append((flow, node))
        for place in aside.weights:
            self.users.setdefault(place, node)
        return node


def _together(asides: Sequence[Aside]) -> Aside:
    if not asides:
        return NUMBERS
    return Aside(
        frozenset[int]().union(*(one.weights for one in asides)),
        any(one.altered for one in asides),
        any(one.noise for one in asides),
        any(one.of_data for one in asides),
    )


def _bent(kind: str, flows: Sequence[Flow]) -> frozenset[str]:
    """The operation, where it isn't linear in its signal."""
    linear = kind in kinds.LINEAR or kind in kinds.ADDITIONS or (kind in kinds.PRODUCTS and len(flows) == 1)
    return frozenset() if linear and kind != "SquaredDifference" else frozenset({kind})


def _flows(tensor: Any) -> bool:
    """Whether a signal can flow in a tensor: numbers, and neither masks nor texts."""
    return bool(tensor.dtype.is_floating or tensor.dtype.is_integer or tensor.dtype.is_complex)


def _kind_of(kind: str, flows: Sequence[Flow], aside: Aside, shape: tuple[int, ...]) -> NodeKind:
    """What an operation does to its signals that isn't done to each number by itself."""
    several = len({id(flow.node) for flow in flows}) > 1
    if kind in kinds.SUMS:
        return "weighted" if aside.weights else "product"
    if aside.weights and (kind in kinds.FUNCTIONS or (kind in kinds.LOOKUPS and not flows)):
        return "weighted"
    if kind in kinds.REDUCTIONS:
        return "reduced"
    if kind in kinds.NORMALIZATIONS:
        return "normalized"
    if kind in kinds.SOFTMAX:
        return "softmax"
    if several:
        return _kind_of_several(kind, flows, shape)
    if aside.noise:
        return "drop"
    if aside.weights:
        return "scaled" if kind in kinds.PRODUCTS else "bias" if kind in kinds.ADDITIONS else "other"
    return "shape" if kind in kinds.SHAPING or kind in kinds.POINTWISE else "other"


def _kind_of_several(kind: str, flows: Sequence[Flow], shape: tuple[int, ...]) -> NodeKind:
    if kind in kinds.ADDITIONS:
        means = any(_is_reduced(flow.node) and flow.node.shape != shape for flow in flows)
        return "shift" if means else "sum"
    if kind in kinds.PRODUCTS:
        spread = [flow.is_spread for flow in flows]
        return "normalized" if any(spread) and not all(spread) else "gate"
    return "joined" if kind in kinds.SHAPING else "other"


def _is_reduced(node: FlowNode) -> bool:
    """Whether a node is a mean or the like over some of a signal's dimensions, whatever its shape is by now."""
    while node.kind == "shape" and len(node.sources) == 1:
        node = node.sources[0].node
    return node.kind == "reduced"


def _sample(tensor: Any) -> Array | None:
    """Some of a tensor's numbers, always from the same places of one shape, and of other channels each."""
    if not tensor.dtype.is_floating or not tensor.shape.num_elements():
        return None
    numbers = np.asarray(tensor).reshape(-1)
    return numbers[np.linspace(0, numbers.size - 1, min(SAMPLED, numbers.size)).astype(np.int64)].astype(np.float64)


def _std(tensor: Any) -> float | None:
    if not tensor.dtype.is_floating or not tensor.shape.num_elements():
        return None
    with np.errstate(invalid="ignore", over="ignore"):
        return float(np.asarray(tensor).astype(np.float32, copy=False).std(dtype=np.float32))
