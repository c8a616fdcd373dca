"""What a check of a tensor looks at: the tensor, what was measured of it, and what stands around its layer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from initterm.engine.models.graph import Surroundings
from initterm.engine.models.tensors import Tensor
from initterm.experiments.audit.events import Finding, Severity, TensorAudited
from initterm.theory.arrays import Array
from initterm.theory.guide import ROWS
from initterm.theory.initializers import InitializerSpec
from initterm.theory.law import Law

MULTIPLIED = ("kernel", "depthwise", "recurrent", "embedding")
"""Roles of tensors that break the symmetry between units."""


@dataclass(frozen=True)
class Suited:
    """The initializer that the guide takes for an activation, which goes by fans, and its scale."""

    initializer: InitializerSpec
    scale: float


SUITABLE = {
    row.activation.name: Suited(row.initializer, scaling[0]) for row in ROWS if (scaling := row.initializer.scaling)
}
"""By the activation's name."""

OF_NOTHING = InitializerSpec("glorot_uniform")
"""What suits a layer that no activation follows."""


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
    def scale(self) -> float:
        """σ²·fan_in by what one output sums over; 0 of a tensor that sums over nothing."""
        return float(self.std or 0.0) ** 2 * float(self.told.sums_over or 0.0)

    @property
    def suited(self) -> InitializerSpec:
        """What the guide takes for the activation that follows."""
        suited = SUITABLE.get(self.around.activation)
        return suited.initializer if suited else OF_NOTHING

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
        """The argument of the layer that declares another initializer."""
        return f"{self.tensor.argument}={expression}"

    @property
    def drawn_by(self) -> str:
        """The initializer that ``draw_again`` draws by."""
        return str(self.tensor.spec or "glorot_uniform")

    @property
    def draw_again(self) -> str:
        """The line of Keras that draws the tensor as it is declared; Glorot's where nothing is."""
        spec, dims = self.tensor.spec, self.tensor.dims
        if spec is None:
            return f'{self.handle}.assign(keras.initializers.get("glorot_uniform")({dims}))'
        arguments = str(spec).removeprefix(spec.name).strip("()")
        return f"{self.handle}.assign(keras.initializers.{spec.family.keras_class}({arguments})({dims}))"


@dataclass(frozen=True)
class CheckOfTensors:
    """A check, which finds something of a tensor or nothing, and whether it says anything about trained weights."""

    check: Callable[[AuditedTensor], Finding | None]
    of_trained: bool = False
