"""What was seen of each layer over time, as grids of cells: a row for each, a column for each look."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from initterm.experiments.message import Number
from initterm.experiments.sweep.marks import TOO_DEEP
from initterm.experiments.training.diagnosis import MANY, VANISHED
from initterm.experiments.watch.board import WatchBoard
from initterm.experiments.watch.events import StepWatched
from initterm.theory.numbers import NONE, grouped, percent, plain, scientific, short
from initterm.theory.refusal import printable
from initterm.tui.widgets.heat_grid import HeatCell, HeatGrid

NOTHING = HeatCell(("·",))
"""What has no meaning at that look, or isn't finite."""

LEAST = float(np.finfo(np.float32).tiny)
"""The smallest size that a logarithmic ramp begins at."""

STEPS_OF_RAMP = 10
"""Digits that tell the place on the ramp where a cell has room for one alone."""


@dataclass(frozen=True)
class LayerMap:
    """A quantity of each tensor, layer or activation.

    Args:
        title: what it is called.
        of: which names of ``ProbeReady`` its rows are.
        numbers: which numbers of ``StepWatched`` they have.
        is_share: whether it is a share of a whole; others are of any size, and have a logarithmic ramp.
        beyond: whether a number is one that something goes wrong with.
        bound: when that is so, in words.
    """

    title: str
    of: str
    numbers: str
    is_share: bool = False
    beyond: Callable[[float], bool] = lambda _: False
    bound: str = ""

    def rows(self, board: WatchBoard) -> tuple[str, ...]:
        """The names of its rows."""
        names: tuple[str, ...] = getattr(board.probe, self.of, ())
        return tuple(map(printable, names))

    def number(self, look: StepWatched, row: int) -> Number:
        """What was seen of a row; None where that has no meaning."""
        numbers: Sequence[Number] = getattr(look, self.numbers)
        return numbers[row] if row < len(numbers) else None

    def words(self, number: Number) -> str:
        """A number of it."""
        if number is None:
            return NONE
        return percent(number) if self.is_share else short(number)

    def known(self, board: WatchBoard) -> list[float]:
        """All numbers that are known."""
        numbers = (number for look in board.steps for number in getattr(look, self.numbers))
        return [number for number in numbers if number is not None]


MAPS = (
    LayerMap(
        "gradient", "tensors", "gradients", beyond=lambda norm: norm < VANISHED, bound=f"less than {plain(VANISHED)}"
    ),
    LayerMap("update ratio", "tensors", "update_ratios"),
    LayerMap("signal", "layers", "signals"),
    LayerMap("dead units", "units", "dead", True, lambda share: share >= MANY, f"{percent(MANY)} and more"),
    LayerMap("saturated", "units", "saturated", True, lambda share: share >= MANY, f"{percent(MANY)} and more"),
    LayerMap("weights", "tensors", "weights"),
)
"""In the order in which they are turned through."""


def maps_of(board: WatchBoard) -> tuple[LayerMap, ...]:
    """Those of which something is known."""
    return tuple(one for one in MAPS if one.known(board))


def columns_of(count: int, room: int) -> tuple[int, ...]:
    """Which of so many looks are shown where there is room for fewer: some from all over them, the last among them."""
    if count <= room:
        return tuple(range(count))
    return tuple(sorted({*map(int, np.linspace(0, count - 1, max(1, room)).round())} | {count - 1}))[-max(1, room) :]


def grid_of(board: WatchBoard, shown: LayerMap, columns: Sequence[int], place: tuple[int, int]) -> HeatGrid:
    """A map of these looks, with a chosen cell: its row, and the place of its look among the columns."""
    low, high = _range(shown, board)
    rows, looks = shown.rows(board), [board.steps[at] for at in columns]

    def made(row: int, look: StepWatched) -> HeatCell:
        number = shown.number(look, row)
        return NOTHING if number is None else _cell(shown, number, low, high)

    cells = tuple(tuple(made(row, look) for look in looks) for row in range(len(rows)))
    return HeatGrid(rows, tuple(grouped(look.step) for look in looks), cells, tuple(_title(shown, low, high)), place)


def _title(shown: LayerMap, low: float, high: float) -> Iterator[tuple[str, str]]:
    """``gradient  ↓ tensors  step →  0.0012 to 3.4  ~ less than 0.001``."""
    yield f"{shown.title} ", ""
    yield f" {shown.of} ↓ step →  {shown.words(low)} to {shown.words(high)}", ""
    if shown.bound:
        yield f"  {TOO_DEEP} {shown.bound}", ""


def _range(shown: LayerMap, board: WatchBoard) -> tuple[float, float]:
    """From where to where its ramp goes."""
    if shown.is_share:
        return 0.0, 1.0
    known = shown.known(board)
    return min(known), max(known)


@lru_cache(maxsize=65536)
def _cell(shown: LayerMap, number: float, low: float, high: float) -> HeatCell:
    share = _share(number, low, high, is_share=shown.is_share)
    digit = str(min(int(STEPS_OF_RAMP * share), STEPS_OF_RAMP - 1))
    texts = (shown.words(number), short(number, 2), scientific(number, 0), digit)
    of_share = (shown.words(number), digit)
    return HeatCell(of_share if shown.is_share else texts, share, beyond=shown.beyond(number))


def _share(number: float, low: float, high: float, *, is_share: bool) -> float:
    """Its place on the ramp, from 0 to 1; of sizes by their logarithms, a size of 0 at the low end."""
    if is_share:
        return min(max(number, 0.0), 1.0)
    least = max(low, LEAST)
    if number <= least:
        return 0.0
    return 1.0 if high <= least else min(1.0, math.log(number / least) / math.log(high / least))
