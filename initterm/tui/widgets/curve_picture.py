"""Curves as values: lines with labels at their ends, areas, and what both axes are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from initterm.theory.numbers import short
from initterm.tui.widgets.braille import Stroke
from initterm.tui.widgets.drawing import LARGEST, WHOLE, Range, Window, widened
from initterm.tui.widgets.end_labels import EndLabel

AREA, BACK, FRONT_DOTTED, FRONT = range(4)
"""What is drawn on what."""


@dataclass(frozen=True, eq=False)
class Line:
    """A line through (x, y), x rising; broken where y is None, NaN or can't be drawn.

    One in ``front`` has its own colour, the others are dim and behind it. ``label`` stands at its right end; under the
    mouse ``name`` is told.
    """

    x: ArrayLike
    y: Sequence[float | None] | NDArray[np.float64]
    colour: str
    front: bool = False
    stroke: Stroke = "solid"
    label: EndLabel | None = None
    name: str = ""

    @cached_property
    def values(self) -> NDArray[np.float64]:
        """y, NaN for None."""
        return np.asarray(self.y, float)

    @cached_property
    def points(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """x and y of what can be drawn."""
        x, y = np.asarray(self.x, float), self.values
        drawable = np.abs(y) <= LARGEST
        return x[drawable], y[drawable]

    @property
    def bright(self) -> bool:
        """Whether it has its colour."""
        return self.front and self.stroke != "dotted"

    @property
    def depth(self) -> int:
        """What it is drawn on, and what on it."""
        if not self.front:
            return BACK
        return FRONT_DOTTED if self.stroke == "dotted" else FRONT

    def at(self, x: float) -> float | None:
        """y at x, straight between its points; None before the first and after the last."""
        xs, ys = self.points
        return float(np.interp(x, xs, ys)) if len(xs) and xs[0] <= x <= xs[-1] else None


@dataclass(frozen=True, eq=False)
class Area:
    """What lies between ``low`` and ``high`` over rising x, stippled behind all lines."""

    x: ArrayLike
    low: ArrayLike
    high: ArrayLike
    colour: str


@dataclass(frozen=True, eq=False)
class CurvePicture:
    """What is drawn, from the back to the front; where labels have no room, those of the last lines stay.

    Ranges that are not given follow from the lines. ``whole_x`` puts ticks on whole numbers only. ``log_x`` and
    ``log_y`` say that every x or y is a decimal logarithm, which the ticks are labelled by. ``x_name`` is what x is
    called, and ``words`` tell a value of y, where that isn't a logarithm.
    """

    title: str = ""
    legend: str = ""
    lines: Sequence[Line] = ()
    areas: Sequence[Area] = ()
    x_range: Range | None = None
    y_range: Range | None = None
    whole_x: bool = False
    log_x: bool = False
    log_y: bool = False
    x_name: str = "x"
    words: Callable[[float], str] = short

    @cached_property
    def ranges(self) -> tuple[Range, Range] | None:
        """The ranges of x and y, each at least a little wide; None where nothing tells them."""
        x_range, y_range = self.x_range or self._extents[0], self.y_range or self._extents[1]
        return (widened(x_range), widened(y_range)) if x_range and y_range else None

    @cached_property
    def _extents(self) -> tuple[Range | None, Range | None]:
        """From where to where all lines go."""
        xs, ys = ([part[axis] for line in self.lines if len((part := line.points)[0])] for axis in (0, 1))
        return _extent(xs), _extent(ys)

    @cached_property
    def reach(self) -> Window:
        """All that there is to see, in shares of the ranges: of lines that leave them more than 0 to 1."""
        if self.ranges is None:
            return WHOLE
        x, y = (_shares(extent or limits, limits) for extent, limits in zip(self._extents, self.ranges, strict=True))
        return Window(x, y)

    def through(self, window: Window | None) -> CurvePicture:
        """The part of it that a window shows."""
        if window is None or self.ranges is None:
            return self
        x_range, y_range = window.of(*self.ranges)
        return replace(self, x_range=x_range, y_range=y_range)

    def told(self, y: float) -> str:
        """A value of the axis in words."""
        return self.words(10**y if self.log_y else y)


def _extent(parts: list[NDArray[np.float64]]) -> Range | None:
    return (float(min(part.min() for part in parts)), float(max(part.max() for part in parts))) if parts else None


def _shares(extent: Range, limits: Range) -> Range:
    """Where an extent ends, in shares of the limits; at least all of these."""
    low, high = ((end - limits[0]) / (limits[1] - limits[0]) for end in extent)
    return min(0.0, low), max(1.0, high)
