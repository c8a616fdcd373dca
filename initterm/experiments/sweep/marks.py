"""What theory says of every cell of a sweep, as marks on its maps: too deep, nearest to what it recommends."""

from __future__ import annotations

from dataclasses import dataclass

from initterm.experiments.message import Number
from initterm.experiments.sweep.board import SweepBoard
from initterm.experiments.sweep.recommended import CarriedRate, carried_rates, gain_cells
from initterm.experiments.sweep.sweep import Sweep
from initterm.experiments.sweep.theory import depth_axis, is_too_deep

TOO_DEEP, NEAREST = "~", "°"
"""Stand in cells that are deeper than theory lets a network train, and in those nearest to what it recommends."""

DEEP_WORDS = f"{TOO_DEEP} deeper than 6 ξ_c, too deep by theory"
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
        return cls(
            _deep(sweep),
            tuple(gain_cells(sweep, one) for one in range(len(sweep.contenders))),
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
        told = (DEEP_WORDS if any(cells & deep for deep in self.deep) else "", self.nearest_words(cells))
        return " · ".join(filter(None, told))

    def nearest_words(self, cells: frozenset[int]) -> str:
        """What is recommended or predicted on these cells."""
        carries = all(one.carries for one in self.rates)
        told = (
            GAIN_WORDS if any(cells & gain for gain in self.gain) else "",
            (CARRIED_WORDS if carries else FALLING_WORDS) if self.rates else "",
        )
        return " · ".join(filter(None, told))


def _deep(sweep: Sweep) -> tuple[frozenset[int], ...]:
    """Of each contender the cells that are too deep; none where no axis is of the depth."""
    found: list[set[int]] = [set() for _ in sweep.contenders]
    for cell in sweep.cells() if depth_axis(sweep) is not None else ():
        for cells, contender in zip(found, cell.experiment.contenders, strict=True):
            if is_too_deep(cell.experiment, contender):
                cells.add(cell.index)
    return tuple(map(frozenset, found))


SILENT = Theory((), ())
"""As long as it isn't known what theory says."""
