"""Lines as dots of braille, two a cell across and four down: which dots a line meets, and which line a cell shows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from initterm.tui.widgets.drawing import LARGEST, Range

Dots = NDArray[np.bool_]
"""Which dots are set: (4 · lines, 2 · columns), from the top left."""

Stroke = Literal["solid", "thick", "dotted", "points"]

BRAILLE = 0x2800
BITS = np.array([[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]], np.uint8)
"""What each dot of a cell adds to its character."""

DASH, PERIOD = 3, 6
"""Length of the strokes of a dotted line, and of a stroke with its gap, in dots."""

STIPPLE = 4
"""A stipple has a dot in so many, in each direction, and one in the middle of each four of them."""


@dataclass(frozen=True)
class DotGrid:
    """So many cells, and what the centres of the outermost dots stand for."""

    columns: int
    lines: int
    x: Range
    y: Range

    @property
    def shape(self) -> tuple[int, int]:
        """Dots down and across."""
        return 4 * self.lines, 2 * self.columns

    def across(self, x: ArrayLike) -> NDArray[np.float64]:
        """In which column of dots an x lies, counted from 0 at the left."""
        share = (np.asarray(x, float) - self.x[0]) / (self.x[1] - self.x[0])
        return np.asarray(share * (self.shape[1] - 1))

    def down(self, y: ArrayLike) -> NDArray[np.float64]:
        """In which row of dots a y lies, counted from 0 at the top; at most one picture outside."""
        share = (self.y[1] - np.asarray(y, float)) / (self.y[1] - self.y[0])
        return np.asarray(np.clip(share, -1.0, 2.0) * (self.shape[0] - 1))

    def line(self, x: ArrayLike, y: ArrayLike, stroke: Stroke = "solid") -> Dots:
        """The dots that a line meets; it is broken where y is NaN or can't be drawn. x rises."""
        dots = np.zeros(self.shape, bool)
        for columns, rows in self._pieces(x, y):
            if stroke == "points" or len(columns) == 1:
                self._set_points(dots, columns, rows)
            else:
                self._set_path(dots, columns, rows, stroke)
        return dots

    def stipple(self, x: ArrayLike, low: ArrayLike, high: ArrayLike) -> Dots:
        """A few of the dots between two lines over the same x, which rises."""
        at, rows = np.arange(self.shape[1]), np.arange(self.shape[0])[:, None]
        columns = self.across(x)
        top, bottom = (np.interp(at, columns, self.down(y), np.nan, np.nan) for y in (high, low))
        with np.errstate(invalid="ignore"):
            between = (rows >= top) & (rows <= bottom)
        half = STIPPLE // 2
        pattern = (at % half == 0) & ((rows + at // half % 2 * half) % STIPPLE == 0)
        return np.asarray(between & pattern)

    def _pieces(self, x: ArrayLike, y: ArrayLike) -> Iterator[tuple[NDArray[np.float64], NDArray[np.float64]]]:
        """The unbroken stretches, as columns and rows of dots."""
        xs, ys = np.asarray(x, float), np.asarray(y, float)
        drawable = np.concatenate([[False], np.abs(ys) <= LARGEST, [False]])
        for first, last in np.flatnonzero(np.diff(drawable)).reshape(-1, 2):
            yield self.across(xs[first:last]), self.down(ys[first:last])

    def _set_points(self, dots: Dots, columns: NDArray[np.float64], rows: NDArray[np.float64]) -> None:
        """Squares of four dots at the points that lie inside."""
        down, across = self.shape
        for column, row in zip(np.rint(columns).astype(int), np.rint(rows).astype(int), strict=True):
            if 0 <= column < across and 0 <= row < down:
                top, left = min(row, down - 2), min(column, across - 2)
                dots[top : top + 2, left : left + 2] = True

    def _set_path(self, dots: Dots, columns: NDArray[np.float64], rows: NDArray[np.float64], stroke: Stroke) -> None:
        at = np.arange(round(max(0, columns[0])), round(min(self.shape[1] - 1, columns[-1])) + 1)
        if not len(at):
            return
        top, bottom = _spans(at, columns, rows)
        down = np.arange(self.shape[0])[:, None]
        met = (down >= top) & (down <= (bottom + 1 if stroke == "thick" else bottom))
        if stroke == "dotted":
            before = np.concatenate([[0], np.cumsum(bottom - top + 1)[:-1]])
            met &= (before + down - top) % PERIOD < DASH
        dots[:, at] |= met


def _spans(
    at: NDArray[np.int_], columns: NDArray[np.float64], rows: NDArray[np.float64]
) -> tuple[NDArray[np.int_], NDArray[np.int_]]:
    """The first and last row of dots that a line meets in each column, so that neighbours touch."""
    middle = np.rint(np.interp(at, columns, rows)).astype(int)
    top, bottom = middle.copy(), middle.copy()
    place = np.rint(columns).astype(int) - at[0]
    inside = (place >= 0) & (place < len(at))
    points = np.rint(rows[inside]).astype(int)
    np.minimum.at(top, place[inside], points)
    np.maximum.at(bottom, place[inside], points)
    before, after = middle[:-1], middle[1:]
    half, falls, rises = (before + after) // 2, after > before, after < before
    bottom[:-1] = np.where(falls, np.maximum(bottom[:-1], half), bottom[:-1])
    top[1:] = np.where(falls, np.minimum(top[1:], half + 1), top[1:])
    bottom[1:] = np.where(rises, np.maximum(bottom[1:], half), bottom[1:])
    top[:-1] = np.where(rises, np.minimum(top[:-1], half + 1), top[:-1])
    return top, bottom


class CellCanvas:
    """Layers of dots on one another. A cell has one ink, that of what is in front there, and only its dots."""

    def __init__(self, grid: DotGrid) -> None:
        size = (grid.lines, grid.columns)
        self._codes = np.zeros(size, np.uint8)
        self._inks = np.full(size, -1)
        self._depths = np.full(size, -1)

    def lay(self, dots: Dots, ink: int, depth: int) -> None:
        """Lay dots over what is there; where something of the same depth is, the dots of both are seen."""
        lines, columns = self._codes.shape
        codes = (dots.reshape(lines, 4, columns, 2) * BITS[None, :, None, :]).sum(axis=(1, 3)).astype(np.uint8)
        seen = (codes > 0) & (depth >= self._depths)
        self._codes = np.where(seen, codes | np.where(self._depths == depth, self._codes, 0), self._codes)
        self._inks[seen], self._depths[seen] = ink, depth

    def runs(self, line: int, columns: int) -> Iterator[tuple[str, int]]:
        """A line's first columns as characters with their ink, -1 where there is nothing; equal neighbours joined."""
        codes, inks = self._codes[line, :columns], self._inks[line, :columns]
        letters = np.where(codes > 0, BRAILLE + codes.astype("<u4"), ord(" ")).astype("<u4")
        text = letters.tobytes().decode("utf-32-le")
        ends = [0, *(np.flatnonzero(np.diff(inks)) + 1).tolist(), len(text)]
        for first, last in pairwise(ends):
            if last > first:
                yield text[first:last], int(inks[first])
