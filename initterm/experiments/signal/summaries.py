"""Networks summed up: medians and spreads over them, in logarithms, where one that is odd has its place among them."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import TypeVar

from initterm.experiments.message import Number, finite
from initterm.experiments.signal import events
from initterm.theory.phases import Verdict, factor_per_layer

Told = TypeVar("Told")

LOW, HIGH = 0.1, 0.9
FEWEST_FOR_DECILES = 9
"""Of fewer networks the least and the largest are told in the place of the 10% and the 90%."""


@dataclass(frozen=True)
class Spread:
    """A quantity over networks: its median, 10% and 90%, between two networks in logarithms; None where there are none.

    0 is the least, and infinite the largest. Of n networks the p-quantile is number p(n + 1), under which a further
    network lies with a probability of p: of few they are the least and the largest.
    """

    median: Number
    low: Number
    high: Number

    @classmethod
    def of(cls, values: Iterable[Number]) -> Spread:
        """Of these values, those that are known, which aren't negative."""
        known = sorted(value for value in values if value is not None)
        if not known:
            return cls(None, None, None)
        return cls(*(_quantile(known, share, between=_in_logarithms) for share in (0.5, LOW, HIGH)))

    @classmethod
    def of_any(cls, values: Iterable[Number]) -> Spread:
        """Of values of either sign, between two of them in a straight line."""
        known = sorted(value for value in values if value is not None)
        if not known:
            return cls(None, None, None)
        return cls(*(_quantile(known, share, between=_straight) for share in (0.5, LOW, HIGH)))


def _quantile(known: Sequence[float], share: float, between: Callable[[float, float, float], float]) -> float:
    """The quantile of rising values."""
    place = min(max(share * (len(known) + 1), 1.0), float(len(known))) - 1
    below = math.floor(place)
    return between(known[below], known[min(below + 1, len(known) - 1)], place - below)


def _straight(a: float, b: float, part: float) -> float:
    return a if a == b else a + part * (b - a)


def _in_logarithms(a: float, b: float, part: float) -> float:
    """Between two values; the nearer one where one has no logarithm, in the middle that which has one."""
    if a == b or part == 0:
        return a
    if a > 0 and b < math.inf:
        return float(a ** (1 - part) * b**part)
    if part == 0.5:
        return b if a == 0 else a
    return a if part < 0.5 else b


@dataclass(frozen=True)
class LayerSummary:
    """A layer over all networks measured so far: medians and spreads over them.

    An oddity is that of the network in the middle: it is told where most have it. ``correlations`` are as in
    ``LayerSignal``.
    """

    layer: int
    activation: Spread
    gradient: Spread
    oddity: events.Oddity
    gradient_oddity: events.Oddity
    preactivation_std: Number
    weight_gradient_std: Number
    dead_fraction: Number
    saturated_fraction: Number
    activation_quantiles: tuple[float, ...] = ()
    gradient_quantiles: tuple[float, ...] = ()
    correlations: tuple[Spread, ...] = ()


@dataclass(frozen=True)
class SignalSummary:
    """One contender: what each layer does, forward and backward, and what that comes to.

    Factors are geometric means over a network's layers, and these are spread over networks.
    """

    forward: Spread
    backward: Spread
    verdict: Verdict
    measured: bool

    @property
    def forward_factor(self) -> Number:
        """By how much a layer multiplies the signal's std, of the network in the middle; None where it isn't finite."""
        return _finite(self.forward.median)

    @property
    def backward_factor(self) -> Number:
        """The same of the gradient's, from the last layer to the first."""
        return _finite(self.backward.median)


def forward_factor(network: events.SignalMeasured) -> Number:
    """By how much a layer multiplies the signal's std, as long as it is finite; infinite where it never is."""
    factor = factor_per_layer([layer.activation_std for layer in network.layers])
    return math.inf if factor is None and _exploded(network) else factor


def _exploded(network: events.SignalMeasured) -> bool:
    return any(layer.oddity in ("inf", "nan") for layer in network.layers)


def backward_factor(network: events.SignalMeasured) -> Number:
    """The same of the gradient's, on its way back; None where the signal was no number."""
    if _exploded(network):
        return None
    return factor_per_layer([layer.gradient_std for layer in reversed(network.layers)])


UNREACHED = events.LayerSignal(0, None, None, "unmeasured", None, None)
"""A layer of a network whose signal had almost gone before it."""


def summed(networks: Sequence[Sequence[events.LayerSignal]]) -> tuple[LayerSummary, ...]:
    """Layer by layer over the networks, down to the deepest that one of them reached."""
    deepest = max(map(len, networks), default=0)
    return tuple(
        _layer(index + 1, [layers[index] if index < len(layers) else UNREACHED for layers in networks])
        for index in range(deepest)
    )


def _layer(number: int, layers: Sequence[events.LayerSignal]) -> LayerSummary:
    """One layer of several networks."""
    activation, oddity = _ranked([(layer.activation_std, layer.oddity) for layer in layers])
    gradient, gradient_oddity = _ranked([(layer.gradient_std, layer.gradient_oddity) for layer in layers])
    starts = max(len(layer.correlations) for layer in layers)
    told = [layer.correlations for layer in layers if layer.correlations]
    return LayerSummary(
        layer=number,
        activation=activation,
        gradient=gradient,
        oddity=oddity,
        gradient_oddity=gradient_oddity,
        preactivation_std=_finite(Spread.of(layer.preactivation_std for layer in layers).median),
        weight_gradient_std=_finite(Spread.of(layer.weight_gradient_std for layer in layers).median),
        dead_fraction=_mean(layer.dead_fraction for layer in layers),
        saturated_fraction=_mean(layer.saturated_fraction for layer in layers),
        activation_quantiles=_first(layer.activation_quantiles for layer in layers) or (),
        gradient_quantiles=_first(layer.gradient_quantiles for layer in layers) or (),
        correlations=tuple(Spread.of_any(one[start] for one in told) for start in range(starts)),
    )


RANKS: dict[events.Oddity, float] = {"inf": math.inf, "nan": math.inf, "unmeasured": 0.0}
"""Where networks without a std stand among those that have one."""


def _ranked(told: Sequence[tuple[Number, events.Oddity]]) -> tuple[Spread, events.Oddity]:
    """The spread of stds; and what is odd about the network in the middle, whose std is None where it has none."""
    ranks = [(RANKS.get(oddity, 0.0) if std is None else std, oddity) for std, oddity in told]
    spread = Spread.of(rank for rank, _ in ranks)
    odd = Counter(oddity for rank, oddity in ranks if rank == spread.median and oddity)
    if not odd:
        return spread, ""
    oddity = odd.most_common(1)[0][0]
    return (spread if oddity == "zero" else Spread(None, spread.low, spread.high)), oddity


def _finite(value: Number) -> Number:
    return None if value is None else finite(value)


def _mean(values: Iterable[Number]) -> Number:
    known = [value for value in values if value is not None]
    return fmean(known) if known else None


def _first(told: Iterable[Told]) -> Told | None:
    """What is told of the first network of which something is."""
    return next(filter(None, told), None)
