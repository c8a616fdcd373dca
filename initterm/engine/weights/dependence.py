"""Whether a kernel's weights are independent of each other: tests of their normal scores, whose laws are known.

Means and spreads of rows and columns are exact; so are neighbours' agreements, as neighbouring signs' products are
independent coins. The sum of squared correlations is Schott's (2005, Biometrika 92, eq. 2.1). The largest singular
value's law is Tracy & Widom's (Johnstone 2001, Annals of Statistics 29, theorem 1.1), nearly a gamma's (Chiani 2014,
Journal of Multivariate Analysis 129).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from initterm.engine.weights.score_sums import PATCH, Agreement, ScoreSums, UnitSums
from initterm.engine.weights.scores import Weights
from initterm.experiments.weights.events import Check
from initterm.theory.arrays import Floats
from initterm.theory.numbers import short, with_decimals

FEWEST_VECTORS = 4
"""Of fewer rows or columns correlations say little."""

TILE = 64
"""Rows and columns of the products that one thread makes."""

GAMMA_SHAPE, GAMMA_SCALE, GAMMA_SHIFT = 46.446, 0.186054, 9.84801
"""Of Tracy & Widom's law of real matrices (Chiani 2014, table 1)."""

TAIL = 1e-5
"""Beyond this the bound that holds for every size takes over from the law that holds for large ones."""


def dependence_checks(found: ScoreSums, centre: bool = False) -> Iterator[Check]:
    """Each test of independence that the kernel's shape allows.

    Args:
        found: the kernel's scores.
        centre: whether rounding moved them, so that their common mean, spread and single spreads say nothing.
    """
    for where, signs, sizes in zip(("along rows", "down columns"), found.signs, found.sizes, strict=True):
        if signs.pairs:
            yield _neighbours(signs, f"signs {where}", "have the same sign")
            yield _neighbours(sizes, f"sizes {where}", "are both large or both small")
    for name, units in (("column", found.columns), ("row", found.rows)):
        units = units.centred() if centre else units
        if units.length > 1:
            yield _means(units.squared_means, units.sums.size, f"{name} means")
        if units.length > 1 and units.sums.size > 1 and not centre:
            yield _spreads(units, name)
    if found.patches[1] and not centre:
        yield _means(*found.patches, f"means of {PATCH} by {PATCH} patches")
    tall = found.block if found.block.shape[0] >= found.block.shape[1] else found.block.T
    if tall.shape[1] >= FEWEST_VECTORS:
        yield from _correlations(tall, "columns" if tall is found.block else "rows", centre)


def _means(squares: float, count: int, name: str) -> Check:
    """The squared sums of independent scores over their number, of so many units added up, are χ²."""
    from scipy import special

    told = f"{name} are {short(math.sqrt(squares / count))} times as far off as by chance"
    return Check(name, squares / count, float(special.gammaincc(count / 2, squares / 2)), told)


def _spreads(units: UnitSums, name: str) -> Check:
    """The unit whose sum of squares, χ² with ``length`` degrees of freedom, is farthest out; times their number."""
    from scipy import special

    half = units.length / 2
    tails = np.minimum(special.gammainc(half, units.squares / 2), special.gammaincc(half, units.squares / 2))
    unit = int(np.argmin(tails))
    spread = math.sqrt(units.squares[unit] / units.length)
    told = f"{name} {unit} has {short(spread)} times the spread"
    return Check(f"{name} spreads", spread, _of_many(2 * float(tails[unit]), tails.size), told)


def _of_many(p_value: float, count: int) -> float:
    """The p-value of the least of so many independent ones: 1 − (1 − p)^count."""
    return 1.0 if p_value >= 1 else -math.expm1(count * math.log1p(-p_value))


def _neighbours(agreement: Agreement, name: str, words: str) -> Check:
    """Agreements are binomial with a chance of one half; both tails."""
    from scipy import special

    alike, pairs = agreement.alike, agreement.pairs
    below, above = special.bdtr(alike, pairs, 0.5), special.bdtrc(alike - 1, pairs, 0.5) if alike else 1.0
    share = alike / pairs
    told = f"neighbours {name.split(' ', 1)[1]} {words} in {with_decimals(100 * share, 1)}% of pairs, by chance in 50%"
    return Check(name, share, min(1.0, 2 * min(float(below), float(above))), told)


@dataclass(frozen=True)
class _Wishart:
    """The spectrum of a Wishart matrix: ``count`` vectors of ``length`` independent standard normals."""

    count: int
    length: int

    @property
    def edge(self) -> float:
        """Where Marchenko & Pastur's law of singular values ends."""
        return math.sqrt(self.length) + math.sqrt(self.count)

    def beyond(self, singular: float) -> float:
        """P(largest singular value ≥ ``singular``)."""
        from scipy import special

        roots = math.sqrt(self.length - 0.5), math.sqrt(self.count - 0.5)
        scale = sum(roots) * (1 / roots[0] + 1 / roots[1]) ** (1 / 3)
        shifted = (singular**2 - sum(roots) ** 2) / scale + GAMMA_SHIFT
        by_law = float(special.gammaincc(GAMMA_SHAPE, max(0.0, shifted) / GAMMA_SCALE))
        if by_law > TAIL:
            return by_law
        bound = math.exp(-(max(0.0, singular - self.edge) ** 2) / 2)  # Davidson & Szarek 2001, theorem II.13
        return min(TAIL, max(by_law, bound))


def _correlations(tall: Weights, name: str, centre: bool) -> Iterator[Check]:
    """The energy of all pairs' correlations, and the largest singular value."""
    length, count = tall.shape
    scores = (tall - tall.mean()) / tall.std() if centre else tall
    products = _products(scores)
    largest = math.sqrt(max(0.0, _largest_eigenvalue(products)))
    wishart = _Wishart(count, length)
    yield _energy(products.astype(np.float64), length, name)
    edge = with_decimals(wishart.edge, 1)
    told = f"the largest singular value is {with_decimals(largest, 1)}, where Marchenko and Pastur's law ends at {edge}"
    yield Check("largest singular value", largest / wishart.edge, wishart.beyond(largest), told)


def _products(tall: Weights) -> Weights:
    """XᵀX, a tile of both at a time.

    Larger products are shared out by OpenBLAS among threads that wait for each other, which on a busy machine takes
    many times as long.
    """
    rows, columns = (-(-size // TILE) for size in tall.shape)
    whole = np.zeros((rows * TILE, columns * TILE), np.float32)
    whole[: tall.shape[0], : tall.shape[1]] = tall
    products = np.zeros((columns, columns, TILE, TILE), np.float32)
    for tiles in whole.reshape(rows, TILE, columns, TILE).swapaxes(1, 2):
        products += tiles[:, None].swapaxes(2, 3) @ tiles[None]
    together = products.swapaxes(1, 2).reshape(columns * TILE, columns * TILE)
    return together[: tall.shape[1], : tall.shape[1]]


def _largest_eigenvalue(products: Weights) -> float:
    """By Lanczos's method, to 1e-5 of it; whole decompositions take twice as long, and threads that wait as above."""
    from scipy.sparse import linalg

    if not products.any():
        return 0.0
    start = np.random.default_rng(0).standard_normal(len(products)).astype(np.float32)
    found = linalg.eigsh(products, 1, which="LA", tol=1e-5, v0=start, return_eigenvectors=False)
    return float(found[0])


def _energy(products: Floats, length: int, name: str) -> Check:
    """Σr² over all pairs of rows or columns; both tails."""
    sizes = np.sqrt(np.maximum(np.diag(products), 1e-300))
    correlations = products / np.outer(sizes, sizes)
    pairs = len(products) * (len(products) - 1) / 2
    energy = max(0.0, (float(np.sum(np.square(correlations))) - len(products)) / 2)
    off = "more" if energy > pairs / length else "less"
    found, chance = short(energy / pairs), short(1 / length)
    told = f"{name} are {off} correlated than by chance: r² is {found} on average, by chance {chance}"
    p_value = min(1.0, 2 * min(_energy_tails(energy, len(products), length)))
    return Check("correlations", energy * length / pairs, p_value, told)


def _energy_tails(energy: float, count: int, length: int) -> tuple[float, float]:
    """P(Σr² ≤ energy) and P(Σr² ≥ energy) of so many independent vectors of uniform directions.

    Below, as if r were normal, which is a little more than it is. Above, by the gamma law of the same three moments:
    each r² is a Beta(1/2, (n − 1)/2), those of a pair of pairs are independent, and E[r₁₂²r₂₃²r₁₃²] of a triangle is
    (1 + 6/(n + 2))/(n²(n + 2)).
    """
    from scipy import special

    n, pairs, triangles = length, count * (count - 1) / 2, count * (count - 1) * (count - 2) / 6
    variance = 2 * (n - 1) / (n**2 * (n + 2))
    third = 8 * (n - 1) * (n - 2) / (n**3 * (n + 2) * (n + 4))
    triangle = (1 + 6 / (n + 2)) / (n**2 * (n + 2)) - 1 / n**3
    spread = math.sqrt(pairs * variance)
    skewness = max((pairs * third + 6 * triangles * triangle) / spread**3, 1e-6)
    shifted = 2 / skewness + (energy - pairs / n) / spread
    above = float(special.gammaincc(4 / skewness**2, max(0.0, shifted) * 2 / skewness))
    return float(special.gammainc(pairs / 2, energy * n / 2)), above
