"""A grid of values painted as colours: a value in each cell where there is room, its first digit where there is less.

What theory puts a bound to is divided from the rest by a line of steps, and marked where there is room, as is what it
recommends.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.geometry import Size
from textual.strip import Strip

from initterm.experiments.sweep.marks import NEAREST, TOO_DEEP
from initterm.report.palette import on_ground
from initterm.report.sweep.maps import style_of
from initterm.tui.widgets.inks import BOLD, Inks

GridPlace = tuple[int, int]
"""A row and a column, counted from 0."""

MOST_CELL_WIDTH, MOST_CELL_HEIGHT = 16, 3
MOST_LABEL_SHARE = 3
"""At most the third part of the width is for the values of rows."""

HEAD = 2
"""Lines over the cells: the title, and the values of columns."""

DIVIDER = "│"
CURSOR = Style(color="#000000", bgcolor="#ffffff", bold=True)
UNDER = Style(underline=True)


@dataclass(frozen=True)
class HeatCell:
    """A cell: its place on the ramp from 0 to 1, or a colour of its own, or none of both; what it says, long to short.

    Those ``beyond`` are on the other side of a bound, those ``nearest`` come nearest to what is recommended.
    """

    texts: tuple[str, ...] = ("",)
    share: float | None = None
    colour: str = ""
    beyond: bool = False
    nearest: bool = False

    def text(self, width: int) -> str:
        """The longest of what it says that has room, in the middle of it, with marks of what theory says."""
        marks = TOO_DEEP * self.beyond + NEAREST * self.nearest
        marked = [f"{text}{marks}" for text in self.texts if text] if marks else []
        fitting = (text for text in (*marked, *self.texts) if cell_len(text) <= width)
        return next(fitting, "").center(width)


@dataclass(frozen=True)
class HeatGrid:
    """Cells in rows, with the values of their axes there; ``title`` are parts with the colour of each, if any."""

    rows: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    cells: tuple[tuple[HeatCell, ...], ...] = ()
    title: tuple[tuple[str, str], ...] = ()
    chosen: GridPlace | None = None

    def is_beyond(self, row: int, column: int) -> bool:
        """Whether that cell is; what is outside of the grid isn't."""
        inside = 0 <= row < len(self.rows) and 0 <= column < len(self.columns)
        return inside and self.cells[row][column].beyond


def _window(count: int, room: int, chosen: int) -> range:
    """So many of them as there is room for, the chosen one among them."""
    first = min(max(0, chosen - room // 2), max(0, count - room))
    return range(first, min(count, first + room))


@dataclass(frozen=True)
class HeatPainting:
    """A grid in so many columns and lines of the terminal."""

    grid: HeatGrid
    size: Size
    inks: Inks

    @cached_property
    def left(self) -> int:
        """Columns before the cells."""
        return min(max(map(cell_len, self.grid.rows), default=0) + 1, self.size.width // MOST_LABEL_SHARE)

    @cached_property
    def width(self) -> int:
        """Columns of a cell."""
        return max(1, min((self.size.width - self.left) // max(1, len(self.grid.columns)), MOST_CELL_WIDTH))

    @cached_property
    def height(self) -> int:
        """Lines of a cell."""
        return max(1, min((self.size.height - HEAD) // max(1, len(self.grid.rows)), MOST_CELL_HEIGHT))

    @cached_property
    def shown(self) -> tuple[range, range]:
        """The rows and the columns that there is room for."""
        row, column = self.grid.chosen or (0, 0)
        lines, columns = max(1, self.size.height - HEAD), max(1, self.size.width - self.left)
        return (
            _window(len(self.grid.rows), max(1, lines // self.height), row),
            _window(len(self.grid.columns), max(1, columns // self.width), column),
        )

    def place_at(self, column: int, line: int) -> GridPlace | None:
        """Which cell lies there."""
        rows, columns = self.shown
        down, right = (line - HEAD) // self.height, (column - self.left) // self.width
        inside = 0 <= down < len(rows) and 0 <= right < len(columns)
        return (rows[down], columns[right]) if inside else None

    def strips(self) -> list[Strip]:
        """Its lines: the title, the values of the columns, the rows."""
        if not self.grid.cells or self.size.height <= HEAD:
            return []
        return [self._title, self._head, *self._rows()][: self.size.height]

    @property
    def _title(self) -> Strip:
        """Without its last part where that has no room."""
        parts = self.grid.title
        if sum(cell_len(text) for text, _ in parts) > self.size.width:
            parts = parts[:-1]
        return Strip([Segment(text, self.inks.full(colour) if colour else BOLD) for text, colour in parts])

    @property
    def _head(self) -> Strip:
        """Values of columns, of as many as have room beside each other."""
        line, more = " " * self.left, self._more
        for place, column in enumerate(self.shown[1]):
            at, label = self.left + place * self.width, self.grid.columns[column]
            if not place or cell_len(line.rstrip()) < at:
                line = f"{set_cell_size(line, at)}{label.center(self.width) if len(label) < self.width else label}"
        return Strip([Segment(set_cell_size(line, self.size.width - len(more)) + more, self.inks.axis)])

    @property
    def _more(self) -> str:
        """That there are others than those that are shown."""
        rows, columns = self.shown
        whole = len(rows) == len(self.grid.rows) and len(columns) == len(self.grid.columns)
        return "" if whole else " …"

    def _rows(self) -> Iterator[Strip]:
        for row in self.shown[0]:
            for line in range(self.height):
                middle, last = line == (self.height - 1) // 2, line == self.height - 1
                label = self.grid.rows[row] if middle else ""
                segments = [Segment(_label(label, self.left), self.inks.axis)]
                for column in self.shown[1]:
                    segments += self._cell(row, column, told=middle, last=last)
                yield Strip(segments)

    def _cell(self, row: int, column: int, *, told: bool, last: bool) -> Sequence[Segment]:
        """A line of a cell."""
        grid, one = self.grid, self.grid.cells[row][column]
        divided = column > 0 and one.beyond is not grid.is_beyond(row, column - 1)
        width = self.width - divided
        text, style = one.text(width) if told else " " * width, self._style(one)
        if (row, column) == grid.chosen:
            style = CURSOR
            if told and width > cell_len(text.strip()) + 1:
                text = f"[{one.text(min(width - 2, cell_len(text.strip()) + 2))}]".center(width)
        if last and row + 1 < len(grid.rows) and one.beyond is not grid.is_beyond(row + 1, column):
            style += UNDER
        return (*([Segment(DIVIDER, style)] if divided else []), Segment(text, style))

    def _style(self, cell: HeatCell) -> Style:
        """Its colours on this ground."""
        ground = self.inks.ground
        if cell.colour:
            own = on_ground(cell.colour, ground)
            return Style(color="#000000" if ground.dark else "#ffffff", bgcolor=ground.nearest(own))
        if cell.share is None:
            return self.inks.muted
        style = style_of(cell.share)
        behind = ground.nearest(style.bgcolor.triplet.hex) if style.bgcolor and style.bgcolor.triplet else None
        return Style(color=style.color, bgcolor=behind)


def _label(text: str, width: int) -> str:
    """A value at the right end of so many columns, a blank behind it; the end of one that is too long is left out."""
    room = max(0, width - 1)
    if cell_len(text) > room:
        text = set_cell_size(text, max(0, room - 1)) + "…"[:room]
    return text.rjust(room) + " " * (width - room)
