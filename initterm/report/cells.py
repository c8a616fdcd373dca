"""Text cut to the room it has, counted in a terminal's cells: a letter of Chinese takes two of them."""

from __future__ import annotations

from rich.cells import cell_len, set_cell_size

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
