"""Every tensor of a model once: which layer holds it, what it is for, how it was declared, and its fans."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from initterm.engine.keras_types import Initializer, Layer, Model, Variable
from initterm.engine.models.keras_privates import ConvLSTMCell, layers_as_added, own_variables
from initterm.engine.models.recording import NOTHING_RECORDED, Recorded, RepeatKind
from initterm.engine.models.variable_values import values_of
from initterm.engine.runtime import keras
from initterm.experiments.audit.events import Role
from initterm.theory import fans
from initterm.theory.fans import Fans
from initterm.theory.guide import scale_of
from initterm.theory.initializer_rows import CATALOGUE
from initterm.theory.initializers import InitializerSpec
from initterm.theory.law import Law
from initterm.theory.laws import law_of, scaled_law
from initterm.theory.parameters import Value
from initterm.theory.refusal import Refusal
from initterm.theory.shapes import Shape

Counter = Callable[[Any, Sequence[int]], Fans]
"""The fans of a layer's tensor of some shape."""

layers = keras.layers


@dataclass(frozen=True)
class Place:
    """A tensor as a class of layers declares it: its name, the initializer's attribute, its role and its fans."""

    tensor: str
    initializer: str
    role: Role
    fans: Counter | None = None


def _gated(count: int) -> tuple[Place, ...]:
    return (
        Place("kernel", "kernel_initializer", "kernel", lambda _, dims: fans.gates(dims, count)),
        Place("recurrent_kernel", "recurrent_initializer", "recurrent", lambda _, dims: fans.gates(dims, count)),
    )


_CONVOLUTION = (
    Place("kernel", "kernel_initializer", "kernel", lambda layer, dims: fans.convolution(dims, layer.groups)),
)
_DEPTHWISE = (Place("kernel", "depthwise_initializer", "depthwise", lambda _, dims: fans.depthwise(dims)),)
_TRANSPOSED = (
    Place("kernel", "kernel_initializer", "kernel", lambda layer, dims: fans.transposed(dims, layer.strides)),
)
_SEPARABLE = (
    Place("depthwise_kernel", "depthwise_initializer", "depthwise", lambda _, dims: fans.depthwise(dims)),
    Place("pointwise_kernel", "pointwise_initializer", "kernel", lambda _, dims: fans.convolution(dims)),
)

GATES: dict[type[Layer], int] = {layers.SimpleRNNCell: 1, layers.LSTMCell: 4, layers.GRUCell: 3, ConvLSTMCell: 4}
"""How many kernels each recurrent cell keeps side by side in one tensor."""

FORGETTING: tuple[type[Layer], ...] = (layers.LSTMCell, ConvLSTMCell)
"""Cells whose second gate forgets."""

PLACES: dict[type[Layer], tuple[Place, ...]] = {
    layers.Dense: (Place("kernel", "kernel_initializer", "kernel", lambda _, dims: fans.matrix(dims)),),
    layers.EinsumDense: (
        Place("kernel", "kernel_initializer", "kernel", lambda layer, dims: fans.einsum(dims, layer.equation)),
    ),
    **dict.fromkeys((layers.Conv1D, layers.Conv2D, layers.Conv3D), _CONVOLUTION),
    **dict.fromkeys((layers.DepthwiseConv1D, layers.DepthwiseConv2D), _DEPTHWISE),
    **dict.fromkeys((layers.Conv1DTranspose, layers.Conv2DTranspose, layers.Conv3DTranspose), _TRANSPOSED),
    **dict.fromkeys((layers.SeparableConv1D, layers.SeparableConv2D), _SEPARABLE),
    **{cell: _gated(gates) for cell, gates in GATES.items()},
    layers.Embedding: (Place("embeddings", "embeddings_initializer", "embedding", lambda _, dims: fans.lookup(dims)),),
}
"""Tensors whose fans their layer tells; all others are known by their names."""

ROLES: tuple[tuple[str, Role], ...] = (
    ("moving_", "statistic"),
    ("renorm_", "statistic"),
    ("mean", "statistic"),
    ("variance", "statistic"),
    ("count", "statistic"),
    ("bias", "bias"),
    ("beta", "bias"),
    ("gamma", "scale"),
    ("scale", "scale"),
    ("alpha", "scale"),
    ("embedding", "embedding"),
    ("recurrent", "recurrent"),
    ("depthwise", "depthwise"),
    ("kernel", "kernel"),
)
"""What the beginning of a tensor's name, else any part of it, says about its role; the first that fits."""

RANDOM_STATE = "seed_generator_state"

_SPECS = {family.keras_class: family.name for family in CATALOGUE if family.keras_class}


@dataclass(frozen=True, eq=False)
class Tensor:
    """A tensor in its layer.

    ``argument`` is the layer's argument that declares its initializer, ``initializer`` Keras's object, None where
    neither the layer nor a recording of its building tells it, ``sums`` the fans by what one output sums over.
    ``repeat`` says why it has the same numbers when the model is built again, None where it hasn't or nobody tried.
    """

    owner: Layer
    layer: str
    name: str
    argument: str
    role: Role
    variable: Variable
    initializer: Initializer | None
    sums: Fans | None
    repeat: RepeatKind | None = None

    @property
    def dims(self) -> tuple[int, ...]:
        """The shape."""
        return tuple(self.variable.shape)

    @property
    def path(self) -> str:
        """Layer and tensor."""
        return f"{self.layer}/{self.name}"

    @property
    def values(self) -> NDArray[Any]:
        """The numbers as they stand, in the tensor's shape; not to be written to."""
        return values_of(self.variable)

    @property
    def dtype(self) -> str:
        """The type of its numbers: ``float32``."""
        return str(self.variable.dtype)

    @property
    def spec(self) -> InitializerSpec | None:
        """The declared initializer, None where it isn't one of the catalogue."""
        return spec_of(self.initializer)

    @property
    def declared(self) -> str:
        """The declared initializer in its text form; a custom one's class; empty where the layer names none."""
        return str(self.spec or (type(self.initializer).__name__ if self.initializer is not None else ""))

    @property
    def fans(self) -> Fans | None:
        """The fans with which Keras draws it; None of a tensor that no signal is multiplied with."""
        if self.sums is None:
            return None
        told = getattr(self.initializer, "input_axes", None), getattr(self.initializer, "output_axes", None)
        if isinstance(self.owner, layers.EinsumDense) and _knows_axes() and None in told:
            return self.sums
        counted = keras_fans(self.dims, *told) if None not in told else keras_fans(self.dims)
        return Fans(*counted)

    @property
    def beside(self) -> Fans | None:
        """Of a bias, the fans of the kernel whose sums it is added to; None of what is none, or is added to others."""
        place = next((one for one in reversed(_places(self.owner)) if one.role != "recurrent"), None)
        kernel = getattr(self.owner, place.tensor, None) if place and self.role == "bias" else None
        if place is None or place.fans is None or kernel is None:
            return None
        return place.fans(self.owner, tuple(kernel.shape))

    @property
    def gates(self) -> int:
        """How many kernels of a recurrent cell stand side by side in it; 1 of any other tensor."""
        return next((count for cell, count in GATES.items() if isinstance(self.owner, cell)), 1)

    def miscount(self, spec: InitializerSpec) -> float:
        """How many times the real fan is the one that Keras tells an initializer; 1 where that goes by none."""
        if spec.scaling is None or self.fans is None or self.sums is None:
            return 1.0
        mode = spec.scaling[1]
        return self.fans.by_mode(mode) / self.sums.by_mode(mode)

    @property
    def law(self) -> Law | None:
        """What the declared initializer promises with Keras's fans."""
        return _law(self.spec, self.fans, self.dims)

    @property
    def correct_law(self) -> Law | None:
        """What the declared initializer promises with the real fans; None where it goes by none, or none are right.

        A table's rows are looked up, so that no fans are right for it.
        """
        if self.spec is None or self.spec.scaling is None or self.sums is None or self.role == "embedding":
            return None
        law, right = self.law, _law(self.spec, self.sums, self.dims)
        made_up_for = self.spec.name == "variance_scaling" and law and _keeps_signals(law, self.sums)
        return law if made_up_for else right


def tensors_of(model: Model, recorded: Recorded = NOTHING_RECORDED) -> list[Tensor]:
    """Every tensor of a model once, nested models' too, in its layers' order, but for random generators' states."""
    seen: set[int] = set()
    found = []
    for layer in layers_as_added(model):
        wrapped = {id(variable) for variable in layer.layer.variables} if isinstance(layer, layers.Wrapper) else set()
        for variable in own_variables(layer):
            if id(variable) not in seen | wrapped and variable.name != RANDOM_STATE:
                seen.add(id(variable))
                found.append(_tensor(layer, variable, str(model.name), recorded))
    return found


def spec_of(initializer: Initializer | None) -> InitializerSpec | None:
    """The catalogue's row and parameters of a Keras initializer; None where there is none, or with odd parameters."""
    name = _SPECS.get(type(initializer).__name__)
    if initializer is None or name is None or not type(initializer).__module__.startswith("keras."):
        return None
    known = {parameter.name for parameter in InitializerSpec(name).family.parameters}
    values: dict[str, Value] = {key: value for key, value in initializer.get_config().items() if key in known}
    try:
        return InitializerSpec.of(name, values)
    except Refusal:
        return None


def keras_fans(
    dims: Sequence[int], input_axes: Sequence[int] | None = None, output_axes: Sequence[int] | None = None
) -> tuple[float, float]:
    """fan_in and fan_out by ``keras.initializers.compute_fans``, axes included where they are told."""
    if input_axes is not None and output_axes is not None:
        return float(np.prod([dims[axis] for axis in input_axes])), float(np.prod([dims[axis] for axis in output_axes]))
    if not dims:
        return 1.0, 1.0
    shape = Shape(tuple(dims))
    return float(shape.fan_in), float(shape.fan_out)


def _keeps_signals(law: Law, sums: Fans) -> bool:
    """Whether σ²·fan is within what the named initializers give, from LeCun's to He's."""
    low, high = KEEPING
    return any(low <= law.std**2 * fan <= high for fan in (sums.fan_in, sums.fan_out))


KEEPING = (0.95 * scale_of("lecun_normal"), 1.025 * scale_of("he_normal"))
"""From LeCun's scale to He's, with what rounding a scale to three digits takes."""


def _knows_axes() -> bool:
    """Whether this Keras tells initializers the axes that EinsumDense sums over, as it does from 3.15 on."""
    return hasattr(keras.initializers.VarianceScaling(), "input_axes")


def _law(spec: InitializerSpec | None, counted: Fans | None, dims: tuple[int, ...]) -> Law | None:
    """The law for a shape, by these fans where it goes by fans."""
    if spec is None or not dims or 0 in dims:
        return None
    if spec.scaling and counted:
        return scaled_law(spec, counted)
    try:
        return law_of(spec, Shape(dims))
    except Refusal:
        return None


def _tensor(layer: Layer, variable: Variable, model: str, recorded: Recorded) -> Tensor:
    name, dims = str(variable.name), tuple(variable.shape)
    path = str(variable.path).removesuffix(f"/{name}").removeprefix(f"{model}/")
    place = next((place for place in _places(layer) if place.tensor == name), None)
    argument = place.initializer if place else f"{name}_initializer"
    initializer = getattr(layer, argument, None) or recorded.initializer(variable)
    sums = place.fans(layer, dims) if place and place.fans else None
    role, repeat = place.role if place else role_named(name), recorded.repeat(variable)
    return Tensor(layer, path, name, argument, role, variable, initializer, sums, repeat)


def _places(layer: Layer) -> tuple[Place, ...]:
    return next((PLACES[kind] for kind in type(layer).__mro__ if kind in PLACES), ())


def role_named(name: str) -> Role:
    """What a tensor is for, as far as its name tells."""
    roles = [role for key, role in ROLES if name.startswith(key)] + [role for key, role in ROLES if key in name]
    return roles[0] if roles else "other"
