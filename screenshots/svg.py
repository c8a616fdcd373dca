"""Screens as SVG: text as text, blocks and lines as paths; one screen, or a film of what changed, by CSS alone."""

from __future__ import annotations

import itertools
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from html import escape
from typing import TypeAlias

from screenshots.cells import Cell, Row, Rows
from screenshots.shapes import ARMS, HEIGHT, REACH, SHADES, WIDTH, Box, boxes, dots, is_shape

Frame: TypeAlias = tuple[float, Rows]
"""From which second on a screen stands."""

MARGIN = 10
STYLE = """\
text{{font:16.6px "DejaVu Sans Mono",Menlo,Consolas,"Liberation Mono",monospace;white-space:pre}}
.b{{font-weight:bold}}
path{{shape-rendering:crispEdges}}
.d{{stroke-width:1.3;stroke-linecap:round;fill:none;shape-rendering:auto}}
.l{{stroke-width:1.4;fill:none;shape-rendering:auto}}
g[id^=f]{{animation:{seconds}s steps(1,end) infinite}}
@media(prefers-reduced-motion:reduce){{g{{animation:none!important}}}}
"""
PHRASE = re.compile(r"\S+(?: \S+)*")
SHORT = 3
"""So few characters come out as wide as their cells in any font."""

DOT = 2.5
"""Side of the square that a dot of braille stands in."""


def still(rows: Rows) -> str:
    """A screen."""
    return film([(0.0, rows)], 1.0)


def film(frames: Sequence[Frame], seconds: float) -> str:
    """Screens of one size, each shown from its time on, over and over.

    Each frame adds what changed over what stands there: without animation the last screen is seen.

    Args:
        frames: in the order of their times.
        seconds: until it begins again.
    """
    ids: dict[Row, str] = {}
    groups = list(_groups(frames, ids))
    rows = frames[0][1]
    width, height = len(rows[0]) * WIDTH, len(rows) * HEIGHT
    view = f"{-MARGIN} {-MARGIN} {width + 2 * MARGIN} {height + 2 * MARGIN}"
    parts = (f'<g id="{name}">{"".join(_row(row))}</g>\n' for row, name in ids.items())
    return "".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{view}">\n<style>\n{STYLE.format(seconds=seconds)}',
            *(_times(index, frame[0] / seconds) for index, frame in enumerate(frames) if index),
            "</style>\n<defs>\n",
            *parts,
            "</defs>\n",
            f'<rect x="{-MARGIN}" y="{-MARGIN}" width="100%" height="100%" rx="8" fill="{rows[1][0].ground}"/>\n',
            *groups,
            "</svg>\n",
        )
    )


def _times(index: int, share: float) -> str:
    """From when on the frame is seen."""
    seen = f"0%{{visibility:hidden}}{share:.3%}{{visibility:visible}}"
    return f"@keyframes k{index}{{{seen}}}#f{index}{{animation-name:k{index}}}\n"


def _groups(frames: Iterable[Frame], ids: dict[Row, str]) -> Iterator[str]:
    """What each frame adds; the parts of rows that it uses get a name."""
    before: Rows = ()
    for index, (_, rows) in enumerate(frames):
        uses = []
        for line, (row, old) in enumerate(itertools.zip_longest(rows, before, fillvalue=())):
            left, part = _changed(row, old)
            if part:
                name = ids.setdefault(part, f"r{len(ids)}")
                uses.append(f'<use href="#{name}" x="{left * WIDTH}" y="{line * HEIGHT}"/>'.replace(' x="0"', ""))
        yield f'<g id="f{index}">{"".join(uses)}</g>\n'
        before = rows


def _changed(row: Row, old: Row) -> tuple[int, Row]:
    """The part of a row from the first to the last cell that changed, and where it begins."""
    if not old:
        return 0, row
    at = [column for column, (cell, before) in enumerate(zip(row, old, strict=True)) if cell != before]
    return (at[0], row[at[0] : at[-1] + 1]) if at else (0, ())


def _row(row: Row) -> Iterator[str]:
    """A row at the height 0: grounds, blocks, dots, lines, then words."""
    yield from _filled((_ground(cell), (column * WIDTH, 0, WIDTH, HEIGHT)) for column, cell in enumerate(row))
    yield from _filled(
        (cell.ink, (column * WIDTH + left, top, width, height))
        for column, cell in enumerate(row)
        for left, top, width, height in boxes(cell.text)
    )
    yield from _dots(row)
    yield from _lines(row)
    yield from _words(row)


def _filled(coloured: Iterable[tuple[str, Box]]) -> Iterator[str]:
    """A path for each colour; boxes that continue each other are one."""
    fills: dict[str, list[Box]] = defaultdict(list)
    for colour, (left, top, width, height) in coloured:
        x, y, wide, high = fills[colour][-1] if fills[colour] else (0, 0, 0, 0)
        if (x + wide, y, high) == (left, top, height):
            fills[colour][-1] = (x, y, wide + width, high)
        else:
            fills[colour].append((left, top, width, height))
    for colour, filled in fills.items():
        path = "".join(f"M{x} {y}h{wide}v{high}h-{wide}z" for x, y, wide, high in filled)
        yield f'<path fill="{colour}" d="{path}"/>'


def _ground(cell: Cell) -> str:
    """The colour behind a cell; a shade is one."""
    if share := SHADES.get(cell.text):
        pairs = zip(bytes.fromhex(cell.ground[1:]), bytes.fromhex(cell.ink[1:]), strict=True)
        return "#" + "".join(f"{round(a + share * (b - a)):02x}" for a, b in pairs)
    return cell.ground


def _dots(row: Row) -> Iterator[str]:
    strokes: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for column, cell in enumerate(row):
        strokes[cell.ink] += ((4 * column + 2 * across + 1, 2 * down + 1) for across, down in dots(cell.text))
    for ink, places in strokes.items():
        if places:
            moves = ((x - x0, y - y0) for (x0, y0), (x, y) in itertools.pairwise([(0, 0), *places]))
            path = "".join(f"m{x} {y}h0" for x, y in moves)
            yield f'<path class="d" transform="scale({DOT})" stroke="{ink}" d="{path}"/>'


def _lines(row: Row) -> Iterator[str]:
    strokes: dict[str, list[str]] = defaultdict(list)
    for column, cell in enumerate(row):
        x, y = column * WIDTH + WIDTH // 2, HEIGHT // 2
        for arm in ARMS.get(cell.text, ""):
            strokes[cell.ink].append(f"M{x} {y}{REACH[arm]}")
    yield from (f'<path class="l" stroke="{ink}" d="{"".join(parts)}"/>' for ink, parts in strokes.items())


def _words(row: Row) -> Iterator[str]:
    """Text in runs of one style, each as wide as its cells."""
    at = 0
    for (ink, bold), cells in itertools.groupby(row, key=lambda cell: (cell.ink, cell.bold)):
        text = "".join(" " if is_shape(cell.text) else cell.text for cell in cells)
        for phrase in PHRASE.finditer(text):
            words, kind = phrase[0], ' class="b"' if bold else ""
            x, width = (at + phrase.start()) * WIDTH, len(words) * WIDTH
            length = f' textLength="{width}"' if len(words) > SHORT else ""
            yield f'<text{kind} x="{x}" y="15" fill="{ink}"{length}>{escape(words, quote=False)}</text>'
        at += len(text)
