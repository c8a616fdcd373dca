"""A model's run, recorded: how the signal went, and what stands around each of its tensors by that."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

from initterm.engine.keras_types import Model, Operation
from initterm.engine.models import graph
from initterm.engine.models.applied_functions import UNKNOWN, applied_to
from initterm.engine.models.dataflow import Dataflow, FlowNode, NodeKind
from initterm.engine.models.graph import DroppedUnits, Surroundings, activation_of, dropped_units
from initterm.engine.models.keras_privates import layers_within, replaced_attribute
from initterm.engine.models.streams import in_branches
from initterm.engine.models.tensorflow_privates import NO_TENSOR, handle_of, identity_of, operations_noted
from initterm.engine.models.tensors import Tensor
from initterm.engine.models.variables_read import VariablesRead
from initterm.engine.runtime import keras
from initterm.theory.activations import ACTIVATIONS

layers = keras.layers

WHOLE: tuple[tuple[tuple[type, ...], NodeKind], ...] = (
    (graph.NORMALIZATIONS, "normalized"),
    ((layers.Dropout, layers.AlphaDropout, layers.GaussianDropout, layers.GaussianNoise), "drop"),
    ((layers.PReLU,), "function"),
    ((layers.RNN,), "recurrent"),
)
"""Layers that are one node, whatever operations they are made of."""

TRANSPARENT: tuple[NodeKind, ...] = (
    "bias", "scaled", "shift", "shape", "reduced", "normalized", "drop", "function", "softmax",
)  # fmt: skip
"""What a signal passes before the next weights, another signal, or the end."""

SEPARABLE = (layers.SeparableConv1D, layers.SeparableConv2D)

OWN_FUNCTIONS: dict[str, str] = {"function": "prelu", "softmax": "softmax"}
"""What nodes of a kind apply themselves."""


class Recorder:
    """Notes operations into a dataflow, with the innermost layer that runs them."""

    def __init__(self, dataflow: Dataflow) -> None:
        self.dataflow = dataflow
        self._running: list[Operation] = []
        self._wholes = 0

    def note(self, kind: str, inputs: Sequence[Any], outputs: Sequence[Any]) -> None:
        """An operation ran."""
        if not self._wholes:
            self.dataflow.note(kind, inputs, outputs, self._running[-1] if self._running else None)

    def listening(self, operation: Operation) -> Callable[..., object]:
        """A layer's call that tells when it runs."""
        call, whole = operation.call, _whole(operation)

        @functools.wraps(call)
        def noted(*args: object, **kwargs: object) -> object:
            with self._inside(operation, whole):
                output = call(*args, **kwargs)
            if whole and not self._wholes:
                handles = map(handle_of, getattr(operation, "variables", ()))
                taken = [*_tensors((args, kwargs)), *handles]
                self.dataflow.note(type(operation).__name__, taken, _tensors(output), operation, whole)
            return output

        return noted

    @contextmanager
    def _inside(self, operation: Operation, whole: NodeKind | None) -> Iterator[None]:
        self._running.append(operation)
        self._wholes += whole is not None
        try:
            yield
        finally:
            self._running.pop()
            self._wholes -= whole is not None


def _whole(operation: Operation) -> NodeKind | None:
    return next((kind for types, kind in WHOLE if isinstance(operation, types)), None)


def _tensors(structure: object) -> list[Any]:
    return [one for one in keras.tree.flatten(structure) if identity_of(one) != NO_TENSOR]


@contextmanager
def run_recorded(model: Model, tensors: Sequence[Tensor], operations: Sequence[Operation]) -> Iterator[Dataflow]:
    """How the signal goes through a model that is called meanwhile, after ``begin`` was told what it takes.

    Args:
        model: it and every layer in it are listened to, and let go again.
        tensors: those whose places in the flow are looked for, by their order.
        operations: more that is listened to, such as functions that stand in a graph.
    """
    handles = {identity_of(handle_of(tensor.variable)): place for place, tensor in enumerate(tensors)}
    looks_up = any(tensor.role == "embedding" for tensor in tensors)
    recorder = Recorder(Dataflow(handles, VariablesRead(tensors).place_of, ids_flow=not looks_up))
    heard = {id(one): one for one in (*layers_within(model), *operations) if not isinstance(one, keras.Model)}
    with ExitStack() as listening:
        for operation in heard.values():
            listening.enter_context(replaced_attribute(operation, "call", recorder.listening(operation)))
        listening.enter_context(operations_noted(recorder.note))
        yield recorder.dataflow


def surroundings_in(dataflow: Dataflow, tensors: Sequence[Tensor]) -> tuple[Surroundings | None, ...]:
    """What the run tells of each tensor's surroundings; None of a cell's, and of what no signal met."""
    branches = in_branches(dataflow)
    tables = frozenset(place for place, tensor in enumerate(tensors) if tensor.role == "embedding")
    found = []
    for place, tensor in enumerate(tensors):
        node = dataflow.users.get(place)
        tells = node is not None and node.kind != "recurrent"
        found.append(_around(node, tensor, branches, tables) if node is not None and tells else None)
    return tuple(found)


def _around(node: FlowNode, tensor: Tensor, branches: int, tables: frozenset[int]) -> Surroundings:
    met = list(_met(node))
    last = met[-1] if met else node
    following = {child.kind for _, child in last.uses}
    own = activation_of(tensor.owner)
    name = own if own in ACTIVATIONS else next(filter(None, map(_function_of, (node, *met))), "")
    dropped = (dropped_units(one.operation) for one in met if one.kind == "drop")
    return Surroundings(
        activation="" if name == UNKNOWN else name,
        normalized=any(one.kind == "normalized" for one in (*met, *_before(node))),
        dropouts=tuple(one for one in dropped if isinstance(one, DroppedUnits)),
        is_output=bool(last.ends),
        is_gate="gate" in following,
        is_branch="sum" in following or (tensor.role == "embedding" and _adds_to(met, tables)),
        in_branch=bool(branches >> node.number & 1),
        is_known=name != UNKNOWN,
        is_foreign=name == UNKNOWN,
        is_transformed=node.aside.altered,
    )


def _adds_to(met: Sequence[FlowNode], tables: frozenset[int]) -> bool:
    """Whether rows of a table are added, as those of places are to words: no signal flows in them."""
    return any(node.kind == "bias" and node.aside.weights & tables for node in met)


def _function_of(node: FlowNode) -> str:
    return OWN_FUNCTIONS.get(node.kind) or applied_to(node)


def _met(node: FlowNode) -> Iterator[FlowNode]:
    """What the signal passes ahead: through what is transparent, by a function rather than around it."""
    while True:
        ahead = [(flow, child) for flow, child in node.uses if child.kind in TRANSPARENT or _ends(node, child)]
        if any(child.kind == "normalized" for _, child in ahead):
            ahead = [(flow, child) for flow, child in ahead if child.kind != "reduced"]
        ahead.sort(key=lambda use: (use[1].kind != "normalized", not use[0].bent))
        if not ahead:
            return
        node = ahead[0][1]
        yield node


def _ends(node: FlowNode, child: FlowNode) -> bool:
    """Whether a layer that is made of two goes on by its second weights, as a separable convolution does."""
    return child.kind == "weighted" and child.operation is node.operation and isinstance(node.operation, SEPARABLE)


def _before(node: FlowNode) -> Iterator[FlowNode]:
    """What the signal passed right before."""
    while node.sources:
        node = node.sources[0].node
        if node.kind not in TRANSPARENT:
            return
        yield node
