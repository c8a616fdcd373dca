"""Where a deep chain goes in the end: fixed points of the variance map, the critical line, and the fix.

Poole et al. 2016, arXiv:1606.05340, and Schoenholz et al. 2017, arXiv:1611.01232. Roots are bisected and minima found
on a grid by hand, as theory is numpy alone; the tests check both against ``scipy.optimize``.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np

from initterm.theory.activation import Activation
from initterm.theory.arrays import Floats
from initterm.theory.initializers import InitializerSpec
from initterm.theory.numbers import rounded
from initterm.theory.propagation import Arrival, Chain, gradient_silence, tracks

Phase = Literal["ordered", "critical", "chaotic"]
Verdict = Literal["vanishing", "stable", "exploding"]

SMALLEST_Q, LARGEST_Q = 1e-12, 1e16
SETTLED = 1e-8
"""What the quadrature may err by: a map this close to q has q as its fixed point."""

CRITICAL_WITHIN = 1e-4
"""χ this close to 1 is called critical: the depth scale is then over ten thousand layers."""

TENFOLD = 10.0
"""A signal or gradient that changes by more than this over all layers vanishes or explodes."""

CLOSE = 3.0
"""A named initializer is fix enough where signal and gradient stay within this factor."""

WIDEST_SCALE = 1e3
FIX_STEPS = 33


@dataclass(frozen=True)
class FixedPoint:
    """Where the variance q of pre-activations settles: 0 where the signal dies, infinite where it grows for ever.

    ``chi`` is χ there; ``slope`` is the map's derivative, under 1 where the fixed point is stable.
    """

    q: float
    chi: float
    slope: float

    @property
    def stable(self) -> bool:
        """Whether what is near is drawn nearer."""
        return self.slope < 1 - CRITICAL_WITHIN

    @property
    def phase(self) -> Phase:
        """Ordered where gradients vanish (χ < 1), chaotic where they explode."""
        if abs(self.chi - 1) < CRITICAL_WITHIN:
            return "critical"
        return "ordered" if self.chi < 1 else "chaotic"

    @property
    def depth_scale(self) -> float:
        """ξ = 1/|ln χ|: over so many layers a gradient's variance changes by a factor of e (Schoenholz et al. 2017)."""
        if self.phase == "critical":
            return math.inf
        return 1 / abs(math.log(self.chi)) if self.chi > 0 else 0.0


def variance_map(activation: Activation, q: Floats, weight_variance: float, bias_std: float = 0.0) -> Floats:
    """One step, q ↦ σ_w² E[φ(√q z)²] + σ_b², for variances q of pre-activations (Poole et al. 2016, eq. 3)."""
    return weight_variance * activation.moments(np.sqrt(q)).square + bias_std**2


def chi(activation: Activation, q: float, weight_variance: float) -> float:
    """χ = σ_w² E[φ′(√q z)²], by which a layer multiplies the variance of gradients at equal widths."""
    at = min(max(q, SMALLEST_Q), LARGEST_Q)
    return weight_variance * float(activation.moments(math.sqrt(at)).slope_square)


def fixed_point(activation: Activation, weight_variance: float, bias_std: float = 0.0) -> FixedPoint:
    """Where the map leads from pre-activations of variance 1."""

    def excess(log_q: Floats) -> Floats:
        q = np.exp(log_q)
        return variance_map(activation, q, weight_variance, bias_std) / q - 1

    at = 0.0
    rise = float(excess(np.array(at)))
    if abs(rise) > SETTLED:
        end = math.log(LARGEST_Q if rise > 0 else SMALLEST_Q)
        at = next(iter(_roots(excess, at, end)), math.copysign(math.inf, rise))
    q = math.exp(at)
    return FixedPoint(q, chi(activation, q, weight_variance), _slope(activation, q, weight_variance, bias_std))


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


@dataclass(frozen=True, eq=False)
class PhaseDiagram:
    """What chains of each depth and weight variance σ_w² leave of a signal and of a gradient.

    ``signal`` and ``gradient`` are (depths, variances): the std at the last layer over that at the first, and the
    gradient's at the first over that at the last; NaN where theory doesn't know it. ``critical`` is None where
    there is no critical point.
    """

    weight_variances: Floats
    signal: Floats
    gradient: Floats
    critical: CriticalPoint | None


def phase_diagram(chain: Chain, arrival: Arrival, weight_variances: Floats) -> PhaseDiagram:
    """The diagram for chains like this one, of depth 1 to its own, with weights of these σ_w² (m,)."""
    signal, gradient = _ratios(chain, arrival, weight_variances)
    plain = not (chain.batch_norm or chain.residual)
    critical = critical_point(chain.phi, chain.bias_std) if plain else None
    if gradient_silence(chain):
        gradient = np.full_like(gradient, math.nan)
    return PhaseDiagram(weight_variances, signal, gradient, critical)


def _ratios(chain: Chain, arrival: Arrival, weight_variances: Floats) -> tuple[Floats, Floats]:
    """Signal and gradient by depth and weight variance, (depth, m) each."""
    variances = [weight_variances / shape.fan_in for shape in chain.shapes(arrival.width)]
    predictions = list(tracks(chain, arrival, variances))
    stds = np.stack([prediction.activation_std for prediction in predictions], axis=-1)
    factors = np.stack([prediction.gradient_factor for prediction in predictions], axis=-1)
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        gradient = np.cumprod(np.concatenate([np.ones_like(factors[:1]), factors[1:]]), axis=0)
        return stds / stds[0], gradient


@dataclass(frozen=True)
class ScaleFix:
    """The variance scaling with mode fan_in that changes signal and gradient least over a chain.

    ``signal`` and ``gradient`` are what it leaves of them over all layers.
    """

    initializer: InitializerSpec
    scale: float
    signal: float
    gradient: float

    @property
    def works(self) -> bool:
        """Whether it keeps both within tenfold."""
        return all(1 / TENFOLD <= ratio <= TENFOLD for ratio in (self.signal, self.gradient))


@lru_cache(maxsize=64)
def fix(chain: Chain, arrival: Arrival) -> ScaleFix | None:
    """The fix for a chain; None where theory doesn't know the gradient, or any scale is undone by normalization.

    It is he_normal or lecun_normal where one of them keeps both within threefold, else the scale, to 3 digits, with
    the least ln² signal + ln² gradient, found on a grid that is made finer twice around its best.
    """
    if chain.batch_norm or gradient_silence(chain):
        return None
    scales = np.array([2.0, 1.0])
    losses = _loss(chain, arrival, scales)
    if losses.min() <= math.log(CLOSE) ** 2:
        return _fix(chain, arrival, float(scales[losses.argmin()]))
    low, high = -math.log(WIDEST_SCALE), math.log(WIDEST_SCALE)
    for _ in range(3):
        scales = np.exp(np.linspace(low, high, FIX_STEPS))
        best = math.log(scales[_loss(chain, arrival, scales).argmin()])
        step = 1.5 * (high - low) / (FIX_STEPS - 1)
        low, high = best - step, best + step
    return _fix(chain, arrival, rounded(math.exp(best), 3))


def _fix(chain: Chain, arrival: Arrival, scale: float) -> ScaleFix:
    signal, gradient = (float(ratio[-1, 0]) for ratio in _ratios(chain, arrival, np.array([scale])))
    return ScaleFix(variance_scaling(scale), scale, signal, gradient)


def _loss(chain: Chain, arrival: Arrival, scales: Floats) -> Floats:
    """ln² of the signal and of the gradient that are left, infinite where either is 0 or NaN."""
    signal, gradient = (ratio[-1] for ratio in _ratios(chain, arrival, scales))
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        loss: Floats = np.nan_to_num(np.log(signal) ** 2 + np.log(gradient) ** 2, nan=math.inf)
        return loss


def variance_scaling(scale: float) -> InitializerSpec:
    """Weights of variance scale/fan_in, by the shortest name they have."""
    named = {2.0: "he_normal", 1.0: "lecun_normal"}
    return InitializerSpec(named[scale]) if scale in named else InitializerSpec("variance_scaling", (("scale", scale),))


def factor_per_layer(stds: Sequence[float | None]) -> float | None:
    """The geometric mean of what each layer makes of the one before, from the first std to the last finite one.

    0 where nothing is passed on, 1 where there is one layer; None where no second std is finite.
    """
    known = list(itertools.takewhile(math.isfinite, (math.nan if std is None else std for std in stds)))
    if len(known) < 2:
        return 1.0 if len(stds) == len(known) == 1 else None
    if known[0] == 0:
        return 0.0 if known[-1] == 0 else None
    return float((known[-1] / known[0]) ** (1 / (len(known) - 1)))


def verdict(forward: float | None, backward: float | None, depth: int) -> Verdict:
    """By what comes of both factors over all layers, the one farther from 1; exploding where there is neither."""
    known = [factor for factor in (forward, backward) if factor is not None]
    totals = [depth * math.log(factor) if factor > 0 else -math.inf for factor in known]
    worst = max(totals, key=abs, default=math.inf)
    if abs(worst) <= math.log(TENFOLD):
        return "stable"
    return "vanishing" if worst < 0 else "exploding"
