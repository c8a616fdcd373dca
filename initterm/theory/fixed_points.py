"""Where the variance and the correlation of a deep chain's signals settle, how fast, and the critical point.

Poole et al. 2016, arXiv:1606.05340, and Schoenholz et al. 2017, arXiv:1611.01232. Roots are bisected by hand, as theory
is numpy alone; the tests check them against ``scipy.optimize``.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np

from initterm.theory.activation import Activation
from initterm.theory.arrays import Floats
from initterm.theory.overlaps import Overlap, overlaps

Phase = Literal["ordered", "critical", "chaotic"]
Stability = Literal["attracts", "attracts slowly", "neutral", "repels", "none"]
"""What a fixed point does to a variance near it; none where variances grow without end."""

SMALLEST_Q, LARGEST_Q = 1e-12, 1e16
SETTLED = 1e-8
"""What the quadrature may err by: a map this close to q has q as its fixed point."""

CRITICAL_WITHIN = 1e-4
"""χ this close to 1 is called critical: the depth scale is then over ten thousand layers."""

NEAR, DRIFT = 0.3, 1e-6
"""Where the slope is 1, it is seen this far from ln q whether a variance is drawn nearer, by more than ``DRIFT``."""

MOST_ROUNDS, STEPS = 30, 8
"""A map that falls somewhere is iterated so many steps at a time, until what is left to the fixed point rises."""


def depth_scale(factor: float) -> float:
    """1/|ln factor|: over so many layers what each multiplies by a factor changes by e; infinite of a factor of 1."""
    if abs(factor - 1) < CRITICAL_WITHIN:
        return math.inf
    return 0.0 if factor <= 0 or math.isinf(factor) else 1 / abs(math.log(factor))


@dataclass(frozen=True)
class FixedPoint:
    """Where the variance q of pre-activations settles: 0 where the signal dies, infinite where it grows for ever.

    ``chi`` is χ there; ``slope`` is the variance map's derivative, under 1 where it draws nearer what is near.
    """

    activation: Activation
    weight_variance: float
    bias_std: float
    q: float
    chi: float
    slope: float

    @property
    def within(self) -> float:
        """q, or where the map is like that at 0 or without end."""
        return min(max(self.q, SMALLEST_Q), LARGEST_Q)

    @cached_property
    def stability(self) -> Stability:
        """What becomes of a variance that is a little off."""
        if self.q == math.inf:
            return "none"
        if abs(self.slope - 1) > CRITICAL_WITHIN:
            return "attracts" if self.slope < 1 else "repels"
        off = self.within * np.exp([-NEAR, NEAR]) if self.q else np.array([1e-2, 1e-2])
        below, above = variance_map(self.activation, off, self.weight_variance, self.bias_std) / off - 1
        if self.q and max(abs(below), abs(above)) < DRIFT:
            return "neutral"
        return "attracts slowly" if above < 0 and (below > 0 or not self.q) else "repels"

    @property
    def stable(self) -> bool:
        """Whether what is near is drawn nearer, however slowly."""
        return self.stability.startswith("attracts")

    @property
    def phase(self) -> Phase:
        """Ordered where gradients vanish (χ < 1), chaotic where they explode."""
        if abs(self.chi - 1) < CRITICAL_WITHIN:
            return "critical"
        return "ordered" if self.chi < 1 else "chaotic"

    @property
    def gradient_scale(self) -> float:
        """ξ_∇ = 1/|ln χ|: over so many layers a gradient's variance changes by e (Schoenholz et al. 2017, eq. 17)."""
        return depth_scale(self.chi)

    @property
    def variance_scale(self) -> float:
        """ξ_q: over so many layers the variance comes nearer to q by a factor of e (the same, eq. 8)."""
        return depth_scale(self.slope)

    @cached_property
    def correlation(self) -> float | None:
        """c*, to which the correlation of two inputs is drawn; None where nothing passes, or too much to know it.

        The map from correlation to correlation is convex from 0 to 1 and has 1 as a fixed point: it has another one
        under 1 where its slope at 1 is more than 1, and that one attracts.
        """
        step, whole = self._correlation_map
        if not 0 < whole < math.inf:
            return None
        return _attractor(step, whole, self.weight_variance, self.bias_std**2)

    @property
    def correlation_slope(self) -> float | None:
        """The correlation map's derivative at c*: σ_w² E[φ′(u₁)φ′(u₂)] once the variance has settled (eq. 9)."""
        step, whole = self._correlation_map
        return None if self.correlation is None else self.weight_variance * step.slope_at(self.correlation) / whole

    @property
    def correlation_scale(self) -> float | None:
        """ξ_c: over so many layers a correlation comes nearer to c* by a factor of e; how deep inputs can be told."""
        return None if (slope := self.correlation_slope) is None else depth_scale(slope)

    @property
    def keeps_correlations(self) -> bool:
        """Whether every correlation stays as it is, as in linear layers."""
        step, whole = self._correlation_map
        half = (self.weight_variance * float(step.at(0.5)) + self.bias_std**2) / whole
        return abs(half - 0.5) < DRIFT

    @cached_property
    def _correlation_map(self) -> tuple[Overlap, float]:
        """E[φφ] by correlation, and the variance that the next layer has."""
        step = overlaps(
            self.activation, 1.0 if self.activation.homogeneous and not self.bias_std else self.within
        ).value
        return step, self.weight_variance * step.whole + self.bias_std**2


def _attractor(step: Overlap, whole: float, weight_variance: float, bias_variance: float) -> float:
    """The fixed point of c ↦ (σ_w² E[φφ] + σ_b²)/q that correlations are drawn to."""

    def excess(c: Floats) -> Floats:
        return (weight_variance * step.at(c) + bias_variance) / whole - c

    if weight_variance * step.slope_at(1.0) / whole <= 1 + CRITICAL_WITHIN:
        return 1.0
    grid = np.concatenate([np.linspace(0, 0.99, 100), 1 - np.geomspace(1e-2, 1e-9, 30)])
    values = excess(grid)
    if values[0] <= SETTLED:
        return 0.0
    return _bisected(excess, 0.0, float(grid[values.argmin()]), 1.0)


def variance_map(activation: Activation, q: Floats, weight_variance: float, bias_std: float = 0.0) -> Floats:
    """One step, q ↦ σ_w² E[φ(√q z)²] + σ_b², for variances q of pre-activations (Poole et al. 2016, eq. 3)."""
    with np.errstate(over="ignore"):
        return weight_variance * activation.moments(np.sqrt(q)).square + bias_std**2


def chi(activation: Activation, q: float, weight_variance: float) -> float:
    """χ = σ_w² E[φ′(√q z)²], by which a layer multiplies the variance of gradients at equal widths."""
    at = min(max(q, SMALLEST_Q), LARGEST_Q)
    return weight_variance * float(activation.moments(math.sqrt(at)).slope_square)


def fixed_point(
    activation: Activation, weight_variance: float, bias_std: float = 0.0, start: float = 1.0
) -> FixedPoint:
    """Where the map leads from pre-activations of variance ``start``, which is over 0.

    Where the map rises from there to the fixed point nearest in the direction that it takes, that is where it leads.
    Where it falls in between it is iterated until it rises: a mean square falls at most as 1/√q, so that a fixed point
    on a falling stretch attracts.
    """

    def excess(log_q: Floats) -> Floats:
        q = np.exp(log_q)
        return variance_map(activation, q, weight_variance, bias_std) / q - 1

    at = math.log(min(max(start, SMALLEST_Q), LARGEST_Q))
    for _ in range(MOST_ROUNDS):
        rise = float(excess(np.array(at)))
        if abs(rise) <= SETTLED or math.isnan(rise):
            break
        end = math.log(LARGEST_Q if rise > 0 else SMALLEST_Q)
        led = next(iter(_roots(excess, at, end)), math.copysign(math.inf, rise))
        if _rises(excess, at, led if math.isfinite(led) else end):
            at = led
            break
        for _ in range(STEPS):
            at += math.log1p(max(float(excess(np.array(at))), SMALLEST_Q - 1))
            at = min(max(at, math.log(SMALLEST_Q)), math.log(LARGEST_Q))
    q = math.exp(at)
    slope = _slope(activation, q, weight_variance, bias_std)
    return FixedPoint(activation, weight_variance, bias_std, q, chi(activation, q, weight_variance), slope)


def _rises(excess: Callable[[Floats], Floats], start: float, end: float) -> bool:
    """Whether the map rises from start to end, both logarithms of q."""
    grid = np.linspace(min(start, end), max(start, end), 100)
    with np.errstate(all="ignore"):
        mapped = grid + np.log1p(np.asarray(excess(grid)))
        return not bool((np.diff(mapped) < -SETTLED).any())


def _slope(activation: Activation, q: float, weight_variance: float, bias_std: float) -> float:
    at = min(max(q, SMALLEST_Q), LARGEST_Q)
    step = 1e-3
    low, high = variance_map(activation, np.array([at * (1 - step), at * (1 + step)]), weight_variance, bias_std)
    return float(high - low) / (2 * step * at) if math.isfinite(high) else math.inf


def _roots(function: Callable[[Floats], Floats], start: float, end: float) -> Iterator[float]:
    """Where a function changes sign between start and end, from start on; what the quadrature may err by is no sign."""
    grid = np.linspace(start, end, 400)
    values = np.asarray(function(grid))
    signs = np.sign(values)
    for left, right in itertools.pairwise(np.flatnonzero(np.abs(values) > SETTLED)):
        if signs[left] != signs[right]:
            yield _bisected(function, float(grid[left]), float(grid[right]), float(signs[left]))


def _bisected(function: Callable[[Floats], Floats], left: float, right: float, sign: float) -> float:
    for _ in range(50):
        middle = (left + right) / 2
        left, right = (middle, right) if float(function(np.array(middle))) * sign > 0 else (left, middle)
    return (left + right) / 2


@dataclass(frozen=True)
class CriticalPoint:
    """Weights of variance ``weight_variance``/fan_in whose fixed point ``q`` has χ = 1."""

    weight_variance: float
    q: float


def critical_point(activation: Activation, bias_std: float = 0.0) -> CriticalPoint | None:
    """The critical point for normal biases of std σ_b; None where a signal of variance 1 is led to none.

    On the curve of weight variances σ_w²(q) = (q − σ_b²)/E[φ²] that have q as a fixed point, it is where χ = 1. That
    may be between the ends of the curve, or at one of them: at 0 for tanh without biases, anywhere for ReLU.
    """
    bias_variance = bias_std**2

    def excess(log_q: Floats) -> Floats:
        moments = activation.moments(np.exp(log_q / 2))
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            return np.nan_to_num((np.exp(log_q) - bias_variance) * moments.slope_square / moments.square - 1)

    low, high = math.log(max(bias_variance * (1 + 1e-9), SMALLEST_Q)), math.log(LARGEST_Q)
    for at in (*_roots(excess, low, high), low, high):
        q = math.exp(at)
        square = float(activation.moments(math.sqrt(q)).square)
        if not 0 < square < math.inf:
            continue
        weight_variance = (q - bias_variance) / square
        reached = fixed_point(activation, weight_variance, bias_std)
        if abs(reached.chi - 1) < CRITICAL_WITHIN:
            return CriticalPoint(weight_variance, reached.q)
    return None
