"""A law of weights: moments, limits, density, and the formula with numbers in; and the kinds of laws there are.

Distributions are written by hand, and moments of the cut normal are in closed form, as theory is numpy alone; the tests
check both against ``scipy.stats``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from initterm.theory.arrays import Floats
from initterm.theory.numbers import plain, short
from initterm.theory.quadrature import normal_cdf


@dataclass(frozen=True)
class Uniform:
    """U(low, high)."""

    low: float
    high: float

    def density(self, x: Floats) -> Floats:
        """1/(high − low) inside the limits, 0 outside."""
        return np.where((x >= self.low) & (x <= self.high), 1 / (self.high - self.low), 0.0)

    def cdf(self, x: Floats) -> Floats:
        """P(w ≤ x), linear between the limits."""
        return np.clip((x - self.low) / (self.high - self.low), 0.0, 1.0)


@dataclass(frozen=True)
class Normal:
    """N(mean, scale²) cut at ``cut`` scales on both sides; not cut where ``cut`` is infinite."""

    mean: float
    scale: float
    cut: float = math.inf

    @property
    def _mass(self) -> float:
        return math.erf(self.cut / math.sqrt(2))

    def density(self, x: Floats) -> Floats:
        """The normal density over the mass that is left inside the cut, 0 outside."""
        z = (x - self.mean) / self.scale
        inside = np.abs(z) <= self.cut * (1 + 1e-12)
        peak = 1 / (self.scale * math.sqrt(2 * math.pi) * self._mass)
        return np.where(inside, np.exp(-(z**2) / 2) * peak, 0.0)

    def cdf(self, x: Floats) -> Floats:
        """P(w ≤ x), to 1e-10."""
        z = (x - self.mean) / self.scale
        below = (1 - self._mass) / 2
        return np.clip((normal_cdf(z) - below) / self._mass, 0.0, 1.0)


@dataclass(frozen=True)
class SphereCoordinate:
    """One coordinate of a uniform point on the sphere of this radius in n dimensions, n ≥ 2.

    An entry of a Haar orthogonal matrix is one, with radius gain.
    """

    radius: float
    n: int

    def density(self, x: Floats) -> Floats:
        """∝ (1 − (x/radius)²)^((n − 3)/2) inside the radius, 0 outside and at the poles of n = 2."""
        inside = 1 - (x / self.radius) ** 2
        log_peak = math.lgamma(self.n / 2) - math.lgamma((self.n - 1) / 2) - math.log(math.pi) / 2
        safe = np.where(inside > 0, inside, 1.0)
        return np.where(inside > 0, np.exp(log_peak + (self.n - 3) / 2 * np.log(safe)) / self.radius, 0.0)

    def cdf(self, x: Floats) -> Floats:
        """P(w ≤ x), by the trapezium rule over the angle, to 1e-6."""
        angle = np.linspace(0.0, math.pi, 20_001)
        weight = np.sin(angle) ** (self.n - 2)
        steps = np.concatenate([[0.0], np.cumsum((weight[1:] + weight[:-1]) / 2)])
        at = np.arccos(np.clip(x / self.radius, -1.0, 1.0))
        below: Floats = 1 - np.interp(at, angle, steps / steps[-1])
        return below


@dataclass(frozen=True)
class Points:
    """Single values with their probabilities, in rising order of value."""

    atoms: tuple[tuple[float, float], ...]

    def density(self, x: Floats) -> Floats:
        """0 everywhere: single points have no density."""
        return np.zeros_like(x)

    def cdf(self, x: Floats) -> Floats:
        """P(w ≤ x), a step at each point."""
        values, probabilities = np.array(self.atoms).T
        below: Floats = np.where(x[..., None] >= values, probabilities, 0.0).sum(axis=-1)
        return below


Distribution = Uniform | Normal | SphereCoordinate | Points
"""How probability lies along the line."""


CUT = 2.0
"""Keras cuts truncated normals at this many of their inner standard deviations."""

_CUT_MASS = math.erf(CUT / math.sqrt(2))
_CUT_DENSITY = math.exp(-(CUT**2) / 2) / math.sqrt(2 * math.pi)
_CUT_VARIANCE = 1 - 2 * CUT * _CUT_DENSITY / _CUT_MASS
_CUT_FOURTH_MOMENT = 3 - 2 * (CUT**3 + 3 * CUT) * _CUT_DENSITY / _CUT_MASS

CUT_STD = math.sqrt(_CUT_VARIANCE)
"""The std of a unit normal cut at ±2: Keras's 0.87962566103423978."""

FAR = 8.0
"""Beyond so many std lies 1e-15 of a normal."""

NORMAL_KURTOSIS = 3.0
UNIFORM_KURTOSIS = 1.8
CUT_KURTOSIS = _CUT_FOURTH_MOMENT / _CUT_VARIANCE**2


@dataclass(frozen=True)
class Law:
    """What an initializer promises for the weights of one shape.

    ``formula`` has the numbers in it (``σ² = 2/fan_in = 2/784 = 0.002551``), ``words`` names the distribution
    (``N(0, 0.0505²) cut at ±0.1148``, whose std is what the cut leaves). ``low`` and ``high`` are infinite where there
    is no limit. ``kurtosis`` is E[(w − mean)⁴]/std⁴, 3 for a normal. ``dependent`` says that the weights are drawn
    jointly, so that the usual standard errors don't hold; ``orthogonal`` is the gain of WᵀW = gain²·I where that holds.
    ``atoms`` is empty for continuous laws.
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
    orthogonal: float | None = None

    @property
    def atoms(self) -> tuple[tuple[float, float], ...]:
        """(value, probability) of each single point that weights can take; empty for a continuous law."""
        return self.distribution.atoms if isinstance(self.distribution, Points) else ()

    @property
    def independent(self) -> bool:
        """Whether weights are drawn each by itself from a density, so that the usual standard errors hold."""
        return not (self.dependent or self.atoms)

    def density(self, x: ArrayLike) -> Floats:
        """The probability density at ``x``, of its shape; 0 everywhere for laws of single points."""
        return self.distribution.density(np.asarray(x, dtype=np.float64))

    def cdf(self, x: ArrayLike) -> Floats:
        """P(w ≤ x), of the shape of ``x``."""
        return self.distribution.cdf(np.asarray(x, dtype=np.float64))

    def quantile(self, shares: ArrayLike) -> Floats:
        """The weights under which these shares of all lie, of the shape of ``shares``; to 1e-3 of the std."""
        if self.atoms:
            values, probabilities = np.array(self.atoms).T
            return np.asarray(values[np.searchsorted(np.cumsum(probabilities)[:-1], shares, side="right")])
        x = np.linspace(max(self.low, self.mean - FAR * self.std), min(self.high, self.mean + FAR * self.std), 20_001)
        return np.asarray(np.interp(np.asarray(shares), self.cdf(x), x))

    def shares(self, edges: ArrayLike) -> Floats:
        """The share of all weights that each bin between n rising edges should have, of shape n − 1."""
        return np.diff(self.cdf(edges))

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


def uniform(low: float, high: float, formula: str) -> Law:
    """U(low, high)."""
    mean, std = (low + high) / 2, (high - low) / math.sqrt(12)
    words = f"U(±{short(high, 4)})" if low == -high else f"U({short(low, 4)}, {short(high, 4)})"
    return Law(formula, words, mean, std, low, high, UNIFORM_KURTOSIS, Uniform(low, high))


def normal(mean: float, std: float, formula: str) -> Law:
    """N(mean, std²)."""
    words = f"N({plain(mean)}, {short(std)}²), not cut"
    return Law(formula, words, mean, std, -math.inf, math.inf, NORMAL_KURTOSIS, Normal(mean, std))


def cut_normal(mean: float, scale: float) -> Law:
    """N(mean, scale²) cut as Keras cuts it."""
    std, reach = scale * CUT_STD, CUT * scale
    limits = f"±{short(reach, 4)}" if mean == 0 else f"{plain(mean)} ± {short(reach, 4)}"
    words = f"N({plain(mean)}, {short(std)}²) cut at {limits}"
    formula = f"σ = 0.8796·stddev = 0.8796·{plain(scale)} = {short(std, 6)}"
    return Law(formula, words, mean, std, mean - reach, mean + reach, CUT_KURTOSIS, Normal(mean, scale, CUT))


def points(formula: str, words: str, atoms: tuple[tuple[float, float], ...]) -> Law:
    """Single values, as (value, probability)."""
    mean = sum(value * probability for value, probability in atoms)
    std = math.sqrt(sum((value - mean) ** 2 * probability for value, probability in atoms))
    values = [value for value, _ in atoms]
    return Law(formula, words, mean, std, min(values), max(values), math.nan, Points(tuple(sorted(atoms))))


ROUNDING = 1e-6
"""How far beyond a limit, as a share of it, a float32 may lie by its rounding alone."""


def bin_range(low: float, high: float) -> tuple[float, float]:
    """Where a histogram of weights between low and high begins and ends: never so close that bins have no width."""
    size = max(abs(low), abs(high))
    if high - low > 1e-6 * size:
        return low, high
    margin = max(0.5, 1e-3 * size) if size else 0.5
    return low - margin, high + margin


def bin_edges(law: Law, low: float, high: float, bins: int) -> Floats:
    """The edges of about ``bins`` bins over weights from low to high, none of them across a hard edge of the law.

    Between the law's two limits the bins are equal and whole; weights outside, by more than rounding, get bins of their
    own. A law of dependent weights has its limits far outside of what is drawn, and is binned by the weights alone.
    """
    span, size = law.high - law.low, max(abs(law.low), abs(law.high))
    if law.dependent or not math.isfinite(span) or span <= ROUNDING * size:
        return np.linspace(*bin_range(low, high), bins + 1)
    below, above = (outside if outside > ROUNDING * size else 0.0 for outside in (law.low - low, high - law.high))
    share = bins / (span + below + above)
    inside = np.linspace(law.low, law.high, max(1, round(span * share)) + 1)
    under: Floats = np.linspace(low, law.low, max(1, round(below * share)) + 1)[:-1] if below else np.empty(0)
    over: Floats = np.linspace(law.high, high, max(1, round(above * share)) + 1)[1:] if above else np.empty(0)
    return np.concatenate([under, inside, over])
