"""Expectations over two normals of correlation c, E[f(u)g(v)], as power series in c: an activation's duals.

By Mehler's formula the series is Σ aₙbₙcⁿ, with f's and g's coefficients over normalized Hermite polynomials (Daniely,
Frostig & Singer 2016, arXiv:1602.05897): one quadrature of one dimension serves every c. The tests check it against
quadrature over both dimensions.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import ArrayLike

from initterm.theory.activation import Activation
from initterm.theory.arrays import Floats
from initterm.theory.quadrature import FARTHEST, normal_density

ORDER = 160
"""How many coefficients there are: for smooth activations more than enough; what kinks leave is matched."""

_ORDERS = np.arange(ORDER, dtype=np.float64)

PANEL, PANEL_NODES = 0.5, 16
"""The width of a panel of the quadrature in standard deviations, in which no polynomial turns more than three times."""

FINEST, COARSER, ZOOMS = 0.1, 3.0, 12
"""Beside 0 the panels are this wide in x at first, and each so many times wider than the one before."""

NEGLIGIBLE = 1e-12
"""A tail that is a smaller part of the whole is what the quadrature errs by."""


@dataclass(frozen=True, eq=False)
class Overlap:
    """E[f(u)g(v)] for unit normals u and v by their correlation.

    It is Σ ``products``ₙ cⁿ; what that lacks at c = 1 is one more term, ``tail``·c^``power``, whose power gives the
    slope at 1 where this is known.
    """

    products: Floats
    tail: float
    power: float

    @classmethod
    def of(cls, products: Floats, at_one: float, slope_at_one: float = math.nan) -> Overlap:
        """The series, whose value at c = 1 is known otherwise, and perhaps its slope there."""
        tail, count = at_one - float(products.sum()), len(products)
        if not abs(tail) > NEGLIGIBLE * abs(at_one):
            return cls(products, 0.0, float(count))
        power = (slope_at_one - float((_ORDERS * products).sum())) / tail
        return cls(products, tail, power if power > count else float(count))

    def at(self, correlation: ArrayLike) -> Floats:
        """The expectation, of the shape of the correlations, which are from −1 to 1."""
        c = np.asarray(correlation, dtype=np.float64)
        with np.errstate(over="ignore", invalid="ignore"):
            series: Floats = c[..., None] ** _ORDERS @ self.products
            return series + self.tail * np.abs(c) ** self.power

    @cached_property
    def whole(self) -> float:
        """The expectation where both are the same, c = 1."""
        with np.errstate(over="ignore", invalid="ignore"):
            return float(self.products.sum()) + self.tail

    def slope_at(self, correlation: float) -> float:
        """Its derivative by c, for c ≥ 0."""
        inner = float(correlation ** _ORDERS[:-1] @ (_ORDERS[1:] * self.products[1:]))
        return inner + self.tail * self.power * float(correlation ** (self.power - 1))


@dataclass(frozen=True, eq=False)
class Overlaps:
    """What an activation makes of two normals of variance q: the first factor of u, the second of v.

    Attributes:
        mean: E[φ].
        value: E[φ·φ].
        square: E[φ²·φ²].
        skew: E[φ²·φ].
        cube: E[φ³·φ].
        slope: E[φ′·φ′].
        slope_square: E[φ′²·φ′²].
    """

    mean: float
    value: Overlap
    square: Overlap
    skew: Overlap
    cube: Overlap
    slope: Overlap
    slope_square: Overlap


@lru_cache(maxsize=2048)
def overlaps(activation: Activation, q: float) -> Overlaps:
    """The overlaps over normals of this variance, for activations of one number.

    Raises:
        TypeError: the activation acts on a whole layer.
    """
    if activation.function is None or activation.derivative is None:
        raise TypeError(f"{activation.name} acts on a whole layer")
    scale = math.sqrt(q)
    z, weights = _rule(scale, activation.kinks)
    with np.errstate(over="ignore", invalid="ignore"):
        value, slope = activation.function(scale * z), activation.derivative(scale * z)
        parts = np.stack([value, value**2, value**3, slope, slope**2])
        rows = _coefficients(parts, z, weights)

        def overlap(first: int, second: int, slope_at_one: float = math.nan) -> Overlap:
            at_one = float((parts[first] * parts[second] * weights).sum())
            return Overlap.of(rows[first] * rows[second], at_one, slope_at_one)

        steep, skewed, crossed = (q * float((part * slope**2 * weights).sum()) for part in (value**0, value, value**2))
        return Overlaps(  # the slopes by Price's theorem
            mean=float(rows[0][0]),
            value=overlap(0, 0, steep),
            square=overlap(1, 1, 4 * crossed),
            skew=overlap(1, 0, 2 * skewed),
            cube=overlap(2, 0, 3 * crossed),
            slope=overlap(3, 3),
            slope_square=overlap(4, 4),
        )


def _rule(scale: float, kinks: Sequence[float]) -> tuple[Floats, Floats]:
    """Points z and weights of a unit normal, for functions of scale·z: Gauss-Legendre in panels, fine beside 0."""
    wide = np.arange(-FARTHEST, FARTHEST + PANEL / 2, PANEL)
    fine = FINEST / scale * COARSER ** np.arange(ZOOMS)
    inner = np.concatenate([-fine, fine, np.asarray(kinks, dtype=np.float64) / scale])
    edges = np.unique(np.concatenate([wide, inner[np.abs(inner) < FARTHEST]]))
    nodes, node_weights = np.polynomial.legendre.leggauss(PANEL_NODES)
    half = np.diff(edges)[:, None] / 2
    z = (edges[:-1, None] + half + half * nodes).ravel()
    return z, (half * node_weights).ravel() * normal_density(z)


def _coefficients(functions: Floats, z: Floats, weights: Floats) -> Floats:
    """E[f·hₙ] of each function (k, nodes) over the normalized Hermite polynomials h, (k, ORDER)."""
    rows = np.empty((ORDER, z.size))
    rows[0], rows[1] = weights, z * weights
    for n in range(1, ORDER - 1):
        rows[n + 1] = (z * rows[n] - math.sqrt(n) * rows[n - 1]) / math.sqrt(n + 1)
    coefficients: Floats = functions @ rows.T
    return coefficients
