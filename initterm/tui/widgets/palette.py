"""One colour and one mark an initializer, by catalogue order, the same in every pane."""

from __future__ import annotations

from rich.text import Text

from initterm.theory.initializers import CATALOGUE, InitializerSpec

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
)
_BY_NAME = {family.name: look for family, look in zip(CATALOGUE, _LOOKS, strict=True)}


def colour_of(initializer: InitializerSpec) -> str:
    """Its colour as ``#rrggbb``."""
    return _BY_NAME[initializer.name][0]


def mark_of(initializer: InitializerSpec) -> str:
    """Its mark, one cell wide, which tells it apart without colour."""
    return _BY_NAME[initializer.name][1]


def name_with_mark(initializer: InitializerSpec) -> Text:
    """``● he_normal``, the mark in its colour."""
    return Text.assemble((f"{mark_of(initializer)} ", colour_of(initializer)), str(initializer), no_wrap=True)
