"""An initializer whose weights are multiplied by a gain, as an initializer again."""

from __future__ import annotations

from initterm.theory.initializers import InitializerSpec
from initterm.theory.numbers import parse_number, rounded
from initterm.theory.parameters import Value
from initterm.theory.refusal import Refusal

SMALLEST_GAIN, LARGEST_GAIN = 0.001, 1000.0


def parse_gain(text: str) -> float:
    """Read a gain.

    Raises:
        Refusal: no number, or outside what makes sense.
    """
    return parse_number(text, "gain", 1.0, SMALLEST_GAIN, LARGEST_GAIN)


def scaled(initializer: InitializerSpec, gain: float) -> InitializerSpec:
    """The initializer that draws ``gain`` times the weights, written with what Keras has for it.

    Raises:
        Refusal: it sets the scale of the weights by a batch, or has nothing to multiply.
    """
    if gain == 1.0:
        return initializer
    if initializer.family.fitted:
        raise Refusal(f"{initializer.name} sets the scale of the weights itself: leave the gain at 1.")
    general = initializer.general
    powers = {parameter.name: parameter.power for parameter in general.family.parameters if parameter.power}
    if not powers:
        raise Refusal(f"{initializer.name} has nothing that a gain multiplies: leave the gain at 1.")
    factors = {name: gain**power for name, power in powers.items()}
    values = {name: _multiplied(value, factors.get(name)) for name, value in general.values.items()}
    multiplied = InitializerSpec(general.name, tuple(values.items()))
    return initializer if multiplied == general else multiplied


def _multiplied(value: Value, factor: float | None) -> Value:
    """To six digits, or as it is where it isn't multiplied."""
    return value if factor is None else rounded(float(value) * factor, 6)
