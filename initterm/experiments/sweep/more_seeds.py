"""More seeds for some of a sweep's cells, as one text: ``10:0,3-5`` gives ten of them to cell 0 and to cells 3 to 5."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, pairwise

from initterm.experiments.settings import MOST_SEEDS, refuse_unless
from initterm.theory.numbers import parse_whole_number
from initterm.theory.refusal import Refusal, shown

EXAMPLE = "write, for example, 10:0,3-5"
MOST_CELL = 99_999
"""Of no sweep a cell has a larger number."""


@dataclass(frozen=True)
class MoreSeeds:
    """So many seeds, in place of fewer, for these cells, counted from 0 and in their order.

    Raises:
        Refusal: the seeds are too few or too many, or the cells aren't in their order.
    """

    seeds: int
    cells: tuple[int, ...]

    def __post_init__(self) -> None:
        refuse_unless(2 <= self.seeds <= MOST_SEEDS, f"more seeds are 2 to {MOST_SEEDS}, not {self.seeds}; {EXAMPLE}")
        refuse_unless(self.cells, f"it isn't said which cells have more seeds; {EXAMPLE}")
        rising = all(one < other for one, other in pairwise(self.cells))
        refuse_unless(
            rising and self.cells[0] >= 0 and self.cells[-1] <= MOST_CELL,
            f"cells with more seeds are counted from 0 and stand in their order, each once; {EXAMPLE}",
        )

    @classmethod
    def parse(cls, text: str) -> MoreSeeds:
        """Read the text form.

        Raises:
            Refusal: it is none.
        """
        seeds, colon, cells = text.partition(":")
        if not colon:
            raise Refusal(f"'{shown(text.strip())}' doesn't say which cells have more seeds; {EXAMPLE}.")
        number = parse_whole_number(seeds, "more seeds", 2, MOST_SEEDS, 10)
        return cls(number, tuple(chain.from_iterable(map(_span, cells.split(",")))))

    def __str__(self) -> str:
        return f"{self.seeds}:{','.join(_spans(self.cells))}"


def rounds_of(more: Iterable[MoreSeeds], own: int, cells: int) -> dict[int, tuple[int, ...]]:
    """By cell the numbers of seeds that it was given one after another; nothing of cells that keep their own.

    Args:
        more: in their order.
        own: the seeds of every cell before.
        cells: how many cells there are.

    Raises:
        Refusal: there is no such cell, or it has as many already.
    """
    found: dict[int, tuple[int, ...]] = {}
    for one in more:
        refuse_unless(
            one.cells[-1] < cells, f"there is no cell {one.cells[-1]}; they are counted from 0 to {cells - 1}"
        )
        for cell in one.cells:
            had = found.get(cell, (own,))
            refuse_unless(one.seeds > had[-1], f"cell {cell} has {had[-1]} seeds; it can be given more only")
            found[cell] = (*found.get(cell, ()), one.seeds)
    return found


def _span(text: str) -> range:
    """The cells from one to another, both included, or one alone."""
    first, dash, last = text.partition("-")
    low = parse_whole_number(first, "a cell", 0, MOST_CELL, 3)
    high = parse_whole_number(last, "a cell", 0, MOST_CELL, 5) if dash else low
    refuse_unless(low <= high, f"'{shown(text.strip())}' are no cells; {EXAMPLE}")
    return range(low, high + 1)


def _spans(cells: tuple[int, ...]) -> Iterator[str]:
    """Cells that follow each other as the first and the last of them."""
    first = before = cells[0]
    for cell in (*cells[1:], -1):
        if cell != before + 1:
            yield str(first) if first == before else f"{first}-{before}"
            first = cell
        before = cell
