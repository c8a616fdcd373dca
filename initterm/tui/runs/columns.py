"""The columns of the list of runs, and a run's line in them."""

from __future__ import annotations

from functools import lru_cache

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from initterm.report.when import when
from initterm.theory.refusal import printable
from initterm.tui.runs.listed import SeenRun
from initterm.tui.runs.words import MARKED, MARKS, PINNED, STYLES, differing, result, taken, what
from initterm.tui.widgets.table_view import Cell, Column, cell, table_row

WIDE = 100
"""Columns from which on the time of the day and the state are told in words."""

BOLD, DIM = Style(bold=True), Style(dim=True)
HEADS = ("", "when", "what", "settings", "data", "who leads", "time", "state")
SHARE_OF_NAMES = 0.45
"""How much of the room that is left goes to who takes part; the other part goes to the settings."""


@lru_cache(maxsize=16)
def columns(width: int) -> tuple[Column, ...]:
    """As many columns as there are heads, in so many cells."""
    wide = width >= WIDE
    fixed = {"": 5, "when": 12 if wide else 6, "data": 6, "time": 5, "state": 11 if wide else 0}
    fixed["who leads"] = 30 if wide else 18
    left = width - sum(fixed.values()) - _gap(width) * (len(HEADS) - 1 - (not wide))
    fixed["what"] = max(6, round(left * SHARE_OF_NAMES))
    fixed["settings"] = max(6, left - fixed["what"])
    heads = [name for name in HEADS if fixed[name]]
    return tuple(Column(cell(name, DIM), fixed[name], left=name != "time") for name in heads)


def _gap(width: int) -> int:
    """Columns between two columns."""
    return 2 if width >= WIDE else 1


def head_line(width: int) -> Strip:
    """What the columns are."""
    table = columns(width)
    return table_row(table, [column.head for column in table], _gap(width))


def run_line(one: SeenRun, width: int, now: float, *, marked: bool) -> Strip:
    """A run in the columns."""
    table = columns(width)
    wide = width >= WIDE
    style = Style.parse(STYLES.get(one.state, ""))
    cells = [
        _marks(one, style, marked=marked),
        cell(when(one.header.began, now, briefly=not wide)),
        cell(what(one), BOLD if one.label.name else None),
        cell(differing(one.header)),
        cell(printable(one.header.data)),
        cell(result(one.header)),
        cell(taken(one, now)),
        cell(one.state, style),
    ]
    return table_row(table, cells[: len(table)], _gap(width))


def _marks(one: SeenRun, style: Style, *, marked: bool) -> Cell:
    """Whether it is marked, pinned, has a note, and how it stands."""
    noted = "”" if one.label.note else " "
    before = f"{MARKED if marked else ' '} {PINNED if one.label.pinned else ' '}{noted}"
    return Segment(before), Segment(MARKS[one.state], style)
