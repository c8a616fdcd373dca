"""A sweep's board as grids of cells: an initializer's means, or who wins where."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache

from initterm.experiments.sweep.board import CellRecord, ContenderRecord, SweepBoard
from initterm.experiments.sweep.cell import words_of
from initterm.experiments.sweep.sweep import Sweep
from initterm.experiments.sweep.theory import depth_axis
from initterm.report.palette import colour_of, mark_of
from initterm.report.sweep.maps import WINS, further, grid, is_too_deep, mean_words
from initterm.theory.numbers import with_decimals
from initterm.tui.widgets.heat_grid import HeatCell, HeatGrid, Place

NOBODY = "#8a8f98"
"""The grey of cells in which no real difference is shown."""

NOTHING = HeatCell(("·",))
DIVERGED, FAILED = HeatCell(("diverged", "div", "×")), HeatCell(("failed", "!"))
UNDECIDED = HeatCell(("no difference", "none", "≈"), colour=NOBODY)

TooDeep = tuple[frozenset[int], ...]
"""Of each contender the cells that are deeper than theory lets a network train."""


def too_deep(sweep: Sweep) -> TooDeep:
    """Cells beyond the bound that theory puts; none where no axis is the depth. Every cell is made for it."""
    if depth_axis(sweep) is None:
        return (frozenset(),) * len(sweep.contenders)
    return tuple(
        frozenset(cell for cell in range(sweep.cell_count) if is_too_deep(sweep, cell, contender))
        for contender in range(len(sweep.contenders))
    )


@dataclass(frozen=True)
class MapView:
    """What is looked at: a contender's map, or who wins where one after the last is; a layer; the chosen cell."""

    board: SweepBoard
    deep: TooDeep = ()
    shown: int = 0
    layer: int = 0
    place: Place = (0, 0)

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
    def cell(self) -> int:
        """The number of the chosen cell."""
        row, column = self.place
        return self.cells[row][column]

    @property
    def words(self) -> str:
        """The chosen cell, with the mean of each contender and what theory says."""
        sweep, record, cell = self.board.sweep, self.board.cells[self.cell], self.cell
        means = []
        for index, name in enumerate(sweep.contenders):
            interval = record.interval(index)
            mean = record.contenders[index].mean
            spread = f" ± {with_decimals((interval[1] - interval[0]) / 2, 3)}" if interval and mean is not None else ""
            deep = ", too deep by theory" if self.deep and cell in self.deep[index] else ""
            means.append(f"{name} {mean_words(record, index)}{spread}{deep}")
        return f"{words_of(sweep.settings_at(cell))}: {' · '.join(means)}"


def grid_of(view: MapView, shown: int) -> HeatGrid:
    """A map, by its number."""
    sweep, board = view.board.sweep, view.board
    deep = view.deep[shown] if shown < len(view.deep) else frozenset()
    made: Callable[[int], HeatCell]
    if shown < len(sweep.contenders):

        def made(cell: int) -> HeatCell:
            record = board.cells[cell]
            return _mean_cell(record.contenders[shown], record.winner == shown, cell in deep)

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
def _mean_cell(record: ContenderRecord, wins: bool, beyond: bool) -> HeatCell:
    mean = record.mean
    if mean is None:
        words = DIVERGED if record.diverged else FAILED if record.failed else NOTHING
        return HeatCell(words.texts, beyond=beyond)
    star = WINS * wins
    texts = [f"{with_decimals(mean, digits)}{star}" for digits in (3, 2)]
    short = f"{mean:.2f}".removeprefix("0")
    return HeatCell((*texts, f"{short}{star}", short, str(min(int(10 * mean), 9))), mean, beyond=beyond)


def _winner_cell(record: CellRecord, sweep: Sweep) -> HeatCell:
    if record.comparison is None:
        return NOTHING
    if record.winner is None:
        return UNDECIDED
    look = sweep.experiment.contenders[record.winner].look
    mark = mark_of(look)
    return HeatCell((f"{mark} {sweep.contenders[record.winner]}", mark), colour=colour_of(look))
