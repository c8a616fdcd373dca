"""What comes before and after each layer of a functional model: activations, normalization, dropout, sums."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from initterm.engine.models.tensors import PLACES
from initterm.engine.runtime import keras
from initterm.theory.activations import ACTIVATIONS

layers = keras.layers

NORMALIZATIONS = (
    layers.BatchNormalization,
    layers.LayerNormalization,
    layers.GroupNormalization,
    layers.RMSNormalization,
    layers.UnitNormalization,
)

TRANSPARENT = (
    *NORMALIZATIONS,
    layers.Dropout,
    layers.AlphaDropout,
    layers.SpatialDropout1D,
    layers.SpatialDropout2D,
    layers.SpatialDropout3D,
    layers.GaussianDropout,
    layers.GaussianNoise,
    layers.ActivityRegularization,
    layers.Flatten,
    layers.Reshape,
    layers.Permute,
    layers.RepeatVector,
    layers.Identity,
    layers.Masking,
    layers.ZeroPadding1D,
    layers.ZeroPadding2D,
    layers.ZeroPadding3D,
    layers.Cropping1D,
    layers.Cropping2D,
    layers.Cropping3D,
    layers.UpSampling1D,
    layers.UpSampling2D,
    layers.UpSampling3D,
    layers.MaxPooling1D,
    layers.MaxPooling2D,
    layers.MaxPooling3D,
    layers.AveragePooling1D,
    layers.AveragePooling2D,
    layers.AveragePooling3D,
    layers.GlobalAveragePooling1D,
    layers.GlobalAveragePooling2D,
    layers.GlobalAveragePooling3D,
    layers.GlobalMaxPooling1D,
    layers.GlobalMaxPooling2D,
    layers.GlobalMaxPooling3D,
)
"""Layers through which a layer's activation is looked for."""

ACTIVATION_LAYERS: dict[Any, Callable[[Any], str]] = {
    layers.ReLU: lambda layer: "relu6" if layer.max_value == 6 else "leaky_relu" if layer.negative_slope else "relu",
    layers.LeakyReLU: lambda _: "leaky_relu",
    layers.PReLU: lambda _: "prelu",
    layers.ELU: lambda _: "elu",
    layers.Softmax: lambda _: "softmax",
}

ALIASES = {"swish": "silu", "hard_swish": "hard_silu"}


def activation_of(operation: Any) -> str:
    """The catalogue's name of the activation that a layer or operation applies; empty where there is none."""
    for kind, named in ACTIVATION_LAYERS.items():
        if isinstance(operation, kind):
            return named(operation)
    if "activation" in vars(operation) and operation.activation is not None:
        return _function_name(operation.activation)
    name = type(operation).__name__.lower()
    return name if name in ACTIVATIONS and not isinstance(operation, keras.layers.Layer) else ""


def _function_name(function: Any) -> str:
    if isinstance(function, tuple(ACTIVATION_LAYERS)):
        return activation_of(function)
    name = getattr(function, "__name__", type(function).__name__)
    name = ALIASES.get(name, name)
    return "" if name == "linear" else name


@dataclass(frozen=True)
class Surroundings:
    """What a layer's output meets before the next layer with weights, a sum, or the model's end.

    ``activation`` is the first one, its own included; ``normalized`` says that a normalization stands right before the
    layer or after it; ``dropouts`` are layers that drop units; ``is_output`` says that the model ends here,
    ``is_gate`` that the output is multiplied with another signal, ``is_branch`` that it is added to one.
    """

    activation: str = ""
    normalized: bool = False
    dropouts: tuple[Any, ...] = ()
    is_output: bool = False
    is_gate: bool = False
    is_branch: bool = False


@dataclass(frozen=True, eq=False)
class Graph:
    """The nodes of a functional model, in the order in which they run, and which come after which."""

    nodes: tuple[Any, ...]
    _after: dict[int, list[Any]] = field(default_factory=dict)
    _by_layer: dict[int, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, model: Any) -> Graph | None:
        """The graph of a functional or sequential model; None of a model that is only code."""
        functional = functional_of(model)
        if functional is None:
            return None
        depths = functional._nodes_by_depth
        graph = cls(tuple(node for depth in sorted(depths, reverse=True) for node in depths[depth]))
        for node in graph.nodes:
            for layer in _wrapped(node.operation):
                graph._by_layer.setdefault(id(layer), node)
            for parent in node.parent_nodes:
                graph._after.setdefault(id(parent), []).append(node)
        return graph

    def after(self, node: Any) -> list[Any]:
        """The nodes that take this node's output."""
        return self._after.get(id(node), [])

    def bypassed(self) -> frozenset[int]:
        """The ids of operations that a signal from the same input can get around, such as those in a residual branch.

        A node that every path passes is jumped over by no edge, in whatever order the nodes can run.
        """
        places = {id(node): place for place, node in enumerate(self.nodes)}
        inputs: dict[int, frozenset[int]] = {}
        edges: list[tuple[int, int, frozenset[int]]] = []
        for node in self.nodes:
            parents = [id(parent) for parent in node.parent_nodes]
            inputs[id(node)] = frozenset().union(*(inputs[parent] for parent in parents)) or frozenset({id(node)})
            edges += [(places[parent], places[id(node)], inputs[parent]) for parent in parents]
        return frozenset(
            id(node.operation)
            for place, node in enumerate(self.nodes)
            if any(before < place < after and known & inputs[id(node)] for before, after, known in edges)
        )

    def around(self, layer: Any) -> Surroundings | None:
        """The surroundings of a layer where it is first used; None where it isn't in the graph."""
        node = self._by_layer.get(id(layer))
        if node is None:
            return None
        met = list(self._met(node))
        following = [type(one.operation).__name__ for one in self.after(met[-1] if met else node)]
        ahead = [one.operation for one in met]
        names = (activation_of(layer), *map(activation_of, ahead))
        return Surroundings(
            activation=next(filter(None, names), ""),
            normalized=any(isinstance(one, NORMALIZATIONS) for one in (*ahead, *self._before(node))),
            dropouts=tuple(one for one in ahead if isinstance(one, layers.Dropout)),
            is_output=not following,
            is_gate="Multiply" in following,
            is_branch="Add" in following,
        )

    def _met(self, node: Any) -> Iterator[Any]:
        """The nodes ahead along the first way, through transparent layers and activations."""
        while following := self.after(node):
            node = next((one for one in following if _passes(one.operation)), following[0])
            if not _passes(node.operation):
                return
            yield node

    def _before(self, node: Any) -> Iterator[Any]:
        """The transparent layers right before."""
        while node.parent_nodes:
            node = node.parent_nodes[0]
            if not isinstance(node.operation, TRANSPARENT):
                return
            yield node.operation


def _wrapped(operation: Any) -> Iterator[Any]:
    """A layer, and the one that it wraps, such as a ``TimeDistributed`` does."""
    yield operation
    if isinstance(operation, layers.Wrapper):
        yield from _wrapped(operation.layer)


def _passes(operation: Any) -> bool:
    if isinstance(operation, TRANSPARENT):
        return True
    return bool(activation_of(operation)) and not isinstance(operation, (*PLACES, keras.layers.RNN))


def surroundings_of(layer: Any, graphs: Iterable[Graph]) -> Surroundings:
    """What stands around a layer in the graph that uses it; of a layer inside of another its own activation alone."""
    found = (graph.around(layer) for graph in graphs)
    return next((one for one in found if one), Surroundings(activation_of(layer)))


def functional_of(model: Any) -> Any:
    """The functional model behind a functional or sequential one; None of a model that is only code."""
    if isinstance(model, keras.Sequential):
        return model._functional
    return model if hasattr(model, "_nodes_by_depth") else None


def graphs_of(model: Any) -> list[Graph]:
    """The graph of a model and of each model nested in it."""
    models = [layer for layer in model._flatten_layers() if isinstance(layer, keras.Model)]
    return [graph for graph in map(Graph.of, models) if graph]
