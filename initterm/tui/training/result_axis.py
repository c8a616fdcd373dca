"""Means and intervals of several contenders on one axis of text: ``├──●──┤``."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from rich.segment import Segment
from rich.style import Style

from initterm.experiments.metric import ACCURACY, Metric
from initterm.tui.training.race_range import racers, rounded_range, whole_range
from initterm.tui.widgets.drawing import Range, nice_ticks, tick_labels
from initterm.tui.widgets.inks import Inks
from initterm.tui.widgets.table_view import Cell

LEAST_AXIS = 14
COLUMNS_A_TICK = 6
MEAN, LINE, ENDS, SINGLE = "●", "─", "├┤", "∙"
OUTSIDE = "◂▸"
GRID = "┊"


@dataclass(frozen=True)
class Span:
    """A mean with the ends of its ``interval``, or else of what was seen."""

    mean: float
    low: float
    high: float
    interval: bool = False


@dataclass(frozen=True)
class ResultAxis:
    """Results from ``limits[0]`` to ``limits[1]`` over so many columns; it shows where the best are."""

    limits: Range
    width: int

    @classmethod
    def of(cls, spans: Sequence[Span], width: int, metric: Metric = ACCURACY) -> ResultAxis:
        """Of the spans that aren't far behind."""
        ranked = sorted(spans, key=lambda span: span.mean, reverse=metric.higher_is_better)
        racing = ranked[: racers([span.mean for span in ranked])]
        ends = whole_range([np.array([span.low, span.high]) for span in racing])
        limits = (0.0, 1.0) if metric.is_share else (-math.inf, math.inf)
        return cls(rounded_range(ends, limits) or (0.0, 1.0), width)

    def head(self, inks: Inks) -> Cell:
        """What its ticks stand for, each over its column."""
        words = [" "] * self.width
        for first, name in self._words(self._ticks):
            words[first : first + len(name)] = name
        return (Segment("".join(words), inks.muted),)

    def line(self, span: Span | None, style: Style, inks: Inks) -> Cell:
        """A contender's span on the grid of ticks; an arrow where it lies outside."""
        grid = {self._column(tick): GRID for tick in self._ticks}
        drawn = self._drawn(span) if span else {}
        cells = [(drawn.get(at) or grid.get(at, " "), at in drawn) for at in range(self.width)]
        return tuple(Segment(mark, style if is_drawn else inks.grid) for mark, is_drawn in cells)

    def _drawn(self, span: Span) -> dict[int, str]:
        """Which mark stands in which column."""
        low, mean, high = (self._place(value) for value in (span.low, span.mean, span.high))
        if high < 0 or low >= self.width:
            return {0: OUTSIDE[0]} if high < 0 else {self.width - 1: OUTSIDE[1]}
        inside = range(max(0, low), min(self.width - 1, high) + 1)
        marks = dict.fromkeys(inside, LINE)
        for at, mark in ((low, ENDS[0]), (high, ENDS[1])):
            if at in marks:
                marks[at] = mark if span.interval else SINGLE
        if mean in marks:
            marks[mean] = MEAN
        return marks

    @cached_property
    def _ticks(self) -> list[float]:
        """As many as have room for their words."""
        for most in range(max(2, self.width // COLUMNS_A_TICK), 1, -1):
            ticks = nice_ticks(*self.limits, most)
            if all(one + len(name) < following for (one, name), (following, _) in pairwise(self._words(ticks))):
                break
        return ticks

    def _words(self, ticks: Sequence[float]) -> list[tuple[int, str]]:
        """What ticks stand for, and in which column that begins."""
        names = tick_labels(ticks)
        middles = [self._column(tick) - len(name) // 2 for tick, name in zip(ticks, names, strict=True)]
        return [(min(self.width - len(name), max(0, at)), name) for at, name in zip(middles, names, strict=True)]

    def _place(self, value: float) -> int:
        """In which column a value lies; outside of the axis for one that is."""
        low, high = self.limits
        return round((value - low) / (high - low) * (self.width - 1))

    def _column(self, value: float) -> int:
        return min(self.width - 1, max(0, self._place(value)))
