"""The map of a sweep: which cells lie where, the colours of its numbers, and the map as tables for a terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import product

import numpy as np
from numpy.typing import NDArray
from rich.style import Style
from rich.table import Table
from rich.text import Text

from initterm.experiments.sweep.board import CellRecord, SweepBoard
from initterm.experiments.sweep.cell import words_of
from initterm.experiments.sweep.marks import NEAREST, TOO_DEEP, Theory
from initterm.experiments.sweep.sweep import Sweep
from initterm.report.judged import judged_title, metric_words
from initterm.report.tables import plain_table

Settings = tuple[tuple[str, str], ...]

MOST_MAPS, MOST_COLUMNS = 12, 16
"""Tables, and values side by side, that a terminal shows as maps; of more it has a line a cell."""

RAMP = (
    *("#00224e", "#123570", "#3b496c", "#575d6d", "#707173"),
    *("#8a8678", "#a59c74", "#c3b369", "#e1cc55", "#fee838"),
)
"""From 0 to 1: cividis, even in lightness and the same to eyes without green cones (Nuñez et al. 2018)."""

LIGHT_FROM = 0.5
"""From which share on black stands out better than white."""

WINS = "*"
"""Stands behind who beats all others in a cell."""


def further(sweep: Sweep) -> list[Settings]:
    """The values of the axes before the last two, each with each; nothing once where there are no such axes."""
    axes = sweep.axes[:-2]
    return [tuple((axis.name, value) for axis, value in zip(axes, values, strict=True)) for values in _each(sweep)]


def _each(sweep: Sweep) -> list[tuple[str, ...]]:
    return [*product(*(axis.values for axis in sweep.axes[:-2]))]


def grid(sweep: Sweep, layer: Settings) -> NDArray[np.int_]:
    """The numbers of a layer's cells, (rows, columns); rows are the last axis but one, a single one of none."""
    columns = len(sweep.axes[-1].values)
    rows = len(sweep.axes[-2].values) if len(sweep.axes) > 1 else 1
    place = _each(sweep).index(tuple(value for _, value in layer))
    return np.arange(rows * columns).reshape(rows, columns) + place * rows * columns


def style_of(share: float) -> Style:
    """The colours of a share on the ramp; beyond its ends those of its ends."""
    share = min(1.0, max(0.0, share))
    ink = "#000000" if share >= LIGHT_FROM else "#ffffff"
    return Style(color=ink, bgcolor=RAMP[min(int(share * len(RAMP)), len(RAMP) - 1)])


def shares(board: SweepBoard) -> Callable[[float], float]:
    """Where a mean stands on the ramp, whose upper end is better: an accuracy as it is, of everything else the best
    that there is up there, and the worst down there."""
    if all(metric.is_accuracy for metric in board.metrics):
        return float
    better = board.metrics[0].better
    means = [one.mean * better for cell in board.cells for one in cell.contenders if one.mean is not None]
    low, high = min(means), max(means)
    return lambda mean: (mean * better - low) / (high - low) if high > low else 1.0


def judged_by(board: SweepBoard) -> str:
    """What judges, where it isn't accuracy, which explains itself; else empty."""
    return "; ".join(title for metric in board.metrics if (title := judged_title(metric)))


def mean_words(record: CellRecord, contender: int) -> str:
    """A contender's mean accuracy in a cell, or of what else judges, with a mark where it wins.

    Where trials are lost it is told of how many it is.
    """
    told = record.contenders[contender]
    if told.mean is None:
        return "diverged" if told.diverged else "failed" if told.failed else "–"
    over = told.measured + told.failed
    lost = f" ({told.finished} of {over})" if told.finished < over else ""
    return f"{metric_words(told.mean, record.metric, 3)}{WINS if record.winner == contender else ''}{lost}"


def has_map(sweep: Sweep) -> bool:
    """Whether a terminal shows it as maps."""
    maps = len(sweep.contenders) * len(_each(sweep))
    return len(sweep.axes) > 1 and maps <= MOST_MAPS and len(sweep.axes[-1].values) <= MOST_COLUMNS


def map_tables(board: SweepBoard) -> Iterator[Table | Text]:
    """A map a contender and layer: the last axis to the right, the one before it downwards."""
    sweep, theory = board.sweep, Theory.of(board.sweep)
    for layer in further(sweep):
        for contender, name in enumerate(sweep.contenders):
            table = _map(board, contender, layer, theory)
            table.title = f"{name}, {words_of(layer)}" if layer else name
            yield table
    if words := theory.words(frozenset(range(sweep.cell_count))):
        yield Text(f"{words}.", style="dim")


def _map(board: SweepBoard, contender: int, layer: Settings, theory: Theory) -> Table:
    down, right = board.sweep.axes[-2:]
    table, share = plain_table(f"{down.name} ↓ {right.name} →", *right.values, title=" "), shares(board)
    deep, nearest = theory.deep[contender], theory.nearest(board, contender)
    for value, cells in zip(down.values, grid(board.sweep, layer), strict=True):
        row = []
        for cell in map(int, cells):
            record = board.cells[cell]
            mean = record.contenders[contender].mean
            words = mean_words(record, contender) + TOO_DEEP * (cell in deep) + NEAREST * (cell in nearest)
            row.append(Text(words, style=style_of(share(mean)) if mean is not None else ""))
        table.add_row(value, *row)
    return table
