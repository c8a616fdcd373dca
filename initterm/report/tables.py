"""The one style of tables for people, by Rich."""

from __future__ import annotations

from rich import box
from rich.table import Table


def plain_table(first: str, *others: str) -> Table:
    """A table without lines; all columns but the first are right-aligned."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column(first)
    for name in others:
        table.add_column(name, justify="right")
    return table
