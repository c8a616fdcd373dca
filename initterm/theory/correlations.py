"""The correlation of two inputs by layer, for infinitely wide layers (Poole et al. 2016, arXiv:1606.05340, eq. 5)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from initterm.theory.arrays import Floats
from initterm.theory.initializers import InitializerSpec
from initterm.theory.laws import law_of
from initterm.theory.numbers import rounded
from initterm.theory.overlaps import overlaps
from initterm.theory.propagation import LARGEST_VARIANCE, Arrival, Chain

STARTS = (0.0, 0.5, 0.9)
"""The correlations of the pairs of inputs that are followed."""


def correlation_silence(chain: Chain) -> str:
    """Why theory says nothing about correlations where it speaks of stds; empty where it does."""
    if chain.batch_norm:
        return "with batch normalization what becomes of two inputs depends on the rest of their batch"
    return ""


def correlations(
    chain: Chain, initializer: InitializerSpec, arrival: Arrival, starts: Sequence[float] = STARTS
) -> Floats:
    """The correlation E[h h′]/√(E[h²]E[h′²]) of two inputs' pre-activations at each layer, (depth, starts).

    Both inputs are equally large. NaN from where the variance is 0 or no longer a number.

    Raises:
        Refusal: the initializer can't serve one of the shapes.
    """
    rows = list(_rows(chain, initializer, arrival, np.array(starts)))
    return np.stack([*rows, *[np.full(len(starts), np.nan)] * (chain.depth - len(rows))])


def _rows(chain: Chain, initializer: InitializerSpec, arrival: Arrival, starts: Floats) -> Iterator[Floats]:
    shapes = chain.shapes(arrival.width)
    stds = {shape: law_of(initializer, shape).std for shape in set(shapes)}
    mean, square, cross = 0.0, arrival.square, starts * arrival.square
    for shape in shapes:
        factor = stds[shape] ** 2 * shape.fan_in
        q = factor * square + chain.bias_std**2
        if not 0 < q < LARGEST_VARIANCE:
            return
        c = np.clip((factor * cross + chain.bias_std**2) / q, -1.0, 1.0)
        yield c
        scale = q if chain.phi.homogeneous else 1.0
        found = overlaps(chain.phi, 1.0 if chain.phi.homogeneous else rounded(float(q), 9))
        of_mean, of_square, of_cross = found.mean * scale**0.5, found.value.whole * scale, found.value.at(c) * scale
        if chain.residual and shape.fan_in == shape.fan_out:
            common = 2 * mean * of_mean
            mean, square, cross = mean + of_mean, square + of_square + common, cross + of_cross + common
        else:
            mean, square, cross = of_mean, of_square, of_cross
