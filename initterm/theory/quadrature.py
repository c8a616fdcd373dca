"""Expectations over a normal, by rules that hold whatever the scale, and the normal's own functions.

Written by hand, as theory is numpy alone: it answers while a key is held down, and scipy takes a second to import. The
tests check it against scipy.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import ArrayLike

from initterm.theory.arrays import Floats

FARTHEST = 12.0
"""Beyond so many standard deviations lies 1e-32 of a normal."""

NEAREST = 1e-9
"""Within so many standard deviations of 0 lies 1e-9 of a normal."""

FINEST = 0.2
"""Up to about so far from 0 the nodes lie evenly; farther out their distances grow with |x|."""

PARTS, PART_NODES = 4, 32

SMALLEST_STD, LARGEST_STD = 1e-300, 1e300

TABLE_END, TABLE_STEP = 8.0, 2.0**-10


def normal_rule(std: ArrayLike, kinks: Sequence[float] = ()) -> tuple[Floats, Floats]:
    """Points x and weights w with E[f(x)] = Σ w·f(x) for x ~ N(0, std²), accurate to 1e-8 of f's size.

    That holds for f that turn within about 1/50 of x = 0, or |x|/5 of another x; not for waves over many periods.

    Args:
        std: finite standard deviations, of any shape.
        kinks: where f or its derivative jumps; between them, and on both sides of 0, f is smooth.

    Returns:
        Points of the shape of ``std`` and one dimension more, and weights that broadcast with them.
    """
    scale = np.asarray(std, dtype=np.float64)[..., None]
    z, weights = _rule_between(sorted({*kinks, 0.0}), np.clip(scale, SMALLEST_STD, LARGEST_STD))
    return scale * z, weights


def _rule_between(breaks: Sequence[float], scale: Floats) -> tuple[Floats, Floats]:
    """Gauss-Legendre over u = arsinh(x/finest) between neighbouring breaks, as points and weights of a unit normal.

    Over u, what happens at x ~ 1 and at x ~ 1e6 is equally wide, and a few nodes do for both.
    """
    nodes, node_weights = _legendre()
    finest = np.maximum(FINEST, NEAREST * scale) / scale
    ends = np.arcsinh(np.clip([-math.inf, *breaks, math.inf] / scale, -FARTHEST, FARTHEST) / finest)
    half = (np.diff(ends) / 2)[..., None]
    middle = ((ends[..., 1:] + ends[..., :-1]) / 2)[..., None]
    u = (middle + half * nodes).reshape(*scale.shape[:-1], half.shape[-2] * nodes.size)
    z = finest * np.sinh(u)
    return z, (half * node_weights).reshape(u.shape) * finest * np.cosh(u) * normal_density(z)


@cache
def _legendre() -> tuple[Floats, Floats]:
    """Nodes and weights over [-1, 1], a rule for each of its equal parts."""
    nodes, weights = np.polynomial.legendre.leggauss(PART_NODES)
    middles = (2 * np.arange(PARTS)[:, None] + 1) / PARTS - 1
    return (middles + nodes / PARTS).ravel(), np.tile(weights / PARTS, PARTS)


def normal_density(z: Floats) -> Floats:
    """The density of N(0, 1)."""
    density: Floats = np.exp(-(z**2) / 2) / math.sqrt(2 * math.pi)
    return density


def normal_cdf(z: Floats) -> Floats:
    """P(x ≤ z) for x ~ N(0, 1), to 1e-10: a table read linearly, its error ½f″(z − a)(b − z) taken off."""
    z = np.clip(z, -TABLE_END, TABLE_END)
    share = z / TABLE_STEP % 1
    return np.interp(z, *_cdf_table()) + z * normal_density(z) * (TABLE_STEP**2 / 2) * share * (1 - share)


@cache
def _cdf_table() -> tuple[Floats, Floats]:
    z = np.arange(-TABLE_END, TABLE_END + TABLE_STEP / 2, TABLE_STEP)
    return z, np.array([(1 + math.erf(value / math.sqrt(2))) / 2 for value in z])
