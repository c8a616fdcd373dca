"""One colour and one mark an initializer, by the order of the catalogue, the same in every pane and figure."""

from __future__ import annotations

from collections.abc import Hashable

from rich.text import Text

from initterm.report.ground import PAPER, Ground
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
COLOURS = frozenset(colour for colour, _ in _LOOKS)
"""Those of initializers, as they are on the reference ground."""

_IN_TURN = ("#f7ea5c", "#1b7cc2", "#ffffff", "#c8520c", "#cdeaff", "#9f5fab", "#ffe3cb", "#73777f")
"""Light and dark in turn, in hues that eyes without green or red cones tell apart (after Okabe and Ito 2008)."""

Coloured = Hashable
"""An ``InitializerSpec``, or one with something else that tells it apart, such as an activation."""


def _look_at(place: int) -> tuple[str, str]:
    """The colour and mark of a place in the order; once all are taken, the same colours come with other marks."""
    count = len(_LOOKS)
    return _LOOKS[place % count][0], _LOOKS[(place + place // count) % count][1]


_PLACE_OF: dict[Coloured, int] = {InitializerSpec(name): place for place, name in enumerate(FAMILIES)}


def _place(choice: Coloured) -> int:
    """What isn't in the catalogue as it stands gets the next look that is free, and keeps it."""
    if choice not in _PLACE_OF:
        _PLACE_OF[choice] = len(set(_PLACE_OF.values()))
    return _PLACE_OF[choice]


def keep_look(choice: Coloured, before: Coloured) -> None:
    """Give a choice the look of the one it was before it was edited, unless it has one already."""
    _PLACE_OF.setdefault(choice, _place(before))


def colour_of(choice: Coloured) -> str:
    """Its colour on the reference ground, as ``#rrggbb``: what it is called by, whatever it is shown on."""
    return _look_at(_place(choice))[0]


def mark_of(choice: Coloured) -> str:
    """Its mark, one cell wide, which tells it apart without colour."""
    return _look_at(_place(choice))[1]


def on_ground(colour: str, ground: Ground) -> str:
    """A colour of ``colour_of``, or any other that is named as on the reference ground, as it is on this one."""
    if ground.alternating and colour in COLOURS:
        place = next(place for place, (one, _) in enumerate(_LOOKS) if one == colour)
        colour = _IN_TURN[place % len(_IN_TURN)]
    return ground.shown(colour)


def ink_of(choice: Coloured) -> str:
    """Its colour on white paper, as ``#rrggbb``."""
    return on_ground(colour_of(choice), PAPER)


def name_with_mark(choice: Coloured) -> Text:
    """``● he_normal``, the mark in its colour."""
    return Text.assemble((f"{mark_of(choice)} ", colour_of(choice)), str(choice), no_wrap=True)
