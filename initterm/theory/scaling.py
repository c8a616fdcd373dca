"""An initializer whose weights are multiplied by a gain, as an initializer again."""

from __future__ import annotations

from initterm.theory.initializers import InitializerSpec, Value
from initterm.theory.numbers import parse_number

SMALLEST_GAIN, LARGEST_GAIN = 0.001, 1000.0


def parse_gain(text: str) -> float:
    """Read a gain.

    Raises:
        Refusal: no number, or outside what makes sense.
    """
    return parse_number(text, "gain", 1.0, SMALLEST_GAIN, LARGEST_GAIN)


def scaled(initializer: InitializerSpec, gain: float) -> InitializerSpec:
    """The initializer that draws ``gain`` times the weights, written with what Keras has for it."""
    if gain == 1.0 or initializer.name == "zeros":
        return initializer
    if scaling := initializer.scaling:
        scale, mode, distribution = scaling
        given: tuple[tuple[str, Value], ...] = (("scale", _rounded(scale * gain**2)), ("mode", mode))
        return InitializerSpec("variance_scaling", (*given, ("distribution", distribution)))
    if initializer.name == "ones":
        return InitializerSpec("constant", (("value", _rounded(gain)),))
    values = {name: _rounded(float(value) * gain) for name, value in initializer.values.items()}
    return InitializerSpec(initializer.name, tuple(values.items()))


def _rounded(number: float) -> float:
    return float(f"{number:.6g}")
