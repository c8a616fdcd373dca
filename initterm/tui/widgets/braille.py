"""Lines as dots of braille, two a cell across and four down: which dots a line meets, and which line a cell shows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from initterm.tui.widgets.drawing import LARGEST, Range

Dots = NDArray[np.bool_]
"""Which dots are set: (4 · lines, 2 · columns), from the top left."""

Stroke = Literal["solid", "thick", "dotted", "points"]

BRAILLE = 0x2800
BIT_OF_DOT = [0, 2, 4, 1, 3, 5, 6, 7]
"""Which dot of a cell, counted in rows from its top left, each bit of a character of braille stands for."""

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
        drawn = np.abs(ys) <= LARGEST
        if drawn.all():
            if len(ys):
                yield self.across(xs), self.down(ys)
            return
        drawable = np.concatenate([[False], drawn, [False]])
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
    """Lines of dots on one another, laid from the back to the front.

    A cell shows the dots of what is in front there, in one ink; where several lines have the same depth, the dots of
    all of them, in the ink of the last.
    """

    def __init__(self, grid: DotGrid) -> None:
        self._grid = grid
        self._owners = np.full(grid.shape, -1, np.int16)
        self._depths: list[int] = []

    def lay(self, dots: Dots, depth: int) -> None:
        """Lay dots over what is there; the ink of each line is its place in the order in which they are laid."""
        self._owners[dots] = len(self._depths)
        self._depths.append(depth)

    def rows(self, columns: int) -> list[list[tuple[str, int]]]:
        """Of each line of cells the first columns as text with its ink, -1 where there is nothing."""
        lines, across = self._grid.lines, self._grid.columns
        cells = self._owners.reshape(lines, 4, across, 2).transpose(0, 2, 1, 3).reshape(lines, across, 8)[:, :columns]
        inks = cells.max(axis=2)
        depths = np.array([*self._depths, -1])
        seen = (depths[cells] == depths[inks][..., None]) & (cells >= 0)
        codes = np.packbits(seen[:, :, BIT_OF_DOT], axis=2, bitorder="little")[..., 0]
        letters = np.where(codes > 0, BRAILLE + codes.astype("<u4"), ord(" ")).astype("<u4")
        text = letters.tobytes().decode("utf-32-le")
        changes = np.ones((lines, columns), bool)
        changes[:, 1:] = inks[:, 1:] != inks[:, :-1]
        rows: list[list[tuple[str, int]]] = [[] for _ in range(lines)]
        starts = np.flatnonzero(changes)
        for first, last, ink in zip(starts, [*starts[1:], lines * columns], inks.ravel()[starts], strict=True):
            rows[first // columns].append((text[first:last], int(ink)))
        return rows
