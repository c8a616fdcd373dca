"""The one style of tables for people, by Rich, and text cut to cells: a letter of Chinese takes two of them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TypeVar

from rich import box
from rich.cells import cell_len, set_cell_size
from rich.table import Table

Row = TypeVar("Row")

MOST_LAYERS = 12


def plain_table(*heads: str, left: Collection[str] | None = None, title: str | None = None) -> Table:
    """A table without lines.

    Args:
        heads: what stands over its columns.
        left: the heads of columns of words, which stand to the left, numbers to the right; None for the first one.
        title: stands over it.
    """
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    for head in heads:
        table.add_column(head, justify="left" if head in (heads[:1] if left is None else left) else "right")
    return table


def folding(table: Table, column: int = 0) -> Table:
    """The table, where it is too wide for its place with this column folded, so that nothing of a name is lost."""
    table.columns[column].overflow = "fold"
    return table


def spaced(layers: Sequence[Row]) -> Sequence[Row]:
    """A dozen layers at most, evenly spaced, the first and the last among them."""
    step = max(1, -(-(len(layers) - 1) // (MOST_LAYERS - 1)))
    return [layers[index] for index in sorted({*range(0, len(layers), step), len(layers) - 1})]


CUT = "…"


def clipped(text: str, most: int, *, keeps_end: bool = False) -> str:
    """The text in so many cells at most; what is cut away, its end or its beginning, leaves a mark.

    >>> clipped("he_normal", 6), clipped("block/dense/kernel", 9, keeps_end=True), clipped("初期化する", 6)
    ('he_no…', '…e/kernel', '初期…')
    """
    if cell_len(text) <= most:
        return text
    if most < 1:
        return ""
    if keeps_end:
        return CUT + set_cell_size(text[::-1], most - 1).rstrip()[::-1]
    return set_cell_size(text, most - 1).rstrip() + CUT


def filled(text: str, width: int, *, keeps_end: bool = False) -> str:
    """The text in exactly so many cells: cut, or with spaces after it.

    >>> filled("relu", 6), filled("初期", 6)
    ('relu  ', '初期  ')
    """
    return set_cell_size(clipped(text, width, keeps_end=keeps_end), width)
