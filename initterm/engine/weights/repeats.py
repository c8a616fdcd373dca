"""What independent draws of a continuous law can't have, whatever chance does: zeros, numbers of a coarser grid,
values that are met again and again, and rows or columns that are multiples of each other.

A check of this kind has a p-value of 1 as long as chance could do it once in a billion, so that it costs the others
nothing.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np

from initterm.engine.weights.precision import FLOAT32, PRECISIONS, Precision
from initterm.engine.weights.score_sums import ScoreSums, UnitSums
from initterm.engine.weights.scores import Weights
from initterm.experiments.weights.events import Check
from initterm.theory.arrays import Array, Floats
from initterm.theory.law import Law
from initterm.theory.numbers import grouped, short

RARE = 1e-9
"""What chance does more seldom, it doesn't do."""

PIECE = 2**20

GRIDS = (("bfloat16", 0xFFFF, 2.0**-10), ("float16", 0x1FFF, 2.0**-8))
"""Types with the bits that a float32 of that type doesn't use, and how often a draw has none of them at the most.

A draw is a multiple of 2⁻²³ of its range, so that small ones have fewer bits: of 16 octaves each adds 2⁻¹⁶ to what
one has by chance.
"""

ROUNDING = "rounding"
"""The name of the check of grids."""

MOST_OF = 0.9
"""The share of the numbers of a finer grid that are of a coarser one where that is what they were rounded to."""

FINE = 2.0**-16
"""Numbers that lie so much closer together than weights are said to be drawn from a density."""

CLOSE = 1e-5
"""Angles of projections that differ by less may be those of multiples of each other; in radians."""


def repeat_checks(
    matrix: Weights, ordered: Weights, law: Law, precision: Precision, sums: ScoreSums | None = None
) -> Iterator[Check]:
    """The checks that a law's and the numbers' precision allow, the plainest first.

    Args:
        matrix: rows × columns, finite.
        ordered: weights of it in rising order.
        law: continuous.
        precision: of the type that the weights were kept in.
        sums: of the scores of independent weights; None of others, whose rows and columns aren't judged.
    """
    if sums:
        yield _multiples(matrix, law, precision, "row")
        yield _multiples(matrix.T, law, precision, "column")
        yield _one_sign(sums.columns, "column")
        yield _one_sign(sums.rows, "row")
    zeros, on_grid = _counts(matrix, precision)
    yield _zeros(zeros, matrix.size, law, precision)
    if precision == FLOAT32 and precision.spacing(law) < FINE:
        yield _grid(on_grid, matrix.size)
    if sums and precision == FLOAT32:
        yield _values(ordered, law)


def _counts(matrix: Weights, precision: Precision) -> tuple[int, list[int]]:
    """How many weights are 0, and how many others have numbers of each grid."""
    flat, zeros, on_grid = matrix.reshape(-1), 0, [0] * len(GRIDS)
    for start in range(0, flat.size, PIECE):
        bits = flat[start : start + PIECE].view(np.int32)
        none = bits.size - int(np.count_nonzero(bits & 0x7FFFFFFF))
        zeros += none
        if precision == FLOAT32:
            for place, (_, unused, _) in enumerate(GRIDS):
                on_grid[place] += bits.size - int(np.count_nonzero(bits & unused)) - none
    return zeros, on_grid


def grid_of(weights: Weights) -> Precision | None:
    """The coarsest smaller type that all of some float32 weights are numbers of; None where there is none."""
    zeros, on_grid = _counts(weights, FLOAT32)
    others = weights.size - zeros
    return next((PRECISIONS[name] for (name, *_), some in zip(GRIDS, on_grid, strict=True) if some == others > 0), None)


def _impossible(count: int, expected: float) -> float:
    """P(at least ``count`` where so many are expected), by Poisson's law; 1 as long as chance may do it."""
    from scipy import special

    p_value = float(special.pdtrc(count - 1, expected)) if count else 1.0
    return p_value if p_value < RARE else 1.0


def _one_sign(units: UnitSums, name: str) -> Check:
    """Rows or columns whose scores have one sign, each with a chance of 2 to the power of 1 − length."""
    alike = int(np.count_nonzero((units.positive == 0) | (units.positive == units.length)))
    count = units.positive.size
    which = f"{'every' if alike == count else grouped(alike)} {name}"
    told = f"{which}{'s have' if 1 < alike < count else ' has'} one sign"
    p_value = _impossible(alike, count * 2.0 ** (1 - units.length))
    return Check(f"{name}s of one sign", alike / count, p_value, told)


def _zeros(zeros: int, count: int, law: Law, precision: Precision) -> Check:
    chance = 2 * precision.epsilon + precision.least / law.std
    return Check("zeros", zeros / count, _impossible(zeros, count * chance), f"{_share(zeros, count)} exactly 0")


def _grid(on_grid: Sequence[int], count: int) -> Check:
    """The coarsest type that no fewer weights are numbers of than of a finer one."""
    place = next(place for place, some in enumerate(on_grid) if some >= MOST_OF * max(on_grid))
    name, _, most = GRIDS[place]
    told = f"{_share(on_grid[place], count)} rounded to {name}"
    return Check(ROUNDING, on_grid[place] / count, _impossible(on_grid[place], count * most), told)


def _share(some: int, count: int) -> str:
    """``all weights are``, ``0.1% of the weights are``."""
    if some == count:
        return "all weights are"
    return f"{short(100 * some / count)}% of the weights are" if some > 1 else "a weight is"


def _values(ordered: Weights, law: Law) -> Check:
    """Values, whatever their sign where the law has none, that were there before.

    A pair of uniform draws is equal once in 2²³, pairs of others more seldom.
    """
    sizes = ordered if law.mean else np.sort(np.abs(ordered), kind="stable")  # two runs, which are merged
    steps = np.diff(sizes)
    repeated = int(np.count_nonzero(steps == 0)) - max(0, int(np.count_nonzero(sizes == 0)) - 1)
    pairs = sizes.size * (sizes.size - 1) / 2 * (1 if law.mean else 2)
    by_chance = pairs * max(FLOAT32.epsilon, FLOAT32.spacing(law) if law.mean else 0.0)
    sign = "" if law.mean else ", or its negative"
    told = f"{grouped(repeated)} weights repeat another one{sign}, by chance {grouped(round(by_chance))} would"
    distinct = sizes.size - int(np.count_nonzero(steps == 0))
    few = f"there are only {grouped(distinct)} different {'values' if law.mean else 'sizes of weights'}"
    told = told if distinct**2 > sizes.size else few
    return Check("repeated values", repeated / sizes.size, _impossible(repeated, by_chance), told)


def _multiples(lines: Weights, law: Law, precision: Precision, name: str) -> Check:
    """Rows that are multiples of each other: found among those whose projections have one angle, and then measured."""
    count, length = lines.shape
    check = f"equal {name}s"
    rounding = min(1.0, (8 * precision.spacing(law)) ** 2)
    chance = count**2 * rounding ** ((length - 1) / 2)
    if count < 2 or not chance < RARE:
        return Check(check, 0.0, 1.0)
    pairs = _candidates(lines, law, max(CLOSE, math.sqrt(rounding)))
    found = [(one, other, ratio) for one, other in pairs if (ratio := _ratio(lines, one, other, law, rounding))]
    if not found:
        return Check(check, 0.0, 1.0)
    one, other, ratio = found[0]
    more = f", and {grouped(len(found) - 1)} more pairs" if len(found) > 1 else ""
    return Check(check, float(len(found)), chance, f"{name}s {one} and {other} are {_multiple(ratio)}{more}")


def _multiple(ratio: float) -> str:
    size = short(abs(ratio))
    if size == "1":
        return "equal" if ratio > 0 else "each other's negatives"
    return f"proportional ({short(ratio)} times)"


def _candidates(lines: Weights, law: Law, close: float) -> list[tuple[int, int]]:
    """Pairs of lines whose projections on two planes have the same two angles, up to half a turn."""
    projections = _projections(lines, law)
    angles = np.arctan2(projections[:, ::2], projections[:, 1::2]) % math.pi
    order = np.argsort(angles[:, 0], kind="stable")
    ahead = np.roll(order, -1)
    apart = np.abs(angles[ahead] - angles[order])
    near = np.all(np.minimum(apart, math.pi - apart) < close, axis=1) & (order != ahead)
    pairs = [(min(pair), max(pair)) for pair in zip(order[near].tolist(), ahead[near].tolist(), strict=True)]
    return sorted(set(pairs))


def _projections(lines: Weights, law: Law) -> Floats:
    """Each line's products, less the law's mean, with four fixed vectors; count × 4."""
    onto = np.random.default_rng(0).standard_normal((lines.shape[1], 4)).astype(np.float32)
    shift = np.float32(law.mean) * onto.sum(axis=0)
    return np.asarray(lines @ onto - shift, dtype=np.float64)


def _ratio(lines: Array, one: int, other: int, law: Law, rounding: float) -> float:
    """How many times one line the other is; 0 where it is no multiple of it, or either is 0."""
    first, second = (lines[index].astype(np.float64) - law.mean for index in (one, other))
    squares, product = float(first @ first), float(first @ second)
    unlike = 1 - product**2 / squares / max(float(second @ second), 1e-300) if squares else 1.0
    return product / squares if unlike < rounding else 0.0
