"""An activation: function, derivative, and what they make of a normal signal; and the row that tells all about one."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from initterm.theory.arrays import Floats
from initterm.theory.parameters import Given, Parameter, arguments
from initterm.theory.quadrature import normal_rule

Function = Callable[[Floats], Floats]
CurveParts = tuple[Function, Function, tuple[float, ...]]
"""Function, derivative, and where one of them jumps."""


@dataclass(frozen=True, eq=False)
class Moments:
    """What an activation makes of a normal of mean 0: E[φ], E[φ²] and E[φ′²], in the shape of its stds."""

    mean: Floats
    square: Floats
    slope_square: Floats

    @property
    def std(self) -> Floats:
        """The standard deviation of φ."""
        std: Floats = np.sqrt(np.maximum(self.square - self.mean**2, 0.0))
        return std


@dataclass(frozen=True)
class ActivationRow:
    """A row of the catalogue: all that is known about one activation of Keras.

    Attributes:
        name: Keras's.
        title: as papers write it.
        curve: makes function, derivative and kinks of the parameters, by their names; None of one that acts on a whole
            layer.
        parameters: Keras's, with their usual values and bounds.
        usual: whether Keras gives the parameters usual values, so that the name alone stands for it.
        aliases: other names it goes by.
        initializer: which one the field takes for it, by convention; empty where there is no convention.
        reason: why it does.
        reference: where it is from, or where the convention is.
        caveat: what should be known before it is used.
        saturates: whether it has a ceiling and a floor, at which gradients vanish.
        layer: Keras's layer, of what is no function of Keras.
        code: Keras code of the function, where Keras has neither; ``engine.networks.network`` has it too.
    """

    name: str
    title: str
    curve: Callable[..., CurveParts] | None
    parameters: tuple[Parameter, ...] = ()
    usual: bool = True
    aliases: tuple[str, ...] = ()
    initializer: str = ""
    reason: str = ""
    reference: str = "keras.activations; gains computed by quadrature"
    caveat: str = ""
    saturates: bool = False
    layer: str = ""
    code: str = ""

    def activation(self, given: Given = ()) -> Activation:
        """The activation with these parameters, the others at their usual values."""
        if self.curve is None:
            return Activation(self.name, self.title, None, None, row=self)
        values = {parameter.name: parameter.default for parameter in self.parameters} | dict(given)
        given = given if self.usual else tuple(values.items())
        name, title = (f"{self.name}({arguments(given)})",) * 2 if given else (self.name, self.title)
        function, derivative, kinks = self.curve(**values)
        return Activation(name, title, function, derivative, tuple(sorted(set(kinks))), given, self)


@dataclass(frozen=True)
class Activation:
    """An activation that acts on one number, φ, with its derivative φ′; both None where it acts on a whole layer.

    Attributes:
        name: its text form, which ``typed.activation`` reads.
        title: as papers write it.
        kinks: where φ or φ′ jumps.
        given: the parameters that were given, where it has any.
        row: what the catalogue knows of it; None of a formula.
    """

    name: str
    title: str
    function: Function | None
    derivative: Function | None
    kinks: tuple[float, ...] = ()
    given: Given = ()
    row: ActivationRow | None = field(default=None, compare=False, repr=False)

    def moments(self, std: ArrayLike) -> Moments:
        """E[φ], E[φ²] and E[φ′²] over N(0, std²), to 1e-8 of their size, for any shape of ``std``.

        Raises:
            TypeError: the activation acts on a whole layer.
        """
        if self.function is None or self.derivative is None:
            raise TypeError(f"{self.name} acts on a whole layer")
        with np.errstate(over="ignore"):
            x, weights = normal_rule(std, self.kinks)
            value, slope = self.function(x), self.derivative(x)
            return Moments(
                (value * weights).sum(-1), (value * value * weights).sum(-1), (slope * slope * weights).sum(-1)
            )

    @property
    def gain_forward(self) -> float | None:
        """1/√E[φ(z)²], z ~ N(0, 1): the √(fan_in)·σ that passes on a unit-variance signal (He et al. 2015, eq. 10)."""
        return None if self.function is None else 1 / math.sqrt(self.moments(1.0).square)

    @property
    def gain_backward(self) -> float | None:
        """1/√E[φ′(z)²], z ~ N(0, 1): the √(fan_out)·σ that passes back the gradient (He et al. 2015, eq. 14)."""
        return None if self.derivative is None else 1 / math.sqrt(self.moments(1.0).slope_square)

    @property
    def homogeneous(self) -> bool:
        """Whether φ(cz) = cφ(z) for every c > 0, as for ReLU and its kin."""
        z = np.array([-3.0, -0.3, 0.3, 3.0])
        return self.function is not None and np.allclose(self.function(7 * z), 7 * self.function(z), rtol=1e-12)

    @property
    def steepest(self) -> float:
        """The largest |φ′| within ±10; 0 where it acts on a whole layer."""
        return 0.0 if self.derivative is None else float(np.max(np.abs(self.derivative(np.linspace(-10, 10, 2001)))))
