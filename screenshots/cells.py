"""What stands in the cells of a screen: of a real terminal, or of the app in memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

import pyte
from rich.color import Color
from rich.terminal_theme import TerminalTheme
from textual.app import App
from textual.strip import Strip

GROUND, INK = "#121212", "#e0e0e0"
"""Of a terminal where the app sets no colour."""

THEME = TerminalTheme((0x12, 0x12, 0x12), (0xE0, 0xE0, 0xE0), [(0x12, 0x12, 0x12)] * 8)
"""Only its default colours are used: the app sets every other one in full."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A character, its colours as ``#rrggbb``, and whether it is bold."""

    text: str
    ink: str = INK
    ground: str = GROUND
    bold: bool = False


Row: TypeAlias = tuple[Cell, ...]
Rows: TypeAlias = tuple[Row, ...]


def rows_of_terminal(screen: pyte.Screen) -> Rows:
    """The rows of a terminal of true colour."""
    return tuple(
        tuple(_cell_of(screen.buffer[line][column]) for column in range(screen.columns))
        for line in range(screen.lines)
    )  # fmt: skip


def _cell_of(char: pyte.screens.Char) -> Cell:
    ink, ground = _colour(char.fg, INK), _colour(char.bg, GROUND)
    return Cell(char.data or " ", *((ground, ink) if char.reverse else (ink, ground)), char.bold)


def _colour(name: str, otherwise: str) -> str:
    """As pyte has it: six digits, or a name where it isn't one of all colours."""
    return f"#{name}" if len(name) == 6 and not set(name) - set("0123456789abcdef") else otherwise


def rows_of_app(app: App[Any]) -> Rows:
    """The rows of an app in memory, as Textual's own screenshots have them."""
    return tuple(tuple(_cells_of(strip)) for strip in app.screen._compositor.render_strips())


def _cells_of(strip: Strip) -> Iterator[Cell]:
    for text, style, control in strip:
        if control:
            continue
        ink = _hex(style.color, INK) if style else INK
        ground = _hex(style.bgcolor, GROUND) if style else GROUND
        if style and style.reverse:
            ink, ground = ground, ink
        yield from (Cell(character, ink, ground, bool(style and style.bold)) for character in text)


def _hex(colour: Color | None, otherwise: str) -> str:
    return colour.get_truecolor(THEME).hex if colour and not colour.is_default else otherwise
