"""The one style of tables for people, by Rich."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TypeVar

from rich import box
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


def spaced(layers: Sequence[Row]) -> Sequence[Row]:
    """A dozen layers at most, evenly spaced, the first and the last among them."""
    step = max(1, -(-(len(layers) - 1) // (MOST_LAYERS - 1)))
    return [layers[index] for index in sorted({*range(0, len(layers), step), len(layers) - 1})]
