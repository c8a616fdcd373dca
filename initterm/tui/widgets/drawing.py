"""What a plot shows, as values: curves, bars, and the ranges of both axes."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

from initterm.theory.numbers import short, with_decimals

if TYPE_CHECKING:
    from initterm.theory.law import Law

Point = tuple[float, float]
Range = tuple[float, float]
Ticks = tuple[list[float], list[str]]

HEADROOM = 1.08
LAW_COLOUR = "#ffffff"
BINS = 50
LARGEST = 1e60
"""What is larger, infinite or NaN can't be drawn."""


@dataclass(frozen=True, eq=False)
class Curve:
    """A line through (x, y); it is broken where y is None or can't be drawn.

    ``marker`` is drawn on the points at the indices ``marked``, which tells lines apart without colour; on nothing else
    where there is no ``line``. A ``faint`` one has less of its colour.
    """

    x: Sequence[float]
    y: Sequence[float | None]
    colour: str
    dashed: bool = False
    marker: str = ""
    marked: Sequence[int] = ()
    line: bool = True
    faint: bool = False

    def marked_points(self) -> list[Point]:
        """Where the marker is drawn."""
        points = ((self.x[index], self.y[index]) for index in self.marked)
        return [(float(x), float(y)) for x, y in points if y is not None and abs(y) <= LARGEST]

    def pieces(self) -> Iterator[list[Point]]:
        """The unbroken stretches, each of at least one point."""
        piece: list[Point] = []
        for x, y in zip(self.x, self.y, strict=True):
            if y is not None and abs(y) <= LARGEST:
                piece.append((float(x), float(y)))
            elif piece:
                yield piece
                piece = []
        if piece:
            yield piece


@dataclass(frozen=True, eq=False)
class Bars:
    """A histogram: n + 1 rising ``edges``, n ``heights``, none of them negative.

    They stand on ``base``, else on the bottom of the canvas. Where they are densities of ``count`` weights,
    ``expected`` may tell how many of these each bin should have.
    """

    edges: Sequence[float]
    heights: Sequence[float]
    colour: str
    base: float | None = None
    count: int = 0
    expected: Sequence[float] = ()

    @property
    def counts(self) -> list[int]:
        """How many weights each bin has."""
        return [
            round(height * (high - low) * self.count)
            for height, (low, high) in zip(self.heights, pairwise(self.edges), strict=True)
        ]

    def bin_at(self, x: float) -> int | None:
        """The bin that x lies in; None outside of them."""
        if not self.edges[0] <= x <= self.edges[-1]:
            return None
        return min(bisect_right(self.edges, x), len(self.heights)) - 1


@dataclass(frozen=True, eq=False)
class Band:
    """A tinted area between ``low`` and ``high`` over increasing x."""

    x: Sequence[float]
    low: Sequence[float]
    high: Sequence[float]
    colour: str

    def at(self, x: float) -> Range | None:
        """Its limits at x, straight between its points; None outside of them."""
        for (x0, low0, high0), (x1, low1, high1) in pairwise(zip(self.x, self.low, self.high, strict=True)):
            if x0 <= x <= x1:
                share = (x - x0) / (x1 - x0)
                return low0 + (low1 - low0) * share, high0 + (high1 - high0) * share
        return None


@dataclass(frozen=True)
class Window:
    """The part of a drawing that is looked at: shares of its ranges, from 0 to 1."""

    x: Range = (0.0, 1.0)
    y: Range = (0.0, 1.0)

    def of(self, x_range: Range, y_range: Range) -> tuple[Range, Range]:
        """The parts of two ranges that it shows."""
        return _part(x_range, self.x), _part(y_range, self.y)


WHOLE = Window()


@dataclass(frozen=True, eq=False)
class Drawing:
    """One plot. Ranges that are not given follow from what is drawn.

    ``whole_x`` puts ticks on whole numbers only. In one that is ``edged`` the ranges end at the edges of the canvas, as
    they do where there are bars; it may be so before, so that it doesn't jump when they come. ``residuals`` are drawn
    under it where there is room. Without ``axes`` all the room is the picture's. ``log_x`` and ``log_y`` say that every
    x or y is a decimal logarithm, which the ticks are labelled by.
    """

    title: str = ""
    curves: tuple[Curve, ...] = ()
    bars: Bars | None = None
    x_range: Range | None = None
    y_range: Range | None = None
    bands: tuple[Band, ...] = ()
    whole_x: bool = False
    edged: bool = False
    residuals: bool = False
    log_x: bool = False
    log_y: bool = False
    axes: bool = True
    title_colour: str | None = None

    @property
    def points(self) -> list[Point]:
        """Every finite point of every curve."""
        return [point for curve in self.curves for piece in curve.pieces() for point in piece]

    @property
    def empty(self) -> bool:
        """Whether there is nothing to draw."""
        return self.bars is None and not self.points

    def ranges(self) -> tuple[Range, Range]:
        """The ranges of x and y, each at least a little wide."""
        points = self.points
        xs, ys = [x for x, _ in points], [y for _, y in points]
        if self.bars:
            xs = [self.bars.edges[0], self.bars.edges[-1]]
            ys = [0.0, HEADROOM * max([*ys, *self.bars.heights])]
        return widened(self.x_range or (min(xs), max(xs))), widened(self.y_range or (min(ys), max(ys)))

    def through(self, window: Window) -> Drawing:
        """The part of it that a window shows."""
        x_range, y_range = self.ranges()
        bars = self.bars and replace(self.bars, base=y_range[0] if self.bars.base is None else self.bars.base)
        x_range, y_range = window.of(x_range, y_range)
        return replace(self, bars=bars, x_range=x_range, y_range=y_range)

    def x_ticks(self, x_range: Range, most: int) -> Ticks:
        """At most ``most`` places on the x axis, and what is written at them."""
        return axis_ticks(x_range, most, log=self.log_x, whole=self.whole_x)

    def y_ticks(self, y_range: Range, most: int) -> Ticks:
        """The same on the y axis."""
        return axis_ticks(y_range, most, log=self.log_y)


def _part(whole: Range, shares: Range) -> Range:
    low, high = (whole[0] + (whole[1] - whole[0]) * share for share in shares)
    return low, high


def axis_ticks(limits: Range, most: int, *, log: bool = False, whole: bool = False) -> Ticks:
    """At most ``most`` places on an axis, and what is written at them; of logarithms the numbers themselves."""
    if log:
        return log_ticks(*limits, most)
    if whole and limits[0] == round(limits[0]) and limits[1] == round(limits[1]):
        ticks = _counted_ticks(int(limits[0]), int(limits[1]), most)
    else:
        ticks = [tick for tick in nice_ticks(*limits, most) if not whole or tick == round(tick)]
    return ticks, tick_labels(ticks)


def _counted_ticks(low: int, high: int, most: int) -> list[float]:
    """Whole numbers from low to high; where these count from 1 on and are many, multiples after it."""
    ticks = whole_ticks(0 if low == 1 and high > most else low, high, most)
    return [*dict.fromkeys(max(float(low), tick) for tick in ticks)]


def log_ticks(low: float, high: float, most: int) -> Ticks:
    """At most ``most`` round numbers between 10^low and 10^high: where their logarithms are, and the numbers."""
    powers = range(math.floor(low), math.ceil(high) + 1)
    for factors in ((1, 2, 5), (1,)):
        ticks = [power + math.log10(factor) for power in powers for factor in factors]
        ticks = [tick for tick in ticks if low - 1e-9 <= tick <= high + 1e-9]
        if 2 <= len(ticks) <= most:
            return ticks, [short(10**tick) for tick in ticks]
    if len(ticks) > most:
        ticks = ticks[:: math.ceil(len(ticks) / most)]
        return ticks, [short(10**tick) for tick in ticks]
    numbers = [number for number in nice_ticks(10**low, 10**high, most) if number > 0]
    return [math.log10(number) for number in numbers], tick_labels(numbers)


def nice_ticks(low: float, high: float, most: int) -> list[float]:
    """At most ``most`` round numbers between low and high, evenly spaced by 1, 2 or 5 times a power of ten."""
    step = nice_step((high - low) / (most + 1))
    while True:
        first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
        if last - first < most:
            return [index * step for index in range(first, last + 1)]
        step = nice_step(step * 1.5)


def whole_ticks(low: int, high: int, most: int) -> list[float]:
    """At most ``most`` whole numbers from low on, evenly spaced; the last is high where such a spacing is close."""
    span = high - low
    least = max(1, math.ceil(span / max(1, most - 1)))
    step = next((step for step in range(least, 2 * least + 1) if span % step == 0), least)
    return [float(tick) for tick in range(low, high + 1, step)]


def tick_labels(ticks: Sequence[float]) -> list[str]:
    """The ticks in as few digits as tell them apart."""
    if len(ticks) < 2:
        return [short(tick, 4) for tick in ticks]
    step = abs(ticks[-1] - ticks[-2])
    if step >= 1e5 or step < 1e-5:
        return [short(tick) for tick in ticks]
    decimals = max(0, -math.floor(math.log10(step) + 1e-9))
    return [with_decimals(tick if abs(tick) > step / 1e6 else 0, decimals) for tick in ticks]


def nice_step(least: float) -> float:
    """The least of 1, 2 or 5 times a power of ten that is not under ``least``."""
    power = 10.0 ** math.floor(math.log10(least))
    return next(factor * power for factor in (1.0, 2.0, 5.0, 10.0) if factor * power >= least * (1 - 1e-9))


def widened(limits: Range) -> Range:
    """The range itself, or a little more where it is a point."""
    low, high = limits
    if high - low > max(1e-12 * max(abs(low), abs(high)), 1 / LARGEST):
        return limits
    margin = max(abs(low) * 0.1, 1e-6)
    return low - margin, high + margin


MOST_DECADES = 60
"""What is farther from 1 than so many powers of ten is drawn at the edge."""

LEAST_DECADES = 1.0


def logs_of(values: Sequence[float | None]) -> list[float | None]:
    """The decimal logarithms of what is positive and finite, held within ``MOST_DECADES``; None of all else."""
    return [_log(value) for value in values]


def _log(value: float | None) -> float | None:
    if value is None or not value > 0 or not math.isfinite(value):
        return None
    return max(-MOST_DECADES, min(MOST_DECADES, math.log10(value)))


def log_limits(logs: Sequence[float | None]) -> Range:
    """The range of a plot's logarithms, never less than a power of ten, so that what is steady looks steady."""
    known = [log for log in logs if log is not None]
    low, high = (min(known), max(known)) if known else (-1.0, 1.0)
    spare = max(0.05 * (high - low), (LEAST_DECADES - (high - low)) / 2)
    return low - spare, high + spare


def law_curves(law: Law, bars: Bars | None) -> tuple[Curve, ...]:
    """The density as a line; single points as uprights as high as the bar of all their weights."""
    if not law.atoms:
        x, y = law.curve()
        return (Curve(x.tolist(), y.tolist(), LAW_COLOUR),)
    from initterm.theory.law import bin_range  # by numpy, which comes after the first frame

    low, high = (bars.edges[0], bars.edges[-1]) if bars else bin_range(law.low, law.high)
    density = (len(bars.heights) if bars else BINS) / (high - low)
    return tuple(Curve((value, value), (0.0, probability * density), LAW_COLOUR) for value, probability in law.atoms)
