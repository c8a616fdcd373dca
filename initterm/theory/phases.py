"""What chains of each depth and weight variance leave of signal and gradient, the fix, and the verdict.

Poole et al. 2016, arXiv:1606.05340, and Schoenholz et al. 2017, arXiv:1611.01232. Minima are found on a grid by hand,
as theory is numpy alone; the tests check them against ``scipy.optimize``.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np

from initterm.theory.arrays import Floats
from initterm.theory.fixed_points import CriticalPoint, critical_point
from initterm.theory.initializers import InitializerSpec
from initterm.theory.numbers import rounded
from initterm.theory.propagation import Arrival, Chain, gradient_silence, tracks

Verdict = Literal["vanishing", "shrinking", "stable", "growing", "exploding"]
"""By what is left after all layers: within threefold, within tenfold, or further off."""

TENFOLD = 10.0
"""A signal or gradient that changes by more than this over all layers vanishes or explodes."""

CLOSE = 3.0
"""What stays within this factor is stable, and a named initializer that does it is fix enough."""

WIDEST_SCALE = 1e3
FIX_STEPS = 33


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
    if abs(worst) <= math.log(CLOSE):
        return "stable"
    if abs(worst) <= math.log(TENFOLD):
        return "shrinking" if worst < 0 else "growing"
    return "vanishing" if worst < 0 else "exploding"
