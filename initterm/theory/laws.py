"""The law an initializer promises for a shape: moments, limits, density, and the formula with numbers in."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from initterm.theory.distributions import Distribution, Floats, Normal, Points, SphereCoordinate, Uniform
from initterm.theory.fans import Fans
from initterm.theory.initializers import InitializerSpec
from initterm.theory.refusal import Refusal
from initterm.theory.shapes import Shape

MANY_DIMENSIONS = 100_000
"""From here on a coordinate of a point on a sphere is normal to within 1e-5."""

CUT = 2.0
"""Keras cuts truncated normals at this many of their inner standard deviations."""

_CUT_MASS = math.erf(CUT / math.sqrt(2))
_CUT_DENSITY = math.exp(-(CUT**2) / 2) / math.sqrt(2 * math.pi)
_CUT_VARIANCE = 1 - 2 * CUT * _CUT_DENSITY / _CUT_MASS
_CUT_FOURTH_MOMENT = 3 - 2 * (CUT**3 + 3 * CUT) * _CUT_DENSITY / _CUT_MASS

CUT_STD = math.sqrt(_CUT_VARIANCE)
"""The std of a unit normal cut at ±2: Keras's 0.87962566103423978."""

NORMAL_KURTOSIS = 3.0
UNIFORM_KURTOSIS = 1.8
CUT_KURTOSIS = _CUT_FOURTH_MOMENT / _CUT_VARIANCE**2


@dataclass(frozen=True)
class Law:
    """What an initializer promises for the weights of one shape.

    ``formula`` has the numbers in it (``σ² = 2/fan_in = 2/784 = 0.002551``), ``words`` names the distribution
    (``N(0, 0.0505²) cut at ±0.1148``, whose std is what the cut leaves). ``low`` and ``high`` are infinite where there
    is no limit. ``kurtosis`` is E[(w − mean)⁴]/std⁴, 3 for a normal. ``dependent`` says that the weights are drawn
    jointly, so that the usual standard errors don't hold. ``atoms`` is empty for continuous laws.
    """

    formula: str
    words: str
    mean: float
    std: float
    low: float
    high: float
    kurtosis: float
    distribution: Distribution
    dependent: bool = False

    @property
    def atoms(self) -> tuple[tuple[float, float], ...]:
        """(value, probability) of each single point that weights can take; empty for a continuous law."""
        return self.distribution.atoms if isinstance(self.distribution, Points) else ()

    def density(self, x: ArrayLike) -> Floats:
        """The probability density at ``x``, of its shape; 0 everywhere for laws of single points."""
        return self.distribution.density(np.asarray(x, dtype=np.float64))

    def cdf(self, x: ArrayLike) -> Floats:
        """P(w ≤ x), of the shape of ``x``."""
        return self.distribution.cdf(np.asarray(x, dtype=np.float64))

    def beyond(self, distance: float) -> float:
        """P(|w − mean| ≥ distance) of a continuous law, all of which are symmetric."""
        return 2 * float(self.cdf(self.mean - distance))

    def std_error_of_mean(self, count: int) -> float:
        """Standard error of the mean of ``count`` independent weights: std/√n."""
        return self.std / math.sqrt(count)

    def std_error_of_std(self, count: int) -> float:
        """Standard error of the standard deviation of ``count`` independent weights: std·√((κ − 1)/(4n))."""
        return self.std * math.sqrt((self.kurtosis - 1) / (4 * count))

    @property
    def reach(self) -> tuple[float, float]:
        """Where a plot of the law begins and ends: its limits, or four std where those are closer."""
        return max(self.low, self.mean - 4 * self.std), min(self.high, self.mean + 4 * self.std)

    def curve(self, points: int = 201) -> tuple[Floats, Floats]:
        """x and density over the law's reach, each hard edge drawn upright."""
        low, high = self.reach
        x = np.linspace(low, high, points)
        y = self.density(x)
        if low == self.low:
            x, y = np.concatenate([[low], x]), np.concatenate([[0.0], y])
        if high == self.high:
            x, y = np.concatenate([x, [high]]), np.concatenate([y, [0.0]])
        return x, y


def law_of(spec: InitializerSpec, shape: Shape) -> Law:
    """The law that Keras's initializer of this spec follows for a kernel of this shape.

    Raises:
        Refusal: the initializer can't serve this shape, or has no law of its own.
    """
    if spec.family.fitted:
        raise Refusal(f"{spec.name} scales weights by what a network makes of a batch: use it in train or in signal.")
    if spec.scaling:
        return scaled_law(spec, Fans(shape.fan_in, shape.fan_out))
    values = {name: float(value) for name, value in spec.values.items()}
    match spec.name:
        case "orthogonal":
            return _orthogonal(values["gain"], shape)
        case "identity":
            return _identity(values["gain"], shape)
        case "truncated_normal":
            return _cut_normal(values["mean"], values["stddev"])
        case "random_normal":
            return _normal(values["mean"], values["stddev"], f"σ = {values['stddev']:g}")
        case "random_uniform":
            return _uniform(values["minval"], values["maxval"], f"U({values['minval']:g}, {values['maxval']:g})")
        case _:
            value = {"zeros": 0.0, "ones": 1.0}.get(spec.name, values.get("value", 0.0))
            return _points(f"w = {value:g}", f"every weight is {value:g}", ((value, 1.0),))


def scaled_law(spec: InitializerSpec, fans: Fans) -> Law:
    """The law of ``keras.initializers.VarianceScaling`` with these fans: variance scale/n whatever the distribution.

    Raises:
        TypeError: the initializer doesn't go by fans.
    """
    if spec.scaling is None:
        raise TypeError(f"{spec} doesn't go by fans")
    scale, mode, distribution = spec.scaling
    variance = scale / fans.by_mode(mode)
    if distribution == "uniform":
        limit = math.sqrt(3 * variance)
        return _uniform(-limit, limit, f"limit = {_root_by_fans(3 * scale, mode, fans)} = {limit:.6g}")
    formula = f"σ² = {_by_fans(scale, mode, fans)} = {variance:.4g}"
    std = math.sqrt(variance)
    if distribution == "untruncated_normal":
        return _normal(0.0, std, formula)
    return replace(_cut_normal(0.0, std / CUT_STD), formula=formula)


def _by_fans(scale: float, mode: str, fans: Fans) -> str:
    """``2/fan_in = 2/784``: scale over n, in symbols and in numbers."""
    if mode == "fan_avg":
        return f"{2 * scale:g}/(fan_in + fan_out) = {2 * scale:g}/({fans.fan_in:.12g} + {fans.fan_out:.12g})"
    return f"{scale:g}/{mode} = {scale:g}/{fans.by_mode(mode):.12g}"


def _root_by_fans(scale: float, mode: str, fans: Fans) -> str:
    return " = ".join(f"√({side})" for side in _by_fans(scale, mode, fans).split(" = "))


def _uniform(low: float, high: float, formula: str) -> Law:
    mean, std = (low + high) / 2, (high - low) / math.sqrt(12)
    words = f"U(±{high:.4g})" if low == -high else f"U({low:.4g}, {high:.4g})"
    return Law(formula, words, mean, std, low, high, UNIFORM_KURTOSIS, Uniform(low, high))


def _normal(mean: float, std: float, formula: str) -> Law:
    words = f"N({mean:g}, {std:.3g}²), not cut"
    return Law(formula, words, mean, std, -math.inf, math.inf, NORMAL_KURTOSIS, Normal(mean, std))


def _cut_normal(mean: float, scale: float) -> Law:
    std, reach = scale * CUT_STD, CUT * scale
    limits = f"±{reach:.4g}" if mean == 0 else f"{mean:g} ± {reach:.4g}"
    words = f"N({mean:g}, {std:.3g}²) cut at {limits}"
    formula = f"σ = 0.8796·stddev = 0.8796·{scale:g} = {std:.6g}"
    return Law(formula, words, mean, std, mean - reach, mean + reach, CUT_KURTOSIS, Normal(mean, scale, CUT))


def _points(formula: str, words: str, atoms: tuple[tuple[float, float], ...]) -> Law:
    mean = sum(value * probability for value, probability in atoms)
    std = math.sqrt(sum((value - mean) ** 2 * probability for value, probability in atoms))
    values = [value for value, _ in atoms]
    return Law(formula, words, mean, std, min(values), max(values), math.nan, Points(tuple(sorted(atoms))))


def _identity(gain: float, shape: Shape) -> Law:
    """``keras.initializers.Identity``: ``gain · eye(rows, columns)``."""
    if shape.rank != 2:
        raise Refusal(f"identity serves matrices only, {shape} has {shape.rank} dimensions; write, for example, 64x64.")
    share = min(shape.dims) / shape.count
    formula = f"{gain:g} on the diagonal: {min(shape.dims):,} of {shape.count:,} weights"
    if share == 1.0:
        return _points(formula, f"every weight is {gain:g}", ((gain, 1.0),))
    return _points(formula, f"{gain:g} on the diagonal, else 0", ((0.0, 1 - share), (gain, share)))


def _orthogonal(gain: float, shape: Shape) -> Law:
    """``keras.initializers.Orthogonal``: Q of the QR of a normal matrix, its entries' law by Haar measure."""
    if shape.rank < 2:
        raise Refusal(f"orthogonal serves two or more dimensions, {shape} has one; write, for example, 784x256.")
    n = max(shape.matrix)
    formula = f"σ² = gain²/max(rows, columns) = {gain**2:g}/{n} = {gain**2 / n:.6g}"
    if gain == 0:
        return _points(formula, "every weight is 0", ((0.0, 1.0),))
    if n == 1:
        return _points(formula, f"{gain:g} or {-gain:g}", ((-gain, 0.5), (gain, 0.5)))
    radius = abs(gain)
    words = f"coordinates of a point on a sphere of radius {radius:g} in {n} dimensions"
    std, kurtosis = radius / math.sqrt(n), 3 * n / (n + 2)
    distribution = SphereCoordinate(radius, n) if n < MANY_DIMENSIONS else Normal(0.0, std)
    return Law(formula, words, 0.0, std, -radius, radius, kurtosis, distribution, dependent=True)
