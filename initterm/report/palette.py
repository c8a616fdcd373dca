"""One colour and one mark an initializer, by the order of the catalogue, the same in every pane and figure."""

from __future__ import annotations

import colorsys
from collections.abc import Hashable

from rich.text import Text

from initterm.theory.initializer_rows import FAMILIES
from initterm.theory.initializers import InitializerSpec

_LOOKS = (
    ("#5aa9ff", "●"),
    ("#38d0d6", "○"),
    ("#ffd166", "▲"),
    ("#ff9f43", "△"),
    ("#b48cff", "◆"),
    ("#ff7ac6", "◇"),
    ("#7ee787", "■"),
    ("#e8e8e8", "★"),
    ("#ff6b6b", "▼"),
    ("#c5e063", "▽"),
    ("#4fd1a5", "□"),
    ("#d9a066", "▶"),
    ("#a0a8b8", "▷"),
    ("#8fb8de", "◀"),
    ("#e0b0ff", "◁"),
    ("#f5a3a3", "◈"),
    ("#a6f0b4", "▣"),
    ("#9ecbff", "◉"),
    ("#ffc09f", "◭"),
    ("#d0b3ff", "◮"),
    ("#ffe28a", "▤"),
    ("#ff9ecb", "◍"),
    ("#8fe3e0", "▥"),
    ("#cfd6e0", "◐"),
)
INK_LIGHTNESS, INK_SATURATION = 0.42, 0.8
"""How light and how vivid a colour may be on white paper."""

Coloured = Hashable
"""An ``InitializerSpec``, or one with something else that tells it apart, such as an activation."""


def _look_at(place: int) -> tuple[str, str]:
    """The colour and mark of a place in the order; once all are taken, the same colours come with other marks."""
    count = len(_LOOKS)
    return _LOOKS[place % count][0], _LOOKS[(place + place // count) % count][1]


_LOOK_OF: dict[Coloured, tuple[str, str]] = {
    InitializerSpec(name): _look_at(place) for place, name in enumerate(FAMILIES)
}


def _look(choice: Coloured) -> tuple[str, str]:
    """What isn't in the catalogue as it stands gets the next look that is free, and keeps it."""
    if choice not in _LOOK_OF:
        _LOOK_OF[choice] = _look_at(len(set(_LOOK_OF.values())))
    return _LOOK_OF[choice]


def keep_look(choice: Coloured, before: Coloured) -> None:
    """Give a choice the look of the one it was before it was edited, unless it has one already."""
    _LOOK_OF.setdefault(choice, _look(before))


def colour_of(choice: Coloured) -> str:
    """Its colour as ``#rrggbb``."""
    return _look(choice)[0]


def mark_of(choice: Coloured) -> str:
    """Its mark, one cell wide, which tells it apart without colour."""
    return _look(choice)[1]


def ink_of(choice: Coloured) -> str:
    """Its colour darkened for white paper, as ``#rrggbb``."""
    red, green, blue = (int(colour_of(choice)[at : at + 2], 16) / 255 for at in (1, 3, 5))
    hue, lightness, saturation = colorsys.rgb_to_hls(red, green, blue)
    inked = colorsys.hls_to_rgb(hue, min(lightness, INK_LIGHTNESS), saturation * INK_SATURATION)
    return "#" + "".join(f"{round(255 * part):02x}" for part in inked)


def name_with_mark(choice: Coloured) -> Text:
    """``● he_normal``, the mark in its colour."""
    return Text.assemble((f"{mark_of(choice)} ", colour_of(choice)), str(choice), no_wrap=True)
