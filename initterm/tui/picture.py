"""What is to stand on a terminal's screen, what stands there, and what makes the one of the other."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import chain, groupby, repeat
from typing import NamedTuple

from rich.cells import cell_len
from rich.color import ColorSystem
from rich.segment import Segment
from textual.geometry import Offset, Size
from textual.strip import Strip

from initterm.tui.pens import Pen, Pens

Piece = tuple[int, int, Strip]
"""A strip, and where it begins: column and line."""

LONGEST_BRIDGE = 4
"""Cells; to step over so few costs as much as to write them once more."""

LONGEST_BLANK = 12
"""Cells; more are erased, which takes as long as writing so many, and a step over them."""

BLANK = " "
FULL = "█"
"""Written as a blank where that looks the same, which is a third as long."""

COVERED = ""
"""What stands in a cell over which the character before it reaches."""

JOINER, EMOJI = "\u200d", "\ufe0f"
"""Joins the characters beside it to one; and makes an emoji, which may be wider, of the character before it."""

CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]")

_narrow = {BLANK}
"""Characters that are known to fill one cell."""


class Picture:
    """A screen as it is to be, cell by cell, beside what the terminal is known to show.

    It takes the strips of whatever changed and tells the bytes that show them. Lines of which it isn't known what the
    terminal shows are written whole, as are those with characters that fill no cell or two, from left to right:
    terminals differ there. Of all others one pen after the other is written, since steps are shorter than pens.
    """

    def __init__(self, colours: ColorSystem, *, erases: bool = False) -> None:
        """Args: erases: whether the terminal leaves the pen's background where it erases."""
        self._erases = erases
        self._pens = Pens(colours)
        self._lines: list[_Line] = []
        self._changed: set[int] = set()
        self.size = Size(0, 0)

    @property
    def has_changes(self) -> bool:
        """Whether anything may have to be written."""
        return bool(self._changed)

    def forget(self) -> None:
        """It isn't known any more what the terminal shows."""
        for line in self._lines:
            line.shown = None
        self._changed.update(range(len(self._lines)))

    def resize(self, size: Size) -> None:
        """Begin anew, with an empty screen of this size, of which it isn't known what the terminal shows."""
        self.size = size
        self._lines = [_Line(size.width, self._pens) for _ in range(size.height)]
        self._changed = set(range(size.height))

    def take(self, pieces: Iterable[Piece]) -> None:
        """Change what is to be shown."""
        for x, y, strip in pieces:
            if 0 <= y < len(self._lines) and self._lines[y].take(x, strip):
                self._changed.add(y)

    def changes(self, cursor: Offset) -> str:
        """What makes the terminal show it, with the cursor there; empty where it does already.

        The terminal is taken to have its default pen, and has it again afterwards.
        """
        writer = _Writer(self.size.width, self._pens, erases=self._erases)
        by_pen: defaultdict[Pen, list[_Run]] = defaultdict(list)
        for y in sorted(self._changed):
            line = self._lines[y]
            for run in line.changes(y):
                if line.is_narrow:
                    by_pen[run.pen].append(run)
                else:
                    writer.write(run)
            line.is_shown()
        self._changed.clear()
        for run in chain.from_iterable(by_pen.values()):
            writer.write(run)
        return writer.end(cursor)


class _Run(NamedTuple):
    """Cells beside each other, from a column of a line on."""

    x: int
    y: int
    characters: list[str]
    pen: Pen


class _Line:
    """A line of cells, as it is to be and as it was last shown."""

    def __init__(self, width: int, pens: Pens) -> None:
        self._width = width
        self._pens_of_styles = pens
        self._characters = [BLANK] * width
        self._pens = [pens.default] * width
        self._strips: dict[int, Strip] = {}
        self.shown: tuple[list[str], list[Pen]] | None = None

    def take(self, x: int, strip: Strip) -> bool:
        """Change it from a column on; whether it wasn't the same strip before."""
        if self._strips.get(x) is strip:
            return False
        end = x + strip.cell_length
        for start, other in list(self._strips.items()):
            if start < end and x < start + other.cell_length:
                del self._strips[start]
        self._strips[x] = strip
        for segment in strip:
            x = self._put(x, segment)
        return True

    def _put(self, x: int, segment: Segment) -> int:
        """Put a text from a column on; the column after it."""
        pen = self._pens_of_styles.of(segment.style)
        cells: str | list[str] = segment.text
        if not _all_narrow(segment.text):
            cells = _cells_of(segment.text)
        end = min(x + len(cells), self._width)
        if x < end:
            if self._characters[x] == COVERED and x:
                self._characters[x - 1] = BLANK
            if end < self._width and self._characters[end] == COVERED:
                self._characters[end] = BLANK
            self._characters[x:end] = cells[: end - x]
            self._pens[x:end] = repeat(pen, end - x)
        return x + len(cells)

    def is_shown(self) -> None:
        """The terminal shows it as it is to be."""
        self.shown = self._characters.copy(), self._pens.copy()

    @property
    def is_narrow(self) -> bool:
        """Whether each character fills one cell, in what is shown too."""
        return _narrow.issuperset(self._characters) and (not self.shown or _narrow.issuperset(self.shown[0]))

    def changes(self, y: int) -> Iterator[_Run]:
        """The cells that the terminal doesn't show yet, if this is line y."""
        characters, pens = self._characters, self._pens
        if self.shown == (characters, pens):
            return
        spans = _bridged(self._differing(*self.shown), pens) if self.shown and self.is_narrow else [(0, self._width)]
        for x, end in spans:
            for pen, alike in groupby(pens[x:end]):
                first, x = x, x + len(list(alike))
                yield _Run(first, y, characters[first:x], pen)

    def _differing(self, characters: list[str], pens: list[Pen]) -> list[int]:
        """The columns in which another cell is seen than was shown."""
        cells = zip(self._characters, characters, self._pens, pens, strict=True)
        return [
            x
            for x, (new, old, pen, old_pen) in enumerate(cells)
            if new != old or (pen is not old_pen and not (new == BLANK and pen.blanks_like(old_pen)))
        ]


def _bridged(columns: list[int], pens: list[Pen]) -> Iterator[tuple[int, int]]:
    """Runs of columns, first and one after the last; short gaps of the pen before them are written too."""
    start = end = columns[0] if columns else 0
    for column in columns:
        if column > end and (column > end + LONGEST_BRIDGE or set(pens[end:column]) != {pens[end - 1]}):
            yield start, end
            start = column
        end = column + 1
    if columns:
        yield start, end


class _Writer:
    """Where the terminal's cursor is and which pen it has, while cells are written to it."""

    def __init__(self, width: int, pens: Pens, *, erases: bool) -> None:
        self._width = width
        self._pens = pens
        self._erases = erases
        self._pen = pens.default
        self._at: tuple[int, int] | None = None
        self._out: list[str] = []

    def write(self, run: _Run) -> None:
        """Write cells of one pen."""
        x = run.x
        for character, alike in groupby(run.characters):
            length = len(list(alike))
            if character != COVERED:
                self._write_same(x, run.y, character, run.pen, length)
            x += length

    def _write_same(self, x: int, y: int, character: str, pen: Pen, length: int) -> None:
        """Write cells that are all the same; where those end that fill no cell or two is for each terminal to say."""
        if character == FULL and pen.fills:
            character, pen = BLANK, self._pens.filling(pen)
        if pen is not self._pen:
            self._take(pen, blank=character == BLANK)
        if character in _narrow:
            self._move(x, y)
            if character == BLANK and self._erases and length > LONGEST_BLANK and self._pen.plain_blanks:
                self._out.append(f"\x1b[{length}X")
            else:
                self._out.append(character * length)
                self._at = (x + length, y) if x + length < self._width else None
        else:
            for column in range(x, x + length):
                self._move(column, y)
                self._out.append(character)
                self._at = None

    def end(self, cursor: Offset) -> str:
        """All that was written, with the pen put down and the cursor where it is to be."""
        if not self._out:
            return ""
        if self._pen is not self._pens.default:
            self._out.append(self._pens.way(self._pen, self._pens.default))
        self._move(*cursor)
        return "".join(self._out)

    def _move(self, x: int, y: int) -> None:
        """Go there by the shortest way that is known."""
        if self._at == (x, y):
            return
        way = f"\x1b[{y + 1};{x + 1}H" if x else f"\x1b[{y + 1}H"
        if self._at and self._at[1] <= y:
            right, down = x - self._at[0], y - self._at[1]
            steps = _step(down, "B") + (_step(right, "C") if right >= 0 else -right * "\b")
            way = min(way, steps, key=len)
        self._out.append(way)
        self._at = x, y

    def _take(self, pen: Pen, *, blank: bool) -> None:
        """Take another pen; for a blank one that leaves the same is enough."""
        if blank and self._pen.plain_blanks and pen.plain_blanks:
            pen = self._pens.on(pen.background, self._pen)
        if pen is not self._pen:
            self._out.append(self._pens.way(self._pen, pen))
            self._pen = pen


def _step(count: int, direction: str) -> str:
    """Cursor that many steps in a direction."""
    return (f"\x1b[{count}{direction}" if count > 1 else f"\x1b[{direction}") if count else ""


def _all_narrow(text: str) -> bool:
    """Whether each of its characters fills one cell."""
    if _narrow.issuperset(text):
        return True
    _narrow.update(character for character in set(text) - _narrow if cell_len(character) == 1)
    return _narrow.issuperset(text)


def _cells_of(text: str) -> list[str]:
    """Its characters by cells; what fills none stands with the one before, and what fills two covers the next."""
    cells: list[str] = []
    last = 0
    for character in CONTROLS.sub("", text):
        if cells and (character == EMOJI or cells[last].endswith(JOINER) or not cell_len(character)):
            cells[last] += character
        elif cell_len(character):
            last = len(cells)
            cells.append(character)
        if cells:
            cells[last + 1 :] = [COVERED] * (cell_len(cells[last]) - 1)
    return cells
