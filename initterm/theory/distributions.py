"""How probability lies along the line, for every kind of distribution that an initializer draws from.

Written by hand, as theory is numpy alone; the tests check each against its twin in ``scipy.stats``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from initterm.theory.arrays import Floats
from initterm.theory.quadrature import normal_cdf


class Distribution(Protocol):
    """How probability lies along the line."""

    def density(self, x: Floats) -> Floats:
        """The probability density at each ``x``."""

    def cdf(self, x: Floats) -> Floats:
        """P(w ≤ x) at each ``x``."""


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
