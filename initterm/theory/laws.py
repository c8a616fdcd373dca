"""The law that an initializer promises for the weights of a shape."""

from __future__ import annotations

from initterm.theory.fans import Fans
from initterm.theory.initializer_laws import scaled_variance
from initterm.theory.initializers import InitializerSpec
from initterm.theory.law import Law
from initterm.theory.refusal import Refusal
from initterm.theory.shapes import Shape


def law_of(spec: InitializerSpec, shape: Shape) -> Law:
    """The law that Keras's initializer of this spec follows for a kernel of this shape.

    Raises:
        Refusal: the initializer can't serve this shape, or has no law of its own.

    >>> law = law_of(InitializerSpec("he_normal"), Shape((784, 256)))
    >>> law.formula, law.words
    ('σ² = 2/fan_in = 2/784 = 0.002551', 'N(0, 0.0505²) cut at ±0.1148')
    >>> law_of(InitializerSpec.parse("orthogonal(gain=2)"), Shape((784, 256))).std == 2 / 28
    True
    """
    general = spec.general
    if general.family.law is None:
        raise Refusal(f"{spec.name} scales weights by what a network makes of a batch: use it in train or in signal.")
    return general.family.law(general.values, shape)


def scaled_law(spec: InitializerSpec, fans: Fans) -> Law:
    """The law of ``keras.initializers.VarianceScaling`` with these fans: variance scale/n whatever the distribution.

    Raises:
        TypeError: the initializer doesn't go by fans.
    """
    if spec.scaling is None:
        raise TypeError(f"{spec} doesn't go by fans")
    return scaled_variance(*spec.scaling, fans)
