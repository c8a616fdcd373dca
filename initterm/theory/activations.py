"""The catalogue of activations: function, derivative, and what they make of a normal signal."""

from __future__ import annotations

import difflib
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from initterm.theory.quadrature import normal_cdf, normal_density, normal_rule
from initterm.theory.refusal import Refusal, shown

Floats = NDArray[np.float64]
Function = Callable[[Floats], Floats]

SELU_SCALE, SELU_ALPHA = 1.0507009873554805, 1.6732632423543772
LEAKY_SLOPE = 0.2
"""``keras.activations.leaky_relu``'s slope (the layer ``LeakyReLU`` has 0.3)."""

SHRINK = 0.5
"""The threshold of Keras's shrinking activations."""


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
class Activation:
    """An activation that acts on one number, φ, with its derivative φ′; both None where it acts on a whole layer.

    ``kinks`` are where φ or φ′ jumps.
    """

    name: str
    title: str
    function: Function | None
    derivative: Function | None
    kinks: tuple[float, ...] = ()

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


def leaky(slope: float) -> tuple[Function, Function]:
    """z above 0, slope·z below: function and derivative."""
    return lambda z: np.where(z > 0, z, slope * z), lambda z: np.where(z > 0, 1.0, slope)


def elu(scale: float, alpha: float) -> tuple[Function, Function]:
    """scale·z above 0, scale·alpha·(e^z − 1) below: function and derivative."""
    return (
        lambda z: scale * np.where(z > 0, z, alpha * np.expm1(np.minimum(z, 0))),
        lambda z: scale * np.where(z > 0, 1.0, alpha * np.exp(np.minimum(z, 0))),
    )


def clipped(low: float, high: float, slope: float = 1.0, start: float = 0.0) -> tuple[Function, Function]:
    """start + slope·z, held within low and high: function and derivative."""
    return (
        lambda z: np.clip(start + slope * z, low, high),
        lambda z: np.where((start + slope * z > low) & (start + slope * z < high), slope, 0.0),
    )


def _sigmoid(z: Floats) -> Floats:
    return (1 + np.tanh(z / 2)) / 2


def _sigmoid_slope(z: Floats) -> Floats:
    return _sigmoid(z) * _sigmoid(-z)


def _silu_slope(z: Floats) -> Floats:
    return _sigmoid(z) * (1 + z * _sigmoid(-z))


def _softplus(z: Floats) -> Floats:
    softplus: Floats = np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z)))
    return softplus


def _mish_slope(z: Floats) -> Floats:
    squashed: Floats = np.tanh(_softplus(z))
    return squashed + z * (1 - squashed**2) * _sigmoid(z)


def _gelu_slope(z: Floats) -> Floats:
    return normal_cdf(z) + z * normal_density(z)


def _tanh_slope(z: Floats) -> Floats:
    return 1 - np.tanh(z) ** 2


def _squareplus(z: Floats) -> Floats:
    """(z + √(z² + 4))/2; below 0 as 2/(√(z² + 4) − z), which loses no digits."""
    root = np.hypot(z, 2)
    return np.where(z > 0, (z + root) / 2, 2 / (root + np.abs(z)))


def _hard_silu_slope(z: Floats) -> Floats:
    return np.where(z > 3, 1.0, np.where(z > -3, (2 * z + 3) / 6, 0.0))


def _sparse_plus(z: Floats) -> Floats:
    return np.where(z > 1, z, np.square(np.clip(z, -1, 1) + 1) / 4)


def _exponential(z: Floats) -> Floats:
    """e^z, held where its square is still a number."""
    return np.exp(np.minimum(z, 340))


CATALOGUE: tuple[Activation, ...] = (
    Activation("relu", "ReLU", *leaky(0.0), (0.0,)),
    Activation("leaky_relu", "Leaky ReLU", *leaky(LEAKY_SLOPE), (0.0,)),
    Activation("prelu", "PReLU", *leaky(0.0), (0.0,)),
    Activation("elu", "ELU", *elu(1.0, 1.0), (0.0,)),
    Activation("selu", "SELU", *elu(SELU_SCALE, SELU_ALPHA), (0.0,)),
    Activation("gelu", "GELU", lambda z: z * normal_cdf(z), _gelu_slope),
    Activation("tanh", "tanh", np.tanh, _tanh_slope),
    Activation("sigmoid", "sigmoid", _sigmoid, _sigmoid_slope),
    Activation("silu", "SiLU (swish)", lambda z: z * _sigmoid(z), _silu_slope),
    Activation("mish", "Mish", lambda z: z * np.tanh(_softplus(z)), _mish_slope),
    Activation("softplus", "softplus", _softplus, _sigmoid),
    Activation("softsign", "softsign", lambda z: z / (1 + np.abs(z)), lambda z: (1 + np.abs(z)) ** -2.0, (0.0,)),
    Activation("celu", "CELU", *elu(1.0, 1.0), (0.0,)),
    Activation("relu6", "ReLU6", *clipped(0.0, 6.0), (0.0, 6.0)),
    Activation("linear", "linear", np.positive, np.ones_like),
    Activation("hard_tanh", "hard tanh", *clipped(-1.0, 1.0), (-1.0, 1.0)),
    Activation("hard_sigmoid", "hard sigmoid", *clipped(0.0, 1.0, 1 / 6, 0.5), (-3.0, 3.0)),
    Activation("hard_silu", "hard SiLU", lambda z: z * np.clip(z / 6 + 0.5, 0, 1), _hard_silu_slope, (-3.0, 3.0)),
    Activation(
        "hard_shrink",
        "hard shrink",
        lambda z: np.where(np.abs(z) > SHRINK, z, 0.0),
        lambda z: np.where(np.abs(z) > SHRINK, 1.0, 0.0),
        (-SHRINK, SHRINK),
    ),
    Activation(
        "soft_shrink",
        "soft shrink",
        lambda z: z - np.clip(z, -SHRINK, SHRINK),
        lambda z: np.where(np.abs(z) > SHRINK, 1.0, 0.0),
        (-SHRINK, SHRINK),
    ),
    Activation("tanh_shrink", "tanh shrink", lambda z: z - np.tanh(z), lambda z: np.tanh(z) ** 2),
    Activation("log_sigmoid", "log sigmoid", lambda z: -_softplus(-z), lambda z: _sigmoid(-z)),
    Activation("squareplus", "squareplus", _squareplus, lambda z: (1 + z / np.hypot(z, 2)) / 2),
    Activation("sparse_plus", "sparse plus", _sparse_plus, lambda z: np.clip((z + 1) / 2, 0, 1), (-1.0, 1.0)),
    Activation("sparse_sigmoid", "sparse sigmoid", *clipped(0.0, 1.0, 0.5, 0.5), (-1.0, 1.0)),
    Activation("exponential", "exponential", _exponential, _exponential),
    Activation("softmax", "softmax", None, None),
)

ACTIVATIONS: Mapping[str, Activation] = {activation.name: activation for activation in CATALOGUE}

TRAINABLE = (*ACTIVATIONS, "log_softmax", "sparsemax")
"""What a hidden layer can be trained with: all of ``keras.activations`` but ``glu``, which halves its layer, and
``threshold``, which has parameters; and the layer ``PReLU``."""


def activation_named(text: str) -> Activation:
    """The activation of this name, spelled as Keras or as papers do (``LeakyReLU``, ``leaky relu``).

    Raises:
        Refusal: no activation of the catalogue is called so.
    """
    return ACTIVATIONS[_named(text, ACTIVATIONS)]


def trainable_named(text: str) -> str:
    """Keras's name of the activation of a hidden layer, spelled as Keras or as papers do.

    Raises:
        Refusal: Keras has no activation of this name that a hidden layer can have.
    """
    return _named(text, TRAINABLE)


def _named(text: str, names: Iterable[str]) -> str:
    spelling = _spelling(text)
    by_spelling = {_spelling(name): name for name in names}
    if spelling in by_spelling:
        return by_spelling[spelling]
    close = difflib.get_close_matches(spelling, by_spelling, n=1)
    hint = f"did you mean {by_spelling[close[0]]}?" if close else f"known are {', '.join(by_spelling.values())}."
    raise Refusal(f"No activation is called '{shown(text)}'; {hint}")


def elementwise(text: str) -> Activation:
    """The activation of this name, of those that act on one number.

    Raises:
        Refusal: there is none of this name, or it acts on a whole layer.
    """
    activation = activation_named(text)
    if activation.function is None:
        raise Refusal(f"{activation.name} acts on a whole layer, not on one number; choose one such as relu.")
    return activation


def _spelling(text: str) -> str:
    return "".join(character for character in text.lower() if character.isalnum())
