"""The catalogue of activations: function, derivative, and the gains that keep a unit-variance signal's size."""

from __future__ import annotations

import difflib
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from initterm.theory.refusal import Refusal

Floats = NDArray[np.float64]
Function = Callable[[Floats], Floats]

SELU_SCALE, SELU_ALPHA = 1.0507009873554805, 1.6732632423543772
LEAKY_SLOPE = 0.2
"""``keras.activations.leaky_relu``'s slope (the layer ``LeakyReLU`` has 0.3)."""


@dataclass(frozen=True)
class Activation:
    """An activation that acts on one number, φ, with its derivative φ′; both None where it acts on a whole layer."""

    name: str
    title: str
    function: Function | None
    derivative: Function | None

    @property
    def gain_forward(self) -> float | None:
        """1/√E[φ(z)²], z ~ N(0, 1): the √(fan_in)·σ that passes on a unit-variance signal (He et al. 2015, eq. 10)."""
        return _gain(self.function)

    @property
    def gain_backward(self) -> float | None:
        """1/√E[φ′(z)²], z ~ N(0, 1): the √(fan_out)·σ that passes back the gradient (He et al. 2015, eq. 14)."""
        return _gain(self.derivative)


def _gain(function: Function | None) -> float | None:
    return None if function is None else 1 / math.sqrt(mean_over_unit_normal(lambda z: function(z) ** 2))


def mean_over_unit_normal(function: Function) -> float:
    """E[f(z)], z ~ N(0, 1), to 1e-12 for an f that is smooth on both sides of 0: Gauss-Legendre on ±[0, 12]."""
    nodes, weights = _nodes()
    return float(np.sum(weights * function(nodes)))


@cache
def _nodes() -> tuple[Floats, Floats]:
    x, w = np.polynomial.legendre.leggauss(200)
    half = 6 * (x + 1)
    z = np.concatenate([-half[::-1], half])
    return z, np.concatenate([w[::-1], w]) * 6 * np.exp(-(z**2) / 2) / math.sqrt(2 * math.pi)


def _leaky(slope: float) -> tuple[Function, Function]:
    return lambda z: np.where(z > 0, z, slope * z), lambda z: np.where(z > 0, 1.0, slope)


def _elu(scale: float, alpha: float) -> tuple[Function, Function]:
    return (
        lambda z: scale * np.where(z > 0, z, alpha * np.expm1(np.minimum(z, 0))),
        lambda z: scale * np.where(z > 0, 1.0, alpha * np.exp(np.minimum(z, 0))),
    )


def _sigmoid(z: Floats) -> Floats:
    return (1 + np.tanh(z / 2)) / 2


def _normal_cdf(z: Floats) -> Floats:
    return np.array([(1 + math.erf(value / math.sqrt(2))) / 2 for value in np.ravel(z)]).reshape(np.shape(z))


def _gelu_derivative(z: Floats) -> Floats:
    return _normal_cdf(z) + z * np.exp(-(z**2) / 2) / math.sqrt(2 * math.pi)


CATALOGUE: tuple[Activation, ...] = (
    Activation("relu", "ReLU", *_leaky(0.0)),
    Activation("leaky_relu", "Leaky ReLU", *_leaky(LEAKY_SLOPE)),
    Activation("prelu", "PReLU", *_leaky(0.0)),
    Activation("elu", "ELU", *_elu(1.0, 1.0)),
    Activation("selu", "SELU", *_elu(SELU_SCALE, SELU_ALPHA)),
    Activation("gelu", "GELU", lambda z: z * _normal_cdf(z), _gelu_derivative),
    Activation("tanh", "tanh", np.tanh, lambda z: 1 - np.tanh(z) ** 2),
    Activation("sigmoid", "sigmoid", _sigmoid, lambda z: _sigmoid(z) * (1 - _sigmoid(z))),
    Activation("softmax", "softmax", None, None),
)

ACTIVATIONS: Mapping[str, Activation] = {activation.name: activation for activation in CATALOGUE}

OTHER_KERAS_ACTIVATIONS = (
    "celu", "exponential", "hard_shrink", "hard_sigmoid", "hard_silu", "hard_tanh", "linear", "log_sigmoid",
    "log_softmax", "mish", "relu6", "silu", "soft_shrink", "softplus", "softsign", "sparse_plus", "sparse_sigmoid",
    "sparsemax", "squareplus", "tanh_shrink",
)  # fmt: skip
"""The others of ``keras.activations``, but ``glu``, which halves its layer, and ``threshold``, which has parameters."""

TRAINABLE = tuple(dict.fromkeys((*ACTIVATIONS, *OTHER_KERAS_ACTIVATIONS)))
"""The activations that a hidden layer can be trained with."""


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
    shown = text if len(text) <= 40 else text[:39] + "…"
    raise Refusal(f"No activation is called {shown!r}; {hint}")


def _spelling(text: str) -> str:
    return "".join(character for character in text.lower() if character.isalnum())
