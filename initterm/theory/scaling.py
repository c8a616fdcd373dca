"""An initializer whose weights are multiplied by a gain, as an initializer again."""

from __future__ import annotations

from initterm.theory.initializers import InitializerSpec, Value
from initterm.theory.numbers import parse_number
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
        Refusal: it sets the scale of the weights by a batch.
    """
    if gain == 1.0 or initializer.name == "zeros":
        return initializer
    if initializer.family.fitted:
        raise Refusal(f"{initializer.name} sets the scale of the weights itself: leave the gain at 1.")
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
