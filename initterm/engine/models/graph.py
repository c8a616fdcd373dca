"""What comes before and after each layer of a functional model: activations, normalization, dropout, sums."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from initterm.engine.keras_types import Functional, Layer, Model, Node, Operation
from initterm.engine.models.keras_privates import functional_of, layers_within, nodes_of
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

POOLINGS = ("MaxPooling", "AveragePooling", "GlobalMaxPooling", "GlobalAveragePooling")
OF_EACH_RANK = ("SpatialDropout", "ZeroPadding", "Cropping", "UpSampling", *POOLINGS)
"""Kinds of layers of which there is one for each number of spatial dimensions."""

TRANSPARENT = (
    *NORMALIZATIONS,
    layers.Dropout,
    layers.AlphaDropout,
    layers.GaussianDropout,
    layers.GaussianNoise,
    layers.ActivityRegularization,
    layers.Flatten,
    layers.Reshape,
    layers.Permute,
    layers.RepeatVector,
    layers.Identity,
    layers.Masking,
    *(getattr(layers, f"{name}{rank}D") for name in OF_EACH_RANK for rank in (1, 2, 3)),
)
"""Layers through which a layer's activation is looked for."""

ACTIVATION_LAYERS: dict[type[Layer], Callable[[Any], str]] = {
    layers.ReLU: lambda layer: "relu6" if layer.max_value == 6 else "leaky_relu" if layer.negative_slope else "relu",
    layers.LeakyReLU: lambda _: "leaky_relu",
    layers.PReLU: lambda _: "prelu",
    layers.ELU: lambda _: "elu",
    layers.Softmax: lambda _: "softmax",
}

APPLYING = (*PLACES, layers.Activation)
"""Layers that apply what their attribute ``activation`` holds to all that they put out."""

ALIASES = {"swish": "silu", "hard_swish": "hard_silu"}


def activation_of(operation: Operation) -> str:
    """The catalogue's name of the activation that a layer or operation applies; empty where there is none."""
    if name := _of_activation_layer(operation):
        return name
    function = vars(operation).get("activation") if isinstance(operation, APPLYING) else None
    if function is not None:
        return _function_name(function)
    name = type(operation).__name__.lower()
    return name if name in ACTIVATIONS and not isinstance(operation, keras.layers.Layer) else ""


def _of_activation_layer(operation: object) -> str:
    """The name of what a layer applies that does nothing else; empty of anything else."""
    return next((named(operation) for kind, named in ACTIVATION_LAYERS.items() if isinstance(operation, kind)), "")


def _function_name(function: object) -> str:
    """The catalogue's name of a function, or of the layer that stands in a function's place."""
    if name := _of_activation_layer(function):
        return name
    name = getattr(function, "__name__", type(function).__name__)
    name = ALIASES.get(name, name)
    return "" if name == "linear" else name


@dataclass(frozen=True)
class DroppedUnits:
    """What a layer drops: the layer's name, its rate, and its kind in Keras."""

    name: str
    rate: float
    kind: str


def dropped_units(operation: object) -> DroppedUnits | None:
    """What a ``Dropout`` or a kin of it drops; None of any other layer."""
    if not isinstance(operation, layers.Dropout):
        return None
    layer: Any = operation
    return DroppedUnits(str(layer.name), float(layer.rate), type(operation).__name__)


@dataclass(frozen=True)
class Surroundings:
    """What a layer's output meets before the next layer with weights, a sum, or the model's end.

    ``activation`` is the first one, its own included; ``normalized`` says that a normalization stands right before the
    layer or after it; ``dropouts`` are layers that drop units; ``is_output`` says that the model ends here,
    ``is_gate`` that the output is multiplied with another signal, ``is_branch`` that it is added to one.

    What only a run tells: ``in_branch`` says that the layer stands anywhere inside a residual branch, ``is_foreign``
    that a function follows which isn't in the catalogue, ``is_transformed`` that the layer computes with other numbers
    than its variable holds, as one that masks or standardizes its kernel does. ``is_known`` is False where nothing
    tells what follows.
    """

    activation: str = ""
    normalized: bool = False
    dropouts: tuple[DroppedUnits, ...] = ()
    is_output: bool = False
    is_gate: bool = False
    is_branch: bool = False
    in_branch: bool = False
    is_known: bool = True
    is_foreign: bool = False
    is_transformed: bool = False


@dataclass(frozen=True, eq=False)
class Graph:
    """The nodes of a functional model, in the order in which they run, and which come after which."""

    functional: Functional
    nodes: tuple[Node, ...]
    _after: dict[int, list[Node]]
    _by_layer: dict[int, Node]

    @classmethod
    def of(cls, model: Model) -> Graph | None:
        """The graph of a functional or sequential model; None of a model that is only code."""
        functional = functional_of(model)
        if functional is None:
            return None
        nodes, after, by_layer = nodes_of(functional), dict[int, list[Node]](), dict[int, Node]()
        for node in nodes:
            for layer in _wrapped(node.operation):
                by_layer.setdefault(id(layer), node)
            for parent in node.parent_nodes:
                after.setdefault(id(parent), []).append(node)
        return cls(functional, nodes, after, by_layer)

    def after(self, node: Node) -> list[Node]:
        """The nodes that take this node's output."""
        return self._after.get(id(node), [])

    def stands_in(self, outer: Graph, at: Node) -> None:
        """Where this graph's model stands in another one: what takes its outputs there, and all that comes after."""
        outputs = {id(one) for one in self.functional.outputs}
        for node in self.nodes:
            if outputs & {id(one) for one in node.outputs}:
                self._after.setdefault(id(node), []).extend(outer.after(at))
        for key, following in outer._after.items():
            self._after.setdefault(key, following)

    def around(self, layer: Layer) -> Surroundings | None:
        """The surroundings of a layer where it is first used; None where it isn't in the graph."""
        node = self._by_layer.get(id(layer))
        if node is None:
            return None
        met = list(self._met(node))
        following = self.after(met[-1] if met else node)
        ahead = [one.operation for one in met]
        names = (activation_of(layer), *map(activation_of, ahead))
        return Surroundings(
            activation=next(filter(None, names), ""),
            normalized=any(isinstance(one, NORMALIZATIONS) for one in (*ahead, *self._before(node))),
            dropouts=tuple(dropped for one in ahead if (dropped := dropped_units(one))),
            is_output=not following,
            is_gate=any(_joins(one, "Multiply") for one in following),
            is_branch=any(_joins(one, "Add") for one in following),
        )

    def _met(self, node: Node) -> Iterator[Node]:
        """The nodes ahead along the first way, through transparent layers and activations."""
        while following := self.after(node):
            node = next((one for one in following if _passes(one.operation)), following[0])
            if not _passes(node.operation):
                return
            yield node

    def _before(self, node: Node) -> Iterator[Operation]:
        """The transparent layers right before."""
        while node.parent_nodes:
            node = node.parent_nodes[0]
            if not isinstance(node.operation, TRANSPARENT):
                return
            yield node.operation


def _wrapped(operation: Operation) -> Iterator[Operation]:
    """A layer, and the one that it wraps, such as a ``TimeDistributed`` does."""
    yield operation
    if isinstance(operation, layers.Wrapper):
        yield from _wrapped(operation.layer)


def _joins(node: Node, kind: str) -> bool:
    """Whether a node is of a kind, and takes several signals: sums with numbers and products by them take one."""
    return type(node.operation).__name__ == kind and len({id(parent) for parent in node.parent_nodes}) > 1


def _passes(operation: Operation) -> bool:
    if isinstance(operation, TRANSPARENT):
        return True
    return bool(activation_of(operation)) and not isinstance(operation, (*PLACES, keras.layers.RNN))


def surroundings_of(layer: Layer, graphs: Iterable[Graph]) -> Surroundings:
    """What stands around a layer in the graph that uses it; of a layer inside of another its own activation alone."""
    found = (graph.around(layer) for graph in graphs)
    return next((one for one in found if one), Surroundings(activation_of(layer), is_known=False))


def graphs_of(model: Model) -> list[Graph]:
    """The graph of a model and of each model nested in it, which goes on where the outer one does."""
    models = [layer for layer in layers_within(model) if isinstance(layer, keras.Model)]
    by_model = {id(one): graph for one in models if (graph := Graph.of(one))}
    for outer in by_model.values():
        for node in outer.nodes:
            if (inner := by_model.get(id(node.operation))) is not None and inner is not outer:
                inner.stands_in(outer, node)
    return list(by_model.values())
