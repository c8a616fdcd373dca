"""Characters that are pictures: blocks, dots of braille and lines of boxes, as paths that meet whatever the font is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

WIDTH, HEIGHT = 10, 20
"""Of a cell, in the picture's units."""

BRAILLE = 0x2800
DOTS = ((0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2), (0, 3), (1, 3))
"""Column and row of each bit's dot."""

Box: TypeAlias = tuple[int, int, int, int]
"""Left, top, width and height."""

FULL, UPPER, SHADES = "█", "▀", {"░": 0.25, "▒": 0.5, "▓": 0.75}
LOWER_EIGHTHS, LEFT_EIGHTHS = "▁▂▃▄▅▆▇", "▏▎▍▌▋▊▉"
QUADRANTS = {
    "▖": "3", "▗": "4", "▘": "1", "▙": "134", "▚": "14", "▛": "123", "▜": "124", "▝": "2", "▞": "23", "▟": "234",
}  # fmt: skip
"""Which quarters are filled: 1 and 2 above, 3 and 4 below."""

OTHERS = {"▐": (WIDTH // 2, 0, WIDTH // 2, HEIGHT), "▔": (0, 0, WIDTH, 3), "▕": (WIDTH - 2, 0, 2, HEIGHT)}

ARMS = {
    "─": "lr", "│": "ud", "┌": "rd", "┐": "ld", "└": "ru", "┘": "lu", "├": "rud", "┤": "lud", "┬": "lrd", "┴": "lru",
    "┼": "lrud", "╭": "rd", "╮": "ld", "╰": "ru", "╯": "lu", "╴": "l", "╵": "u", "╶": "r", "╷": "d",
}  # fmt: skip
"""Where the lines of a box's character go from its middle."""

REACH = {"l": f"h-{WIDTH // 2}", "r": f"h{WIDTH // 2}", "u": f"v-{HEIGHT // 2}", "d": f"v{HEIGHT // 2}"}
"""How a path goes there."""


def boxes(character: str) -> Iterator[Box]:
    """What a block fills of its cell; nothing where the character is none."""
    half, middle = WIDTH // 2, HEIGHT // 2
    if character == FULL:
        yield 0, 0, WIDTH, HEIGHT
    elif character == UPPER:
        yield 0, 0, WIDTH, middle
    elif character in LOWER_EIGHTHS:
        height = round(HEIGHT * (LOWER_EIGHTHS.index(character) + 1) / 8)
        yield 0, HEIGHT - height, WIDTH, height
    elif character in LEFT_EIGHTHS:
        yield 0, 0, round(WIDTH * (LEFT_EIGHTHS.index(character) + 1) / 8), HEIGHT
    elif character in OTHERS:
        yield OTHERS[character]
    for quarter in QUADRANTS.get(character, ""):
        down, right = divmod(int(quarter) - 1, 2)
        yield right * half, down * middle, half, middle


def dots(character: str) -> Iterator[tuple[int, int]]:
    """Column and row of each dot of a cell of braille, two by four; nothing where the character is none."""
    bits = ord(character) - BRAILLE
    if 0 <= bits < 256:
        yield from (place for bit, place in enumerate(DOTS) if bits >> bit & 1)


def is_shape(character: str) -> bool:
    """Whether a character is drawn instead of written."""
    return (
        character in ARMS or character in SHADES or any(boxes(character)) or BRAILLE <= ord(character) < BRAILLE + 256
    )
