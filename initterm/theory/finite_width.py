"""How much networks of finite width differ from each other, in logarithms of stds, from the moments of an activation.

A layer of n units hands on a mean over n, which errs by 1/√n of its units' std; over the layers these errors add up in
logarithms. Of a ReLU network and one input the variance of ln of the squared norm is 5·depth/width (Hanin 2018,
arXiv:1801.03744; Hanin & Nica 2020, arXiv:1812.05994). A std over a batch errs less as long as its inputs are unlike:
that is followed by the mean and the variance of their correlations, and by the overlaps of their gradients.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from initterm.theory.activation import Activation
from initterm.theory.arrays import Floats
from initterm.theory.initializers import InitializerSpec
from initterm.theory.laws import law_of
from initterm.theory.numbers import rounded
from initterm.theory.overlaps import Overlap, Overlaps, overlaps
from initterm.theory.propagation import LARGEST_VARIANCE, Arrival, Chain, Prediction

BATCH = 256
"""Inputs that a std is taken over."""

NORMAL_DECILE = 1.2815515655446004
"""Within so many stds of its mean lie 80% of a normal, from its 10% to its 90%."""

STEP = 0.05
"""How far apart logarithms are where a derivative is taken."""

MOST_ALIKE, RESOLVED = 0.99999, 0.99
"""Inputs of a larger correlation are taken for this alike; over the other one it hardly changes how units scatter z."""

LARGEST_NOISE = 0.6
"""Where a layer's mean square has a larger variance, relative to its mean, it is too narrow to be known."""

SMALLEST_SQUARE, LARGEST_SQUARE, SMALLEST_SHARE = 1e-100, 1e100, 1e-6
"""Of E[φ²], and of φ's variance in it: beyond, what is told relative to their squares is lost in rounding."""

LARGEST_DEVIATION = 0.7
"""Up to this std of ln q a map that bends is followed by its derivatives."""


@dataclass(frozen=True, eq=False)
class WidthSpread:
    """What finite width does to a std at each layer, (depth,): ln of it over that of infinite width.

    It is close to normal over networks, of this ``mean`` and ``std``, which are NaN from where they aren't known.
    """

    mean: Floats
    std: Floats

    def quantiles(self, stds: Floats) -> tuple[Floats, Floats, Floats]:
        """The 10%, 50% and 90% over networks, where those of infinite width have these stds."""
        with np.errstate(over="ignore", invalid="ignore"):
            off = np.array([[-NORMAL_DECILE], [0.0], [NORMAL_DECILE]])
            low, middle, high = stds * np.exp(self.mean + off * self.std)
        return low, middle, high


@dataclass(frozen=True)
class Pairs:
    """The correlations of a batch's inputs two by two, by Fisher's z = artanh c: its mean and variance over pairs."""

    mean: float
    variance: float

    @classmethod
    def of(cls, correlations: Floats, moved: Floats | float = 0.0, scattered: Floats | float = 0.0) -> Pairs:
        """Of these correlations, equally many of each; ``moved`` and ``scattered`` add to mean and variance of z."""
        z = np.arctanh(np.clip(correlations, -MOST_ALIKE, MOST_ALIKE)) + moved
        return cls(float(z.mean()), float(z.var() + np.mean(scattered)))

    @property
    def two(self) -> Floats:
        """Two correlations whose z are of this mean and variance."""
        off = math.sqrt(self.variance)
        return np.clip(np.tanh([self.mean - off, self.mean + off]), -MOST_ALIKE, MOST_ALIKE)


@dataclass(frozen=True)
class WideLayer:
    """A layer of n units.

    Attributes:
        n: its units.
        overlaps: those of its activation at its variance q.
        pairs: the correlations of the batch's pre-activations.
        mean: of δ, ln of the pre-activations' variance over that of infinite width.
        variance: of δ over networks.
        std_slope: the derivative of ln of the activations' variance by ln q.
        std_noise: the variance of the activations' variance where q is known, relative to its mean.
    """

    n: int
    overlaps: Overlaps
    pairs: Pairs
    mean: float
    variance: float
    std_slope: float
    std_noise: float


def wide_layers(
    activation: Activation, variances: Floats, bias_std: float, widths: Sequence[int], arriving: Pairs
) -> Iterator[WideLayer]:
    """The layers one after the other, up to where networks differ too much for that to be known.

    Args:
        activation: φ.
        variances: of the pre-activations of infinitely wide layers, (depth,), all over 0.
        bias_std: σ_b.
        widths: units of each layer.
        arriving: the correlations of what comes to the first layer.
    """
    slopes, bends, std_slopes = _log_slopes(activation, variances)
    shares = (1 - bias_std**2 / variances).tolist()
    mean, variance = 0.0, 0.0
    pairs = Pairs.of(shares[0] * arriving.two + 1 - shares[0])
    for at, (n, share) in enumerate(zip(widths, (*shares[1:], 1.0), strict=True)):
        here = _overlaps_at(activation, float(variances[at]))
        noise, std_noise = (part / n for part in (_square_noise(here, pairs), _std_noise(here, pairs)))
        bent = math.sqrt(variance) > LARGEST_DEVIATION and not activation.homogeneous
        if bent or not (noise < LARGEST_NOISE and std_noise < LARGEST_NOISE):
            return
        yield WideLayer(n, here, pairs, mean, variance, std_slopes[at], std_noise)
        slope, passed = share * slopes[at], share**2 * noise
        mean = slope * mean + share * bends[at] * variance / 2 + _log_mean(passed)
        variance = slope**2 * variance + _log_variance(passed)
        pairs = _next_pairs(here, pairs, share, n)


def _overlaps_at(activation: Activation, variance: float) -> Overlaps:
    return overlaps(activation, 1.0 if activation.homogeneous else rounded(variance, 9))


def _is_told(activation: Activation, variance: float) -> bool:
    """Whether the signal at this variance of pre-activations is neither lost nor boundless."""
    if not 0 < variance < LARGEST_VARIANCE:
        return False
    here = _overlaps_at(activation, variance)
    square = here.value.whole
    return SMALLEST_SQUARE < square < LARGEST_SQUARE and square - here.mean**2 > SMALLEST_SHARE * square


def _log_slopes(activation: Activation, variances: Floats) -> tuple[list[float], list[float], list[float]]:
    """By ln q: the derivative of ln E[φ²], its own derivative, and the derivative of ln of φ's variance."""
    moments = activation.moments(np.sqrt(variances * np.exp([[-STEP], [0.0], [STEP]])))
    least = np.finfo(np.float64).tiny
    square, spread = (np.log(np.maximum(part, least)) for part in (moments.square, moments.std**2))
    bend = (square[2] - 2 * square[1] + square[0]) / STEP**2
    slope, std_slope = ((part[2] - part[0]) / (2 * STEP) for part in (square, spread))
    return slope.tolist(), bend.tolist(), std_slope.tolist()


def _over_pairs(overlap: Overlap, pairs: Pairs) -> float:
    """The mean of an overlap over all pairs of the batch, an input and itself among them."""
    return (overlap.whole + (BATCH - 1) * float(overlap.at(pairs.two).mean())) / BATCH


def _square_noise(here: Overlaps, pairs: Pairs) -> float:
    """What a unit adds to the activations' mean square: the variance of φ², meaned over the batch, relative."""
    return _at_least_0(_over_pairs(here.square, pairs) / here.value.whole**2 - 1)


def _at_least_0(variance: float) -> float:
    """A variance that rounding made negative is 0; NaN stays NaN."""
    return 0.0 if variance < 0 else variance


def _std_noise(here: Overlaps, pairs: Pairs) -> float:
    """What a unit adds to the activations' variance: that of φ² − 2φE[φ], meaned over the batch, relative."""
    square, mean = here.value.whole, here.mean
    covariance = (
        _over_pairs(here.square, pairs)
        - square**2
        - 4 * mean * (_over_pairs(here.skew, pairs) - square * mean)
        + 4 * mean**2 * (_over_pairs(here.value, pairs) - mean**2)
    )
    return _at_least_0(covariance / (square - mean**2) ** 2)


def _next_pairs(here: Overlaps, pairs: Pairs, share: float, n: int) -> Pairs:
    """The correlations one layer on: what the map makes of them, and what n units do to z, to the order of 1/n."""
    square = here.value.whole
    after = share * here.value.at(pairs.two) / square + 1 - share
    two = np.clip(pairs.two, -RESOLVED, RESOLVED)
    mapped, fourth = here.value.at(two) / square, here.square.whole / square**2
    both, cubed = here.square.at(two) / square**2, here.cube.at(two) / square**2
    unlike = np.maximum(1 - (share * mapped + 1 - share) ** 2, 1 - MOST_ALIKE**2)
    bias = share * (0.75 * fourth * mapped + 0.25 * both * mapped - cubed) / n
    scatter = share**2 * np.maximum(both * (1 + mapped**2 / 2) - 2 * mapped * cubed + mapped**2 * fourth / 2, 0.0) / n
    return Pairs.of(after, bias / unlike + mapped * scatter / unlike**2, scatter / unlike**2)


def _log_mean(noise: float) -> float:
    """E[ln x] of a gamma variable of mean 1 and this variance, to its second order."""
    return -noise / 2 - noise**2 / 12


def _log_variance(noise: float) -> float:
    """Var[ln x] of the same, to the third order."""
    return noise + noise**2 / 2 + noise**3 / 6


def signal_spread(layers: Sequence[WideLayer], depth: int) -> WidthSpread:
    """Of the std of activations at each layer: ½ ln of their variance."""
    means = [one.std_slope * one.mean + _log_mean(one.std_noise) for one in layers]
    variances = [one.std_slope**2 * one.variance + _log_variance(one.std_noise) for one in layers]
    unknown = np.full(depth - len(layers), np.nan)
    return WidthSpread(np.append(means, unknown) / 2, np.append(np.sqrt(variances), unknown) / 2)


def gradient_spread(layers: Sequence[WideLayer]) -> WidthSpread:
    """Of the std of gradients at each layer, where independent ones of std 1 arrive at the last one.

    It holds for activations with φ(cz) = cφ(z), whose slopes don't depend on how large the signal has become.
    """
    mean, variance, alike, uneven = 0.0, 0.0, 0.0, 1.0
    means, stds = [0.0], [math.sqrt(2 / BATCH / layers[-1].n)]
    for layer, below in itertools.pairwise(reversed(layers)):
        own, other, kept = _slope_noises(layer, alike)
        itself = uneven / (BATCH - 1 + uneven)
        noise = (itself * own + (1 - itself) * other) / layer.n
        mean += _log_mean(noise)
        variance += _log_variance(noise)
        alike = min((kept + (other + 1 - kept) / layer.n) / (1 + other / layer.n), 1.0)
        uneven *= (1 + own / layer.n) / (1 + other / layer.n)
        itself = uneven / (BATCH - 1 + uneven)
        last = (itself + (1 - itself) * alike) * 2 / below.n
        means.append(mean - last / 2)
        stds.append(math.sqrt(variance + last))
    return WidthSpread(np.array(means[::-1]) / 2, np.array(stds[::-1]) / 2)


def _slope_noises(layer: WideLayer, alike: float) -> tuple[float, float, float]:
    """What a unit adds to a gradient's square, relative: of an input with itself, and of two.

    The third is the mean square of what is left of two inputs' gradients' correlation, whose own is ``alike``.
    """
    here, two = layer.overlaps, layer.pairs.two
    steep = here.slope.whole**2
    own = 3 * here.slope_square.whole / steep - 1
    other = float(here.slope_square.at(two).mean()) / steep * (1 + 2 * alike) - 1
    return own, other, float((here.slope.at(two) ** 2).mean()) / steep * alike


@dataclass(frozen=True, eq=False)
class Spreads:
    """The spread of signal and of gradients; None where theory doesn't know it, and why: ``silent`` for both."""

    signal: WidthSpread | None
    gradient: WidthSpread | None
    silent: str = ""
    gradient_silent: str = ""


def spreads(chain: Chain, initializer: InitializerSpec, arrival: Arrival, prediction: Prediction) -> Spreads:
    """How networks of a chain differ, by what is predicted for infinitely wide ones.

    Raises:
        Refusal: the initializer can't serve one of the shapes.
    """
    if why := _silence(chain, initializer, arrival, prediction):
        return Spreads(None, None, why, why)
    variances = prediction.preactivation_std**2
    variances = np.array(list(itertools.takewhile(lambda q: _is_told(chain.phi, q), variances.tolist())))
    if not variances.size:
        return Spreads(None, None, LOST, LOST)
    layers = list(wide_layers(chain.phi, variances, chain.bias_std, chain.hidden[: variances.size], _arriving(arrival)))
    signal = signal_spread(layers, chain.depth) if layers else None
    if not chain.phi.homogeneous or chain.bias_std:
        why = f"how far apart gradients come is known for ReLU and its kin without biases, not for {chain.phi.title}"
    elif len(layers) < chain.depth:
        why = NARROW if len(layers) < variances.size else LOST
    return Spreads(signal, None if why else gradient_spread(layers), "" if signal else NARROW, why)


NARROW = "networks so narrow differ too much from each other"
LOST = "the signal is too small, or too large, for its spread to be told"


def _silence(chain: Chain, initializer: InitializerSpec, arrival: Arrival, prediction: Prediction) -> str:
    if prediction.silent:
        return prediction.silent
    if chain.batch_norm or chain.residual:
        return "how far networks differ is known for plain layers alone"
    if any(not law_of(initializer, shape).independent for shape in set(chain.shapes(arrival.width))):
        return "its weights depend on each other, and how far networks differ is known for independent ones"
    return ""


def _arriving(arrival: Arrival) -> Pairs:
    """Of the inputs of the batch."""
    return Pairs(arrival.correlation, 1 / arrival.width if arrival.scatter is None else arrival.scatter)
