"""What a check of a tensor looks at: the tensor, what was measured of it, and what stands around its layer."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

from initterm.engine.models.graph import Surroundings
from initterm.engine.models.tensors import GATES, Tensor, keras_fans
from initterm.experiments.audit.events import Finding, Severity, TensorAudited
from initterm.theory.arrays import Array
from initterm.theory.fans import Fans
from initterm.theory.guide import ROWS
from initterm.theory.initializers import InitializerSpec
from initterm.theory.law import Law
from initterm.theory.numbers import rounded
from initterm.theory.parameters import Value

MULTIPLIED = ("kernel", "depthwise", "recurrent", "embedding")
"""Roles of tensors that break the symmetry between units."""


NOTHING_TO_MEND = "nothing to mend"
"""Instead of Keras that mends, where what is found is meant or costs nothing."""


@dataclass(frozen=True)
class Suited:
    """The initializer that the guide takes for an activation, which goes by fans, its scale and its mode."""

    initializer: InitializerSpec
    scale: float
    mode: str


SUITABLE = {
    row.activation.name: Suited(row.initializer, *scaling[:2]) for row in ROWS if (scaling := row.initializer.scaling)
}
"""By the activation's name."""

OF_NOTHING = InitializerSpec("glorot_uniform")
"""What suits a layer that no activation follows."""

ELSEWHERE = ("softmax", "selu")
"""Activations whose weights ``unsuited`` leaves alone: one belongs on the output, the other has a check of its own."""

INNER = ("depthwise_kernel", "recurrent_kernel")
"""Tensors inside a layer, whose sums meet no activation."""

CELLS = tuple(cell for cell, gates in GATES.items() if gates > 1)


@dataclass(frozen=True, eq=False)
class AuditedTensor:
    """A tensor, what was measured of it, what stands around its layer, and the model's number of tests."""

    tensor: Tensor
    told: TensorAudited
    around: Surroundings
    tests: int

    @cached_property
    def values(self) -> Array:
        """All numbers, one dimension."""
        return self.tensor.values.ravel()

    @cached_property
    def law(self) -> Law | None:
        """The declared law."""
        return self.tensor.law

    @property
    def frozen(self) -> bool:
        """Whether it isn't trained, so that its numbers are meant as they stand."""
        return not self.tensor.variable.trainable

    @property
    def scale(self) -> float:
        """σ²·fan_in by what one output sums over; 0 of a tensor that sums over nothing."""
        return float(self.std or 0.0) ** 2 * float(self.told.sums_over or 0.0)

    @property
    def suited(self) -> InitializerSpec:
        """What draws the std that the guide takes for the activation that follows, whatever fans Keras counts."""
        suited = SUITABLE.get(self.around.activation)
        return self.for_real_fans(suited.initializer if suited else OF_NOTHING)

    def for_real_fans(self, spec: InitializerSpec) -> InitializerSpec:
        """What draws, with the fans that Keras counts, the std that an initializer promises with the real ones."""
        return _times(spec, self.tensor.miscount(spec))

    def misfit(self, std: float | None) -> float | None:
        """How many times a std is that which suits this tensor, by what one output really sums over.

        Either fan suits where an initializer goes by it. None where the tensor makes no sums that a known activation is
        applied to, as far as is known, or where what follows isn't for a std to suit.
        """
        suited, sums = SUITABLE.get(self.around.activation), self.tensor.sums
        if suited is None or sums is None or not std or not self.told.sums_over or not self._meets_activation:
            return None
        declared = self.tensor.spec.scaling if self.tensor.spec else None
        modes = {"fan_in", suited.mode} | ({"fan_out"} if declared and declared[1] == "fan_out" else set())
        factors = [std * math.sqrt(sums.by_mode(mode) / suited.scale) for mode in sorted(modes)]
        return min(factors, key=lambda factor: abs(math.log(factor)))

    @property
    def _meets_activation(self) -> bool:
        """Whether it is multiplied as it stands, by a layer of Keras's, and what comes out meets an activation."""
        owner, around = self.tensor.owner, self.around
        if self.told.role not in ("kernel", "depthwise") or self.told.tensor in INNER or isinstance(owner, CELLS):
            return False
        elsewhere = around.is_output or around.is_gate or around.activation in ELSEWHERE
        return not elsewhere and all(
            str(getattr(getattr(type(owner), name), "__module__", "")).startswith("keras.")
            for name in ("call", "convolution_op")
            if hasattr(type(owner), name)
        )

    @property
    def handle(self) -> str:
        """How Keras code reaches the tensor."""
        if "/" not in self.told.layer:
            return f'model.get_layer("{self.told.layer}").{self.told.tensor}'
        return f'next(v for v in model.variables if v.path == "{self.tensor.variable.path}")'

    @property
    def std(self) -> float | None:
        """The std that the tensor begins with by its declaration; the measured one where nothing is declared."""
        return self.told.std_expected or self.told.std

    def found(
        self, check: str, severity: Severity, what: str, evidence: str, why: str, fix: str, initializer: str = ""
    ) -> Finding:
        """A finding about this tensor."""
        return Finding(check, severity, self.told.layer, what, evidence, why, fix, self.told.tensor, initializer)

    def declare(self, expression: str) -> str:
        """What declares another initializer: an argument of the layer, or what stands in its class."""
        if argument := self._argument:
            return f"{argument}={expression}"
        return self.declare_apart(expression)

    def declare_apart(self, expression: str) -> str:
        """The same, for this tensor alone where its layer draws several by one argument."""
        owner, argument = self.tensor.owner, self.tensor.argument
        if _takes(owner, argument):
            return f"{argument}={expression}"
        if any(argument in _arguments(kind) for kind in type(owner).__mro__):
            return f"in {type(owner).__name__}: {argument}={expression}"
        return f'in {type(owner).__name__}: add_weight(name="{self.tensor.name}", initializer={expression})'

    @property
    def _argument(self) -> str:
        """The layer's argument that declares what draws the tensor; empty where there is none."""
        owner, initializer = self.tensor.owner, self.tensor.initializer
        same = [key for key, value in vars(owner).items() if value is initializer and initializer is not None]
        return next((name for name in (self.tensor.argument, *same) if _takes(owner, name)), "")

    @property
    def drawn_by(self) -> str:
        """The initializer that ``draw_again`` draws by."""
        return str(self.tensor.spec or "glorot_uniform")

    @property
    def draw_again(self) -> str:
        """The line of Keras that draws the tensor as it is declared; Glorot's where nothing is."""
        spec, dims, fans = self.tensor.spec, self.tensor.dims, self.tensor.fans
        if spec is None:
            return f'{self.handle}.assign(keras.initializers.get("glorot_uniform")({dims}))'
        if spec.scaling and fans:  # called by itself it goes by the shape, and its layer may tell it axes
            mode = spec.scaling[1]
            spec = _times(spec, Fans(*keras_fans(dims)).by_mode(mode) / fans.by_mode(mode))
        arguments = str(spec).removeprefix(spec.name).strip("()")
        return f"{self.handle}.assign(keras.initializers.{spec.family.keras_class}({arguments})({dims}))"


def _times(spec: InitializerSpec, variance: float) -> InitializerSpec:
    """The initializer that draws so many times the variance; itself where that is once, or where it has no scale."""
    if spec.scaling is None or variance == 1.0:
        return spec
    scale, mode, distribution = spec.scaling
    values: dict[str, Value] = {"scale": rounded(scale * variance, 4), "mode": mode, "distribution": distribution}
    return InitializerSpec.of("variance_scaling", values)


def _takes(layer: object, argument: str) -> bool:
    """Whether a layer's class takes an argument, itself or because it hands on what it doesn't know."""
    for kind in type(layer).__mro__:
        known = _arguments(kind)
        if argument in known:
            return True
        if known and all(one.kind is not inspect.Parameter.VAR_KEYWORD for one in known.values()):
            return False
    return False


def _arguments(kind: type) -> Mapping[str, inspect.Parameter]:
    """The arguments of a class's own ``__init__``; none where it has none."""
    own = vars(kind).get("__init__")
    return inspect.signature(own).parameters if inspect.isfunction(own) else {}


@dataclass(frozen=True)
class CheckOfTensors:
    """A check, which finds something of a tensor or nothing.

    ``of_trained`` says whether it says anything about trained weights, ``of_frozen`` whether about those that no
    training changes, which are meant as they stand.
    """

    check: Callable[[AuditedTensor], Finding | None]
    of_trained: bool = False
    of_frozen: bool = True
