"""Bars on a plot's canvas, in halves and eighths of a cell, behind what plotext has drawn; and how far they are off."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from initterm.report.ground import Rgb, Shades, blend, contrast, hex_of
from initterm.theory.numbers import plain
from initterm.tui.widgets.drawing import Bars
from initterm.tui.widgets.frame import Frame

EIGHTHS = " ▁▂▃▄▅▆▇█"
QUADRANTS = {
    (0, 0): " ", (1, 0): "▖", (0, 1): "▗", (1, 1): "▄", (2, 0): "▌", (0, 2): "▐", (2, 1): "▙", (1, 2): "▟", (2, 2): "█",
}  # fmt: skip
FAINTEST, FADING = 0.45, 0.05
"""The least that bars have of their colour, and how much of it a row has less than the one above; the top has all."""

LEAST_CONTRAST, LEAST_OF_SIXTEEN = 2.6, 1.9
"""Of a line with the bars under it; where there are sixteen colours, it is drawn in the background's under that."""

MOST_ERRORS = 3.0
"""How many standard errors fill a line of residuals."""

BRAILLE = 0x2800
DOTS_BY_HALF = ((0x01, 0x02, 0x04, 0x40), (0x08, 0x10, 0x20, 0x80))
"""The dots of the left and the right half of a braille sign, from the top."""

HALF_DOT = 0.25
"""Of a column, which is two dots wide."""

CellLine = tuple[Sequence[str], Sequence[Rgb | None], Sequence[Rgb | None]]
"""A line's signs, their colours and their backgrounds."""


@dataclass(frozen=True)
class BarInk:
    """What bars, and the line on them if there is one, are drawn with: blends are fine, coarse or not to be had."""

    bars: Rgb
    line: Rgb | None
    behind: Rgb
    shades: Shades = "all"

    @property
    def strongest(self) -> float:
        """How much of their colour bars have at most, so that the line is seen on them."""
        return 1.0 if self.shades == "16" or self.line is None else _strongest(self.bars, self.line, self.behind)

    def shade(self, under: float) -> Rgb:
        """The bars' colour so many rows under the tallest's top, fading into what is behind them."""
        share = max(FAINTEST, 1 - FADING * max(0, round(under) - 1)) if self.shades == "all" else 1.0
        return blend(self.behind, self.bars, self.strongest * share)

    @property
    def line_on_bars(self) -> Rgb | None:
        """What a line is drawn in on bars; None where its own colour is seen."""
        if self.shades != "16" or self.line is None:
            return None
        return None if contrast(hex_of(self.line), hex_of(self.bars)) >= LEAST_OF_SIXTEEN else self.behind


@lru_cache(maxsize=512)
def _strongest(bars: Rgb, line: Rgb, behind: Rgb) -> float:
    shares = (share / 20 for share in range(20, 10, -1))
    line_colour = hex_of(line)
    return next(
        (share for share in shares if contrast(line_colour, hex_of(blend(behind, bars, share))) >= LEAST_CONTRAST), 0.5
    )


@dataclass(frozen=True)
class BarColumns:
    """The columns that bars from ``low`` to ``high`` take, whole ones, so that their sides are straight.

    They may lie outside of the canvas.
    """

    first: int
    last: int
    low: float
    high: float

    @classmethod
    def of(cls, bars: Bars, frame: Frame) -> BarColumns:
        """Those that are nearest to the bars' ends."""
        low, high = bars.edges[0], bars.edges[-1]
        first, last = (round((end - frame.x_edges[0]) / frame.column_width) for end in (low, high))
        return cls(first, max(last, first + 1), low, high)

    def moved(self, x: float, frame: Frame) -> float:
        """What is drawn over the bars moves along with them, by half a column at most, its ends onto the outer dots."""
        share = (x - self.low) / (self.high - self.low)
        column = self.first + share * (self.last - self.first)
        if 0.0 <= share <= 1.0:
            column = min(max(column, self.first + HALF_DOT), self.last - HALF_DOT)
        return frame.x_edges[0] + column * frame.column_width

    def seen(self, frame: Frame) -> range:
        """Those of them that are on the canvas."""
        return range(max(0, self.first), max(0, min(self.last, frame.width)))

    def places(self, frame: Frame, parts: int) -> Any:
        """The borders of the parts of each column that is seen, as weights, in an array."""
        import numpy as np

        seen = self.seen(frame)
        at = np.arange(parts * (seen.start - self.first), parts * (seen.stop - self.first) + 1)
        return self.low + (self.high - self.low) * at / (parts * (self.last - self.first))


def add_bars(matrix: Any, bars: Bars, frame: Frame, ink: BarInk) -> None:
    """Fill the canvas of plotext's matrix under the bars."""
    columns, rows = matrix.Cols_canvas, matrix.Rows_canvas
    place = BarColumns.of(bars, frame)
    low, high = frame.y_edges
    base = low if bars.base is None else bars.base
    scale = len(rows) / (high - low)
    heights = (_heights(bars, place, frame) + base - low) * scale
    tallest = heights.max(initial=0.0)
    shades = [ink.shade(tallest - row) for row in range(len(rows))]
    halves = iter(heights.tolist())
    for column, left, right in zip(place.seen(frame), halves, halves, strict=True):
        _add_column(matrix, columns[column], rows, (left, right), shades, ink.line_on_bars)


def _add_column(
    matrix: Any, column: int, rows: Sequence[int], heights: tuple[float, float], shades: list[Rgb], line: Rgb | None
) -> None:
    """Fill one column up to the heights of its halves, in rows."""
    for under, row in enumerate(rows):
        left, right = heights[0] - under, heights[1] - under
        if left <= 0.0 and right <= 0.0:
            break
        signs, inks, backgrounds = matrix.marker[row], matrix.fullground[row], matrix.background[row]
        if signs[column] == " ":
            signs[column] = mark = "█" if left >= 1.0 and right >= 1.0 else _cell(left, right)
            inks[column] = shades[under]
            backgrounds[column] = shades[under] if mark == "█" else backgrounds[column]
        elif _fills(left, right, signs[column]):
            backgrounds[column] = shades[under]
            inks[column] = line or inks[column]


def _fills(left: float, right: float, drawn: str) -> bool:
    """Whether bars are the background of a sign in their colour: where a bar ends beside a line, if the line is high.

    A cell has one background, and of a bar that ends in it the line tells better than chance where it should end.
    """
    return min(left, right) >= 1.0 or _is_high(drawn)


@lru_cache(maxsize=512)
def _is_high(sign: str) -> bool:
    """Whether a line ends in the upper half of its cell, on the mean of left and right."""
    dots = ord(sign[0]) - BRAILLE
    if not 0 < dots < 256:
        return True
    tops = [
        next(row for row, dot in enumerate(half) if dots & dot)
        for half in DOTS_BY_HALF
        if any(dots & dot for dot in half)
    ]
    return sum(tops) / len(tops) < len(DOTS_BY_HALF[0]) / 2


def _heights(bars: Bars, place: BarColumns, frame: Frame) -> Any:
    """The height of each half column that is seen: its bar's, or the mean of its bars where these are narrower."""
    import numpy as np

    edges, heights = np.asarray(bars.edges), np.asarray(bars.heights)
    at = place.places(frame, 2)
    if 2 * (place.last - place.first) >= len(heights):
        bins = np.searchsorted(edges, (at[:-1] + at[1:]) / 2, side="right") - 1
        return heights[np.clip(bins, 0, len(heights) - 1)]
    below = np.concatenate([[0.0], np.cumsum(heights * np.diff(edges))])
    return np.diff(np.interp(at, edges, below)) / np.diff(at)


def _cell(left: float, right: float) -> str:
    """The block that fills a cell up to these heights of its left and right half, in cells."""
    eighths = [max(0, min(8, round(height * 8))) for height in (left, right)]
    if eighths[0] == eighths[1]:
        return EIGHTHS[eighths[0]]
    halves = (max(0, min(2, round(left * 2))), max(0, min(2, round(right * 2))))
    return QUADRANTS[halves]


def residual_lines(bars: Bars, frame: Frame, colour: Rgb, axes: Rgb, behind: Rgb) -> tuple[CellLine, CellLine]:
    """How far each column's bars are off what is expected, in standard errors: what is over, and what lacks under it.

    A line is full at ``MOST_ERRORS``.
    """
    place = BarColumns.of(bars, frame)
    seen = place.seen(frame)
    eighths: list[int] = [0] * frame.width
    eighths[seen.start : seen.stop] = [
        max(-8, min(8, round(8 * error / MOST_ERRORS))) for error in _errors(bars, place, frame)
    ]
    margins = [f"{sign}{plain(MOST_ERRORS)}".rjust(frame.left)[: frame.left] for sign in "+−"]
    over = [EIGHTHS[max(0, height)] for height in eighths]
    under = [EIGHTHS[8 - max(0, -height)] if height < 0 else " " for height in eighths]
    return (
        ([*margins[0], *over], [axes] * frame.left + [colour] * frame.width, [None] * (frame.left + frame.width)),
        (
            [*margins[1], *under],
            [axes] * frame.left + [behind] * frame.width,
            [*[None] * frame.left, *(colour if height < 0 else None for height in eighths)],
        ),
    )


def _errors(bars: Bars, place: BarColumns, frame: Frame) -> list[float]:
    """The residual of each column that is seen: its bar's, or that of all its bars together."""
    import numpy as np

    edges, counts, expected = map(np.asarray, (bars.edges, bars.counts, bars.expected))
    at = place.places(frame, 1)
    middles = (edges[:-1] + edges[1:]) / 2
    bins = np.clip(np.searchsorted(edges, (at[:-1] + at[1:]) / 2, side="right") - 1, 0, len(counts) - 1)
    if place.last - place.first < len(counts):
        of_column = np.searchsorted(at, middles, side="right") - 1
        inside = (of_column >= 0) & (of_column < len(at) - 1)
        counts, expected = (
            np.bincount(of_column[inside], values[inside], minlength=len(at) - 1) for values in (counts, expected)
        )
        bins = np.arange(len(at) - 1)
    errors: list[float] = ((counts - expected) / np.sqrt(np.maximum(expected, 1.0)))[bins].tolist()
    return errors
