"""A sweep's board as grids of cells: an initializer's means, or who wins where."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache

from initterm.experiments.message import Number
from initterm.experiments.metric import Metric
from initterm.experiments.sweep.board import CellRecord, ContenderRecord, SweepBoard
from initterm.experiments.sweep.cell import words_of
from initterm.experiments.sweep.recommended import CarriedRate, carried_rates, gain_cells
from initterm.experiments.sweep.sweep import Sweep
from initterm.experiments.sweep.theory import depth_axis
from initterm.report.judged import metric_words
from initterm.report.palette import colour_of, mark_of
from initterm.report.sweep.maps import TOO_DEEP, WINS, further, grid, is_too_deep, mean_words, shares
from initterm.tui.widgets.heat_grid import BEYOND, NEAREST, GridPlace, HeatCell, HeatGrid

NOBODY = "#8a8f98"
"""The grey of cells in which no real difference is shown."""

NOTHING = HeatCell(("·",))
DIVERGED, FAILED = HeatCell(("diverged", "div", "×")), HeatCell(("failed", "!"))
UNDECIDED = HeatCell(("no difference", "none", "≈"), colour=NOBODY)

DEEP_WORDS = f"{BEYOND} deeper than 6 ξ_c, too deep by theory"
GAIN_WORDS = f"{NEAREST} nearest to the guide's gain"
CARRIED_WORDS = f"{NEAREST} μP: the narrowest one's best rate"
FALLING_WORDS = f"{NEAREST} the narrowest one's best rate, over the width"


@dataclass(frozen=True)
class Theory:
    """What theory says of cells: of each contender those that are too deep, and those nearest to the guide's gain.

    ``rates`` are predicted from what was measured at the smallest width.
    """

    deep: tuple[frozenset[int], ...]
    gain: tuple[frozenset[int], ...]
    rates: tuple[CarriedRate, ...] = ()

    @classmethod
    def of(cls, sweep: Sweep) -> Theory:
        """Of a sweep; every cell is made for it."""
        contenders, deep = range(len(sweep.contenders)), depth_axis(sweep) is not None
        cells = range(sweep.cell_count if deep else 0)
        return cls(
            tuple(frozenset(cell for cell in cells if is_too_deep(sweep, cell, one)) for one in contenders),
            tuple(gain_cells(sweep, one) for one in contenders),
            carried_rates(sweep),
        )

    def nearest(self, board: SweepBoard, contender: int) -> frozenset[int]:
        """Cells that come nearest to what is recommended or predicted."""

        def mean(cell: int) -> Number:
            told = board.cells[cell]
            came_to = told.contenders[contender].mean
            return None if came_to is None else came_to * told.metric.better

        return self.gain[contender].union(*(one.cells(mean) for one in self.rates))

    def words(self, cells: frozenset[int]) -> str:
        """What its marks on these cells mean; empty where it says nothing of them."""
        carries = all(one.carries for one in self.rates)
        told = (
            DEEP_WORDS if any(cells & deep for deep in self.deep) else "",
            GAIN_WORDS if any(cells & gain for gain in self.gain) else "",
            (CARRIED_WORDS if carries else FALLING_WORDS) if self.rates else "",
        )
        return " · ".join(filter(None, told))


SILENT = Theory((), ())
"""As long as it isn't known what theory says."""


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
