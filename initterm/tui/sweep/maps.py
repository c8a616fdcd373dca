"""A sweep's board as grids of cells: an initializer's means, or who wins where."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache

from initterm.experiments.metric import Metric
from initterm.experiments.sweep.board import CellRecord, ContenderRecord, SweepBoard
from initterm.experiments.sweep.cell import words_of
from initterm.experiments.sweep.marks import SILENT, TOO_DEEP, Theory
from initterm.experiments.sweep.sweep import Sweep
from initterm.report.judged import metric_words
from initterm.report.palette import colour_of, mark_of
from initterm.report.sweep.maps import WINS, further, grid, mean_words, shares
from initterm.tui.widgets.heat_grid import GridPlace, HeatCell, HeatGrid

NOBODY = "#8a8f98"
"""The grey of cells in which no real difference is shown."""

NOTHING = HeatCell(("·",))
DIVERGED, FAILED = HeatCell(("diverged", "div", "×")), HeatCell(("failed", "!"))
UNDECIDED = HeatCell(("no difference", "none", "≈"), colour=NOBODY)


@dataclass(frozen=True)
class MapView:
    """What is looked at: a contender's map, or who wins where one after the last is; a layer; the chosen cell."""

    board: SweepBoard
    theory: Theory = SILENT
    shown: int = 0
    layer: int = 0
    place: GridPlace = (0, 0)

    @property
    def maps(self) -> int:
        """How many maps there are to turn through."""
        contenders = len(self.board.sweep.contenders)
        return contenders + (contenders > 1)

    @cached_property
    def layers(self) -> list[tuple[tuple[str, str], ...]]:
        """The values of further axes, each with each."""
        return further(self.board.sweep)

    @cached_property
    def cells(self) -> list[list[int]]:
        """The numbers of the layer's cells."""
        return [[*map(int, row)] for row in grid(self.board.sweep, self.layers[self.layer])]

    @property
    def theory_words(self) -> str:
        """What marks of theory mean that are on the layer's cells."""
        return self.theory.words(frozenset(cell for row in self.cells for cell in row))

    @property
    def cell(self) -> int:
        """The number of the chosen cell."""
        row, column = self.place
        return self.cells[row][column]

    def words(self, *, brief: bool = False) -> str:
        """The chosen cell, with the mean of each contender and what theory says; ``brief`` by their marks alone."""
        sweep, record, cell = self.board.sweep, self.board.cells[self.cell], self.cell
        means = []
        for index, name in enumerate(sweep.contenders):
            interval = record.interval(index)
            mean = record.contenders[index].mean
            half = metric_words((interval[1] - interval[0]) / 2, record.metric, 3) if interval else ""
            spread = f" ± {half}" if half and mean is not None else ""
            beyond = f" {TOO_DEEP}" if brief else ", too deep by theory"
            deep = beyond if self.theory.deep and cell in self.theory.deep[index] else ""
            who = mark_of(sweep.experiment.contenders[index].look) if brief else name
            means.append(f"{who} {mean_words(record, index)}{spread}{deep}")
        return f"{words_of(sweep.settings_at(cell))}: {' · '.join(means)}"


def grid_of(view: MapView, shown: int) -> HeatGrid:
    """A map, by its number."""
    sweep, board = view.board.sweep, view.board
    made: Callable[[int], HeatCell]
    if shown < len(sweep.contenders):
        told = view.theory is not SILENT
        deep = view.theory.deep[shown] if told else frozenset()
        nearest = view.theory.nearest(board, shown) if told else frozenset()
        share = shares(board)

        def made(cell: int) -> HeatCell:
            record = board.cells[cell]
            told, wins = record.contenders[shown], record.winner == shown
            on_ramp = None if told.mean is None else share(told.mean)
            return _mean_cell(told, record.metric, on_ramp, wins, cell in deep, cell in nearest)

    else:

        def made(cell: int) -> HeatCell:
            return _winner_cell(board.cells[cell], sweep)

    rows = sweep.axes[-2].values if len(sweep.axes) > 1 else ("",)
    cells = tuple(tuple(map(made, row)) for row in view.cells)
    return HeatGrid(rows, sweep.axes[-1].values, cells, _title(view, shown), view.place)


def _title(view: MapView, shown: int) -> tuple[tuple[str, str], ...]:
    """``● he_normal  depth ↓ activation →``, with the values of further axes."""
    sweep = view.board.sweep
    down = f"{sweep.axes[-2].name} ↓ " if len(sweep.axes) > 1 else ""
    layer = words_of(view.layers[view.layer])
    where = f"  {down}{sweep.axes[-1].name} →{f'  {layer}' if layer else ''}"
    if shown >= len(sweep.contenders):
        return (("who wins where", ""), (where, ""))
    look = sweep.experiment.contenders[shown].look
    return ((f"{mark_of(look)} ", colour_of(look)), (sweep.contenders[shown], ""), (where, ""))


@lru_cache(maxsize=65536)
def _mean_cell(
    record: ContenderRecord, metric: Metric, share: float | None, wins: bool, beyond: bool, nearest: bool
) -> HeatCell:
    if record.mean is None or share is None:
        words = DIVERGED if record.diverged else FAILED if record.failed else NOTHING
        return HeatCell(words.texts, beyond=beyond, nearest=nearest)
    star = WINS * wins
    texts = [f"{metric_words(record.mean, metric, digits)}{star}" for digits in (3, 2)]
    short = metric_words(record.mean, metric, 2).removeprefix("0")
    digit = str(max(0, min(int(10 * share), 9)))
    return HeatCell((*texts, f"{short}{star}", short, digit), share, beyond=beyond, nearest=nearest)


def _winner_cell(record: CellRecord, sweep: Sweep) -> HeatCell:
    if record.comparison is None:
        return NOTHING
    if all(one.mean is None for one in record.contenders):
        return DIVERGED if any(one.diverged for one in record.contenders) else FAILED
    if record.winner is None:
        return UNDECIDED
    look = sweep.experiment.contenders[record.winner].look
    mark = mark_of(look)
    return HeatCell((f"{mark} {sweep.contenders[record.winner]}", mark), colour=colour_of(look))
