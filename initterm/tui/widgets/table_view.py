"""Tables whose lines are drawn one by one, so that a number that changes costs no more than its line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.events import Click
from textual.geometry import Region, Size
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from initterm.tui.messages import frozen
from initterm.tui.widgets.inks import Inks, inks_of

Cell = tuple[Segment, ...]

GAP = 2
"""Columns between two columns of a table."""


@lru_cache(maxsize=1024)
def cell(text: str, style: Style | None = None) -> Cell:
    """A cell of one style."""
    return (Segment(text, style),)


@dataclass(frozen=True)
class Column:
    """``head`` over cells of a width, to their right end unless ``left``."""

    head: Cell
    width: int
    left: bool = False


def table_row(columns: Sequence[Column], cells: Sequence[Cell], gap: int = GAP) -> Strip:
    """The cells in their columns, so far from each other; what is too long ends in an ellipsis."""
    segments: list[Segment] = []
    for column, one in zip(columns, cells, strict=True):
        segments += [*_fitted(one, column.width, left=column.left), Segment(" " * gap)]
    return Strip(segments[:-1])


def _fitted(one: Cell, width: int, *, left: bool) -> Sequence[Segment]:
    spare = width - sum(cell_len(part.text) for part in one)
    if spare < 0:
        return _shortened(one, width)
    blank = (Segment(" " * spare),) if spare else ()
    return (*one, *blank) if left else (*blank, *one)


def _shortened(one: Cell, width: int) -> Sequence[Segment]:
    kept: list[Segment] = []
    for part in one:
        room = width - sum(cell_len(segment.text) for segment in kept)
        if cell_len(part.text) >= room:
            return [*kept, Segment(set_cell_size(part.text, max(0, room - 1)) + "…"[:room], part.style)]
        kept.append(part)
    return kept


class Table(Protocol):
    """What a ``TableView`` shows."""

    @property
    def height(self) -> int:
        """Lines it takes."""
        ...

    def lines(self, width: int, inks: Inks) -> Sequence[Strip]:
        """Its lines for so many columns."""
        ...


class TableView(Widget):
    """Shows a table as high as it is; of another one only the lines that differ are drawn anew."""

    @frozen
    class RowClicked(Message):
        """A line under the head of this table was clicked on; it is counted from 0."""

        table: Table
        row: int

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._table: Table | None = None
        self._drawn: tuple[Table | None, int] | None = None
        self._strips: list[Strip] = []

    def show(self, table: Table) -> None:
        """Show another table."""
        height = self._table.height if self._table else 0
        self._table = table
        if table.height != height:
            self.refresh(layout=True)
            return
        if not self._drawn or self._drawn[1] != self.size.width:
            self.refresh()
            return
        before = self._strips
        self._draw()
        for line, (old, new) in enumerate(zip(before, self._strips, strict=False)):
            if old != new:
                self.refresh(Region(0, line, self.size.width, 1))

    def on_click(self, event: Click) -> None:
        """Tell which line it was."""
        if self._table and event.y > 0:
            self.post_message(self.RowClicked(self._table, event.y - 1))

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """As many lines as the table has."""
        return self._table.height if self._table else 0

    def notify_style_update(self) -> None:
        """Colours may have changed."""
        super().notify_style_update()
        self._drawn = None

    def render_line(self, y: int) -> Strip:
        if self._drawn != (self._table, self.size.width):
            self._draw()
        return self._strips[y] if y < len(self._strips) else Strip.blank(self.size.width, self.rich_style)

    def _draw(self) -> None:
        width, style = self.size.width, self.rich_style
        lines = self._table.lines(width, inks_of(self)) if self._table else ()
        self._strips = [line.adjust_cell_length(width).apply_style(style) for line in lines]
        self._drawn = self._table, width
