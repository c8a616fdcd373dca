"""What tests of dependence need to know of a kernel's scores, summed up a piece of its rows at a time."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass

import numpy as np

from initterm.engine.weights.scores import MEDIAN_SIZE, Weights, scores_of
from initterm.experiments.weights.events import DrawAdvanced
from initterm.theory.arrays import Array, Floats
from initterm.theory.law import Law

PIECE = 2**18
"""How many weights are scored at a time."""

PIECES_A_REPORT = 16

PATCH = 4
"""How many rows and columns make a patch."""

MOST_VECTORS, LONGEST_VECTOR = 256, 4096
"""Of a larger kernel so many rows and columns, evenly spaced, tell of its correlations and singular values."""


@dataclass(frozen=True)
class Agreement:
    """Of so many pairs of neighbours, how many are alike."""

    alike: int = 0
    pairs: int = 0

    def __add__(self, other: Agreement) -> Agreement:
        """Both together."""
        return Agreement(self.alike + other.alike, self.pairs + other.pairs)


@dataclass(frozen=True)
class UnitSums:
    """By column or by row: sum and sum of squares of its ``length`` scores, how many are positive."""

    length: int
    sums: Floats
    squares: Floats
    positive: Floats

    @property
    def squared_means(self) -> float:
        """Σ(sum²/length), which is χ² with a degree of freedom a unit."""
        return float(np.sum(np.square(self.sums)) / self.length)

    def centred(self) -> UnitSums:
        """The same of scores brought to mean 0 and mean square 1, all together."""
        count = self.length * self.sums.size
        mean = self.sums.sum() / count
        variance = max(self.squares.sum() / count - mean**2, 1e-300)
        squares = (self.squares - 2 * mean * self.sums + self.length * mean**2) / variance
        return UnitSums(self.length, (self.sums - self.length * mean) / np.sqrt(variance), squares, self.positive)


@dataclass(frozen=True)
class ScoreSums:
    """A kernel's scores, rows × columns, summed up.

    ``signs`` and ``sizes`` are agreements of neighbours along a row and down a column: of scores' signs, and of
    whether they are larger than the median. ``patches`` are the squared sums of ``PATCH`` × ``PATCH`` scores over
    their number, added up, and how many patches there are. ``block`` holds evenly spaced scores.
    """

    columns: UnitSums
    rows: UnitSums
    signs: tuple[Agreement, Agreement]
    sizes: tuple[Agreement, Agreement]
    patches: tuple[float, int]
    block: Weights


def score_sums(matrix: Weights, law: Law) -> Generator[DrawAdvanced, None, ScoreSums]:
    """The sums of a matrix of finite weights, by a continuous law of independent ones; a piece at a time."""
    rows, columns = matrix.shape
    step, nothing = max(PATCH, PIECE // columns // PATCH * PATCH), Agreement()
    apart = _spacing(rows, columns)
    by_column, by_row, block = np.zeros((3, columns)), [], []
    alike, patches = [nothing] * 4, np.zeros(2)
    above = matrix[:0]
    for start in range(0, rows, step):
        if start and start // step % PIECES_A_REPORT == 0:
            yield DrawAdvanced("testing", start / rows)
        scores = scores_of(matrix[start : start + step], law)
        by_column += _unit_sums(scores, 0)
        patches += _patches(scores)
        by_row.append(_unit_sums(scores, 1))
        block.append(scores[-start % apart[0] :: apart[0], :: apart[1]])
        met = np.concatenate([above, scores])
        alike = [one + more for one, more in zip(alike, _agreements(met, len(above)), strict=True)]
        above = scores[-1:]
    return ScoreSums(
        UnitSums(rows, *by_column),
        UnitSums(columns, *np.concatenate(by_row, axis=1)),
        (alike[0], alike[1]),
        (alike[2], alike[3]),
        (float(patches[0]), int(patches[1])),
        np.concatenate(block) if len(block) > 1 else block[0],
    )


def _spacing(rows: int, columns: int) -> tuple[int, int]:
    """Every how many rows and columns belong to the block."""
    most = (LONGEST_VECTOR, MOST_VECTORS) if rows >= columns else (MOST_VECTORS, LONGEST_VECTOR)
    return -(-rows // most[0]), -(-columns // most[1])


def _unit_sums(scores: Weights, axis: int) -> Floats:
    """Sums, sums of squares and counts of positives along an axis."""
    squares = np.einsum("ij,ij->j" if axis == 0 else "ij,ij->i", scores, scores)
    return np.stack([scores.sum(axis, dtype=np.float64), squares, np.count_nonzero(scores > 0, axis)])


def _patches(scores: Weights) -> Floats:
    """The squared sums of whole patches over their size, added up, and how many there are."""
    rows, columns = (size // PATCH for size in scores.shape)
    whole = scores[: rows * PATCH, : columns * PATCH].reshape(rows, PATCH, columns, PATCH)
    sums = whole.sum(axis=1).sum(axis=2)
    return np.array([np.sum(np.square(sums), dtype=np.float64) / PATCH**2, sums.size])


def _agreements(scores: Weights, known: int) -> list[Agreement]:
    """Of signs along rows and down columns, and of sizes; the first ``known`` rows' own pairs were counted."""
    traits = scores > 0, np.abs(scores) > np.float32(MEDIAN_SIZE)
    return [_alike(*pair) for trait in traits for pair in _neighbours(trait, known)]


def _neighbours(trait: Array, known: int) -> list[tuple[Array, Array]]:
    along = trait[known:]
    return [(along[:, 1:], along[:, :-1]), (trait[1:], trait[:-1])]


def _alike(one: Array, other: Array) -> Agreement:
    return Agreement(one.size - int(np.count_nonzero(one ^ other)), one.size)
