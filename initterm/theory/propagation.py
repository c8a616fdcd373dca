"""What a deep chain of layers does to signal and gradient, by mean-field theory: the variance map, iterated.

Poole et al. 2016, arXiv:1606.05340, and Schoenholz et al. 2017, arXiv:1611.01232; with residual sums Yang & Schoenholz
2017, arXiv:1712.08969; with batch normalization Yang et al. 2019, arXiv:1902.08129.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Annotated

import numpy as np

from initterm.theory.activation import Activation, Moments
from initterm.theory.activations import BY_NAME, TRAINABLE
from initterm.theory.arrays import Floats
from initterm.theory.initializers import InitializerSpec
from initterm.theory.laws import law_of
from initterm.theory.settings import Kind, Setting, after, check, doubled, number, switch, whole
from initterm.theory.shapes import Shape
from initterm.theory.typed import elementwise

MOST_DEPTH, MOST_WIDTH = 1000, 8192
LARGEST_VARIANCE = 1e300
"""Where the map is stopped: what has grown so far has exploded."""

BATCH_NORM_EPSILON = 1e-3
"""``keras.layers.BatchNormalization``'s epsilon, added to the variance it divides by."""


NOTHING = np.zeros(0)

DEPTH = Setting(
    "Depth", whole("depth", 1, MOST_DEPTH, 30), "How many layers.", name="depth", default=30, before="bias_std"
)
WIDTH = Setting(
    "Width",
    whole("width", 1, MOST_WIDTH, 256, doubled),
    "Units of each layer.",
    name="width",
    default=256,
    before="bias_std",
)
"""What a chain of equal layers is asked for with, instead of its widths."""

ELEMENTWISE = Kind(
    lambda text: elementwise(text).name,
    metavar="ACTIVATION",
    choices=tuple((BY_NAME[name].title, name) for name in TRAINABLE if BY_NAME[name].curve),
)


@dataclass(frozen=True)
class Chain:
    """Dense layers in a row: each with batch normalization if asked for, the activation, and the residual sum if asked.

    ``bias_std`` is σ_b, the std of normal biases. The sum adds a layer's input where it is as wide as its output.

    Raises:
        Refusal: a chain that can't be built.
    """

    hidden: tuple[int, ...] = (WIDTH.default,) * DEPTH.default
    activation: Annotated[str, Setting("Activ.", ELEMENTWISE, "Activation, by name or as a formula in x.")] = "relu"
    batch_norm: Annotated[
        bool,
        Setting("Norm", switch("none", "batch"), "Normalize batches before each activation.", lambda _: "batch norm"),
    ] = False
    residual: Annotated[
        bool,
        Setting(
            "Skips",
            switch("none", "residual"),
            "Add each layer's input where it is as wide as its output.",
            lambda _: "residual",
        ),
    ] = False
    bias_std: Annotated[
        float,
        Setting("σ_b", number("σ_b", 0, 1e6, 0.05), "Std of the hidden layers' normal biases.", after("σ_b")),
    ] = field(default=0.0, kw_only=True)

    def __post_init__(self) -> None:
        check(self)
        DEPTH.check(len(self.hidden))
        for width in set(self.hidden):
            WIDTH.check(width)

    @property
    def depth(self) -> int:
        """How many layers there are."""
        return len(self.hidden)

    @property
    def phi(self) -> Activation:
        """The activation, of the catalogue."""
        return elementwise(self.activation)

    def shapes(self, fan_in: int) -> list[Shape]:
        """The kernels' shapes, for an input of this width."""
        return [Shape(pair) for pair in itertools.pairwise((fan_in, *self.hidden))]


@dataclass(frozen=True)
class Arrival:
    """What arrives at the first layer: how many numbers, their mean, and the mean of their squares.

    ``correlation`` and ``scatter`` are mean and variance of artanh(c), where c is the correlation of two inputs of a
    batch; without ``scatter`` they are those of independent normal numbers.
    """

    width: int
    mean: float = 0.0
    square: float = 1.0
    correlation: float = 0.0
    scatter: float | None = None


@dataclass(frozen=True, eq=False)
class Prediction:
    """Stds at each layer, (depth,): before the activation, after it, and of the gradient.

    ``gradient_factor`` is by how much a layer multiplies the gradient's std. Where theory doesn't speak, arrays are
    empty, and ``silent`` says why, ``gradient_silent`` why not of gradients.
    """

    preactivation_std: Floats
    activation_std: Floats
    gradient_factor: Floats
    silent: str = ""
    gradient_silent: str = ""

    def gradient_std(self, top: int) -> Floats:
        """The gradient's std at the layers 1 to ``top``, where a gradient of std 1 arrives at layer ``top``.

        Empty where theory doesn't speak of gradients.
        """
        if not self.gradient_factor.size:
            return self.gradient_factor
        factors = np.concatenate([self.gradient_factor[1:top], [1.0]])
        with np.errstate(over="ignore"):
            return np.cumprod(factors[::-1])[::-1]


def predict(chain: Chain, initializers: Sequence[InitializerSpec], arrival: Arrival) -> tuple[Prediction, ...]:
    """One prediction for each initializer, for wide layers; exact as the width grows.

    Raises:
        Refusal: an initializer can't serve one of the shapes.

    >>> chain = Chain((256,) * 30, "relu")
    >>> glorot, he = map(InitializerSpec, ("glorot_uniform", "he_normal"))
    >>> for prediction in predict(chain, [glorot, he], Arrival(width=256)):
    ...     print([f"{std:.2g}" for std in prediction.preactivation_std[[0, 9, 29]]])
    ['1', '0.044', '4.3e-05']
    ['1.4', '1.4', '1.4']
    """
    silences = [_silence(chain, initializer, arrival) for initializer in initializers]
    of_gradients = gradient_silence(chain)
    speaking = [initializer for initializer, why in zip(initializers, silences, strict=True) if not why]
    shapes = chain.shapes(arrival.width)
    variances = {shape: np.array([law_of(one, shape).std ** 2 for one in speaking]) for shape in set(shapes)}
    spoken = tracks(chain, arrival, [variances[shape] for shape in shapes])
    if of_gradients:
        spoken = (replace(one, gradient_factor=NOTHING, gradient_silent=of_gradients) for one in spoken)
    return tuple(Prediction(NOTHING, NOTHING, NOTHING, why, why) if why else next(spoken) for why in silences)


def gradient_silence(chain: Chain) -> str:
    """Why theory says nothing about a chain's gradients; empty where it speaks.

    A residual sum of activations that have a mean lets a common part of the gradients grow, which the map has not; the
    factor of batch normalization is known where φ(cz) = cφ(z) for c > 0 (Yang et al. 2019).
    """
    means = np.abs(chain.phi.moments(np.array([0.5, 1.0, 2.0])).mean)
    if chain.residual and not chain.batch_norm and means.max() > 1e-6:
        return f"residual sums of {chain.phi.title} gather a mean, and gradients then depend on each other"
    if chain.batch_norm and not chain.phi.homogeneous:
        return f"how batch normalization changes gradients is known for ReLU and its kin, not for {chain.phi.title}"
    return ""


def _silence(chain: Chain, initializer: InitializerSpec, arrival: Arrival) -> str:
    """Why theory says nothing about an initializer; empty where it speaks."""
    if initializer.family.fitted:
        return "its weights depend on a batch"
    for shape in set(chain.shapes(arrival.width)):
        law = law_of(initializer, shape)
        if law.mean != 0:
            return "its weights' mean is not 0, and the variance map holds for independent weights of mean 0"
        if chain.batch_norm and law.std == 0:
            return "batch normalization divides by a variance that is 0"
    return ""


def tracks(chain: Chain, arrival: Arrival, variances: Sequence[Floats]) -> Iterator[Prediction]:
    """The map iterated for k networks at once.

    Args:
        chain: the layers.
        arrival: what arrives at the first one.
        variances: of the weights, an array (k,) for each layer.
    """
    before, after, factors = [], [], []
    mean, square = (np.full_like(variances[0], value) for value in (arrival.mean, arrival.square))
    for shape, variance in zip(chain.shapes(arrival.width), variances, strict=True):
        forward, backward = variance * shape.fan_in, variance * shape.fan_out
        with np.errstate(over="ignore"):
            q = np.minimum(forward * square + chain.bias_std**2, LARGEST_VARIANCE)
            spread = np.clip(forward * (square - mean**2), 0.0, LARGEST_VARIANCE)  # rounding may make it negative
            divisor = spread + BATCH_NORM_EPSILON
            moments = chain.phi.moments(np.sqrt(spread / divisor if chain.batch_norm else q))
            chi = backward * moments.slope_square / (divisor if chain.batch_norm else 1.0)
        summed = chain.residual and shape.fan_in == shape.fan_out
        mean, square = _after(moments, mean, square) if summed else (moments.mean, moments.square)
        before.append(q)
        after.append(square - mean**2)
        factors.append(chi + summed)
    stacked = (np.sqrt(np.maximum(np.stack(part, axis=-1), 0.0)) for part in (before, after, factors))
    return (Prediction(*rows) for rows in zip(*stacked, strict=True))


def _after(moments: Moments, mean: Floats, square: Floats) -> tuple[Floats, Floats]:
    """Mean and mean square of x + φ(Wx), the two independent: the cross term is 2·E[x]·E[φ]."""
    return mean + moments.mean, np.minimum(square + moments.square + 2 * mean * moments.mean, LARGEST_VARIANCE)
