"""The guide: which initializer suits an activation, and which gain."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from initterm.api.result import ShownResult
from initterm.report.files import Json, csv_of
from initterm.report.guide.results import guide_json, row_card
from initterm.theory.guide import Advice, GuideRow, advice_for, row_of
from initterm.theory.initializers import InitializerSpec
from initterm.theory.refusal import Refusal
from initterm.theory.typed import activation as activation_typed

if TYPE_CHECKING:
    from rich.console import RenderableType


def gain(activation: str, *, backward: bool = False) -> float:
    """The gain of an activation φ: 1/√E[φ(z)²], z ~ N(0, 1), the √fan_in·σ that keeps a signal of unit variance.

    Computed, by quadrature: of tanh it is 1.593 and not the 5/3 of ``torch.nn.init.calculate_gain``.

    Args:
        activation: one of Keras's by name, with parameters if need be, or a formula in x.
        backward: 1/√E[φ′(z)²] instead, the √fan_out·σ that keeps a gradient.

    Raises:
        Refusal: it is no activation, or one that acts on a whole layer, such as softmax.

    >>> round(gain("relu"), 4), round(gain("gelu"), 4), round(gain("x*sigmoid(x)"), 4)
    (1.4142, 1.5335, 1.6765)
    >>> round(gain("leaky_relu(negative_slope=0.1)", backward=True), 4)
    1.4072
    """
    found = activation_typed(activation)
    number = found.gain_backward if backward else found.gain_forward
    if number is None:
        raise Refusal(f"{found.name} acts on a whole layer: it has no gain.")
    return number


@dataclass(frozen=True, eq=False, repr=False)
class Recommendation(ShownResult):
    """An initializer for an activation, and why.

    Attributes:
        row: the guide's record: activation, initializer, reason, reference, caveats, and whether it is computed.
    """

    row: GuideRow

    @property
    def initializer(self) -> InitializerSpec:
        """What suits; ``str()`` gives its text, which Keras's layers take where it is a name."""
        return self.row.initializer

    @property
    def keras(self) -> str:
        """The argument of a Keras layer that uses it."""
        return self.row.initializer.keras_line

    @property
    def reason(self) -> str:
        """Why it suits."""
        return self.row.reason

    @property
    def advice(self) -> Advice | None:
        """What is computed, with the scales that keep signal and gradient; None where it acts on a whole layer."""
        return advice_for(self.row.activation)

    def parts(self) -> Iterable[RenderableType]:
        """As ``initterm guide`` shows it."""
        return (row_card(self.row),)

    def _json(self) -> Json:
        """As ``initterm guide --json`` prints it."""
        return guide_json((self.row,), ())

    def to_csv(self) -> str:
        """One line: activation, initializer, gains and reason."""
        names = (
            "activation",
            "initializer",
            "keras",
            "gain_forward",
            "gain_backward",
            "reason",
            "reference",
            "computed",
        )
        return csv_of(names, self._json()["activations"])

    @property
    def _words(self) -> str:
        return f"{self.row.activation.name}: {self.initializer}"


def recommend(activation: str) -> Recommendation:
    """Which initializer suits an activation, and why: by the field's convention, else computed.

    Args:
        activation: as in ``gain``.

    Raises:
        Refusal: it is no activation, or nothing is known or can be computed about it.

    >>> recommend("relu").keras
    'kernel_initializer="he_normal"'
    >>> recommend("x*sigmoid(x)").keras
    'kernel_initializer=keras.initializers.VarianceScaling(scale=2.811)'
    """
    return Recommendation(row_of(activation))
