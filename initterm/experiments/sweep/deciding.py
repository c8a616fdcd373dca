"""More seeds where they may decide something: for the cells that aren't decided, once others are."""

from __future__ import annotations

from dataclasses import dataclass

from initterm.experiments.settings import refuse_unless
from initterm.experiments.sweep.board import SweepBoard
from initterm.experiments.sweep.sweep import Sweep
from initterm.theory.numbers import grouped
from initterm.theory.refusal import Refusal
from initterm.theory.wording import counted

MORE_SEEDS = 5
"""More seeds are those up to the next multiple of it."""


@dataclass(frozen=True)
class MoreAsked:
    """A sweep and the same with more seeds in some of its cells; ``undecided`` says that these are those."""

    before: Sweep
    sweep: Sweep
    undecided: bool

    @property
    def words(self) -> str:
        """How many cells get more seeds, and how many trials that are."""
        own, now = self.before, self.sweep
        cells = sum(now.seeds_of(cell) > own.seeds_of(cell) for cell in range(own.cell_count))
        which = "undecided " if self.undecided else ""
        of_all = f" of {grouped(own.cell_count)}" if cells < own.cell_count else ""
        trials = counted("trial", now.trial_count - own.trial_count)
        return f"more seeds for {counted(f'{which}cell', cells)}{of_all}: {trials}"


def with_more_seeds(board: SweepBoard) -> MoreAsked:
    """Up to the next five: for the undecided cells where any other is decided, else for every cell.

    Raises:
        Refusal: every cell is decided, or that are too many trials.
    """
    sweep, undecided = board.sweep, board.undecided
    decided = len(sweep.contenders) > 1 and any(cell.comparison and not cell.undecided for cell in board.cells)
    if decided:
        refuse_unless(undecided, "no cell is undecided; initterm runs resume --seeds gives all of them more")
        return MoreAsked(sweep, given_to_undecided(board), undecided=True)
    most = max(map(sweep.seeds_of, range(sweep.cell_count)))
    return MoreAsked(sweep, sweep.with_seeds(next_seeds(most)), undecided=False)


def more_of(board: SweepBoard) -> MoreAsked | None:
    """The same; None where there is nothing that more seeds could be given to."""
    try:
        return with_more_seeds(board)
    except Refusal:
        return None


def next_seeds(had: int) -> int:
    """The next multiple of five."""
    return (had // MORE_SEEDS + 1) * MORE_SEEDS


def given_to_undecided(board: SweepBoard, seeds: int = 0) -> Sweep:
    """The sweep with so many seeds in each undecided cell, by default up to the next five.

    Raises:
        Refusal: there is none, one has as many already, or that are too many trials.
    """
    sweep, undecided = board.sweep, board.undecided
    refuse_unless(undecided, "no cell is undecided")
    for had in sorted({*map(board.sweep.seeds_of, undecided)}):
        cells = [cell for cell in undecided if board.sweep.seeds_of(cell) == had]
        sweep = sweep.with_seeds(seeds or next_seeds(had), cells)
    return sweep
