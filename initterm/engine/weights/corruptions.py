"""What can have happened to a kernel that its distribution hardly tells: the fits' power is measured against these."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from initterm.engine.weights.scores import Weights
from initterm.theory.arrays import Array

Change = Callable[[Weights, np.random.Generator], Array]
"""From a kernel, rows × columns, which it may change, to what has become of it."""

SOME = 0.01
"""The share of a kernel's rows, columns, weights or variance that is touched where one may choose."""


@dataclass(frozen=True)
class Corruption:
    """A corruption by its name, and which share of a kernel's weights, or of their variance, it decides."""

    name: str
    touched: float
    change: Change

    def of(self, kernel: Weights, random: np.random.Generator) -> Weights:
        """The corrupted copy of a kernel, rows × columns with several of both; float32."""
        return np.ascontiguousarray(self.change(kernel.copy(), random), dtype=np.float32)


def _copies(factor: float, axis: int) -> Change:
    """Some lines become multiples of others; of rows for axis 0, of columns for axis 1."""

    def change(kernel: Weights, random: np.random.Generator) -> Array:
        lines = kernel if axis == 0 else kernel.T
        count = max(1, round(SOME * len(lines)))
        chosen = random.choice(len(lines), 2 * count, replace=False)
        lines[chosen[:count]] = np.float32(factor) * lines[chosen[count:]]
        return kernel

    return change


def _halves(change: Change, factor: float = 1.0) -> Change:
    """The lower half becomes what ``change`` makes of the upper one."""

    def changed(kernel: Weights, random: np.random.Generator) -> Array:
        half = len(kernel) // 2
        kernel[half : 2 * half] = np.float32(factor) * change(kernel[:half].copy(), random)
        return kernel

    return changed


def _same(kernel: Weights, _: np.random.Generator) -> Array:
    return kernel


def _permuted(kernel: Weights, random: np.random.Generator) -> Array:
    return random.permutation(kernel)


def _shuffled(kernel: Weights, random: np.random.Generator) -> Array:
    return random.permutation(kernel.ravel()).reshape(kernel.shape)


def _mirrored(kernel: Weights, _: np.random.Generator) -> Array:
    half = kernel.shape[1] // 2
    kernel[:, -half:] = kernel[:, half - 1 :: -1]
    return kernel


def _tiled(kernel: Weights, _: np.random.Generator) -> Array:
    tile = kernel[: max(1, len(kernel) // 8)]
    return np.resize(tile, kernel.shape)


def _sorted(kernel: Weights, _: np.random.Generator) -> Array:
    return np.sort(kernel.ravel()).reshape(kernel.shape)


def _some_rows_sorted(kernel: Weights, random: np.random.Generator) -> Array:
    rows = random.choice(len(kernel), max(1, round(SOME * len(kernel))), replace=False)
    kernel[rows] = np.sort(kernel[rows], axis=1)
    return kernel


def _checkerboard(kernel: Weights, _: np.random.Generator) -> Array:
    rows, columns = np.indices(kernel.shape)
    return np.abs(kernel) * (1 - 2 * ((rows + columns) % 2))


def _one_sign_a_unit(kernel: Weights, random: np.random.Generator) -> Array:
    return np.asarray(np.abs(kernel) * random.choice([-1.0, 1.0], kernel.shape[1]))


def _zeroed(share: float) -> Change:
    def change(kernel: Weights, random: np.random.Generator) -> Array:
        kernel.ravel()[random.choice(kernel.size, max(1, round(share * kernel.size)), replace=False)] = 0
        return kernel

    return change


def _to_bfloat16(kernel: Weights, _: np.random.Generator) -> Array:
    bits = kernel.view(np.uint32)
    return ((bits + 0x7FFF + (bits >> 16 & 1)) & 0xFFFF0000).astype(np.uint32).view(np.float32)


def _to_float16(kernel: Weights, _: np.random.Generator) -> Array:
    return kernel.astype(np.float16).astype(np.float32)


def _to_int8(kernel: Weights, _: np.random.Generator) -> Array:
    step = np.abs(kernel).max() / 127
    return np.asarray(np.round(kernel / step) * step)


def _outliers(kernel: Weights, random: np.random.Generator) -> Array:
    chosen = random.choice(kernel.size, max(1, kernel.size // 1000), replace=False)
    kernel.ravel()[chosen] = 5 * kernel.std() * random.choice([-1.0, 1.0], chosen.size)
    return kernel


def _scaled_row(kernel: Weights, random: np.random.Generator) -> Array:
    kernel[random.integers(len(kernel))] *= np.float32(0.5)
    return kernel


def _added(kernel: Weights, structure: Array) -> Array:
    """``SOME`` of the variance becomes that of a structure."""
    return np.asarray(np.sqrt(1 - SOME) * kernel + np.sqrt(SOME) * kernel.std() * structure / structure.std())


def _low_rank(kernel: Weights, random: np.random.Generator) -> Array:
    rows, columns = kernel.shape
    return _added(kernel, np.outer(random.standard_normal(rows), random.standard_normal(columns)))


def _blocks(kernel: Weights, random: np.random.Generator) -> Array:
    coarse = random.standard_normal([-(-size // 8) for size in kernel.shape])
    return _added(kernel, np.kron(coarse, np.ones((8, 8)))[: kernel.shape[0], : kernel.shape[1]])


def _autocorrelated(kernel: Weights, _: np.random.Generator) -> Array:
    """Each weight is a tenth of the one before it in its row, which is a hundredth of its variance."""
    kept = np.sqrt(1 - SOME)
    for column in range(1, kernel.shape[1]):
        kernel[:, column] = kept * kernel[:, column] + np.sqrt(SOME) * kernel[:, column - 1]
    return kernel


def _clipped(kernel: Weights, _: np.random.Generator) -> Array:
    return np.clip(kernel, *np.quantile(kernel, [SOME / 2, 1 - SOME / 2]))


def _means_by_unit(kernel: Weights, random: np.random.Generator) -> Array:
    return _added(kernel, np.tile(random.standard_normal(kernel.shape[1]), (len(kernel), 1)))


CORRUPTIONS = (
    Corruption("rows duplicated", SOME, _copies(1.0, 0)),
    Corruption("columns duplicated", SOME, _copies(1.0, 1)),
    Corruption("rows negated copies of others", SOME, _copies(-1.0, 0)),
    Corruption("columns negated copies of others", SOME, _copies(-1.0, 1)),
    Corruption("rows half of others", SOME, _copies(0.5, 0)),
    Corruption("columns half of others", SOME, _copies(0.5, 1)),
    Corruption("halves equal", 0.5, _halves(_same)),
    Corruption("halves equal, rows permuted", 0.5, _halves(_permuted)),
    Corruption("halves equal, shuffled", 0.5, _halves(_shuffled)),
    Corruption("halves negated, shuffled", 0.5, _halves(_shuffled, -1.0)),
    Corruption("mirrored", 0.5, _mirrored),
    Corruption("tiled", 0.875, _tiled),
    Corruption("sorted", 1.0, _sorted),
    Corruption("sorted within rows", 1.0, lambda kernel, _: np.sort(kernel, axis=1)),
    Corruption("sorted within columns", 1.0, lambda kernel, _: np.sort(kernel, axis=0)),
    Corruption("some rows sorted", SOME, _some_rows_sorted),
    Corruption("signs of a checkerboard", 1.0, _checkerboard),
    Corruption("one sign a unit", 1.0, _one_sign_a_unit),
    Corruption("all positive", 1.0, lambda kernel, _: np.abs(kernel)),
    Corruption("0.1% zeroed", 0.001, _zeroed(0.001)),
    Corruption("1% zeroed", SOME, _zeroed(SOME)),
    Corruption("rounded to bfloat16", 1.0, _to_bfloat16),
    Corruption("rounded to float16", 1.0, _to_float16),
    Corruption("rounded to 8 bits", 1.0, _to_int8),
    Corruption("0.1% outliers", 0.001, _outliers),
    Corruption("a row half as large", 1 / 784, _scaled_row),
    Corruption("a matrix of rank 1 added", SOME, _low_rank),
    Corruption("blocks added", SOME, _blocks),
    Corruption("rows autocorrelated", SOME, _autocorrelated),
    Corruption("tails clipped", SOME, _clipped),
    Corruption("a mean a unit", SOME, _means_by_unit),
)
"""The corruptions; ``touched`` of a single row is that of a kernel of 784 rows."""
