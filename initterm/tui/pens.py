"""What a terminal writes with: attributes, colours and a link, and the shortest way from one pen to another."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeVar
from weakref import WeakValueDictionary

from rich.color import ColorSystem
from rich.style import Style
from textual.strip import Strip

_Known = TypeVar("_Known")
_Kept = TypeVar("_Kept")

MOST_KEPT = 10_000
COLOUR, BACKGROUND = "39", "49"
"""The terminal's own."""

ON_BLANKS = frozenset(("4", "7", "9", "21", "51", "52", "53"))
"""Attributes that are seen where nothing is written: lines, frames, and colours turned round."""

OFF = {"1": "22", "2": "22", "3": "23", "4": "24", "5": "25", "6": "25", "7": "27", "8": "28", "9": "29", "21": "24"}
"""What ends an attribute, and those it shares that with; others end with everything else (ECMA-48, 8.3.117)."""

EXTENDED = {"5": 3, "2": 5}
"""Of how many parameters a colour consists, by the second of them: one of 256, or its three parts."""


@dataclass(frozen=True, eq=False)
class Pen:
    """A way to write: parameters of SGR, and the address that a text leads to. Of two that are alike there is one."""

    attributes: frozenset[str] = frozenset()
    colour: str = COLOUR
    background: str = BACKGROUND
    link: str = ""

    def blanks_like(self, other: Pen) -> bool:
        """Whether a blank looks the same by both."""
        return self.background == other.background and self.plain_blanks and other.plain_blanks

    @property
    def plain_blanks(self) -> bool:
        """Whether a blank shows nothing but the background."""
        return not self.link and self.attributes.isdisjoint(ON_BLANKS)

    @property
    def fills(self) -> bool:
        """Whether a block that fills its cell looks as a blank does on another background."""
        return self.colour.startswith("38;") and not self.attributes and not self.link


class Pens:
    """The pens of all styles, on a terminal of so many colours; ``default`` is that with which a terminal begins."""

    def __init__(self, colours: ColorSystem) -> None:
        self._colours = colours
        self._ones: WeakValueDictionary[tuple[frozenset[str], str, str, str], Pen] = WeakValueDictionary()
        self._of_styles: dict[Style, Pen] = {}
        self._ways: dict[tuple[Pen, Pen], str] = {}
        self._fillings: dict[Pen, Pen] = {}
        self.default = self._one(frozenset(), COLOUR, BACKGROUND, "")

    def of(self, style: Style | None) -> Pen:
        """The pen of a style."""
        if style is None:
            return self.default
        if (pen := self._of_styles.get(style)) is None:
            pen = self._one(*_read(Strip.render_ansi(style, self._colours)), style.link or "")
            _keep(self._of_styles, style, pen)
        return pen

    def on(self, background: str, pen: Pen) -> Pen:
        """The same pen on another background."""
        return self._one(pen.attributes, pen.colour, background, pen.link)

    def filling(self, pen: Pen) -> Pen:
        """With what a blank looks as a full block does with this pen, which ``fills``."""
        if (filling := self._fillings.get(pen)) is None:
            filling = self.on(f"4{pen.colour[1:]}", pen)
            _keep(self._fillings, pen, filling)
        return filling

    def way(self, old: Pen, new: Pen) -> str:
        """What makes a terminal that writes with the old pen write with the new one."""
        if (way := self._ways.get((old, new))) is None:
            way = _styled(old, new) + _linked(old.link, new.link)
            _keep(self._ways, (old, new), way)
        return way

    def _one(self, attributes: frozenset[str], colour: str, background: str, link: str) -> Pen:
        key = attributes, colour, background, link
        return self._ones.setdefault(key, Pen(*key))


def _keep(kept: dict[_Known, _Kept], key: _Known, value: _Kept) -> None:
    """Remember it, and not too much."""
    if len(kept) >= MOST_KEPT:
        kept.clear()
    kept[key] = value


def _read(parameters: str) -> tuple[frozenset[str], str, str]:
    """Attributes, colour and background of what follows a reset."""
    attributes, colour, background = set(), COLOUR, BACKGROUND
    for parameter in _split(parameters.split(";") if parameters else []):
        if parameter[0] in "39" and len(parameter) > 1:
            colour = parameter
        elif (parameter[0] == "4" and len(parameter) > 1) or parameter.startswith("10"):
            background = parameter
        else:
            attributes.add(parameter)
    return frozenset(attributes), colour, background


def _split(codes: list[str]) -> Iterator[str]:
    """Each parameter, a colour with all that belongs to it."""
    while codes:
        count = EXTENDED[codes[1]] if codes[0] in ("38", "48") else 1
        yield ";".join(codes[:count])
        codes = codes[count:]


def _styled(old: Pen, new: Pen) -> str:
    """The shorter of two ways: what differs, or everything after a reset."""
    anew = ["0", *sorted(new.attributes)]
    anew += [new.colour] * (new.colour != COLOUR) + [new.background] * (new.background != BACKGROUND)
    ways = [anew]
    gone = old.attributes - new.attributes
    if gone <= OFF.keys():
        ended = {OFF[attribute] for attribute in gone}
        kept = {attribute for attribute in old.attributes - gone if OFF.get(attribute) not in ended}
        changed = [*sorted(ended), *sorted(new.attributes - kept)]
        changed += [new.colour] * (new.colour != old.colour) + [new.background] * (new.background != old.background)
        ways.append(changed)
    parameters = min((";".join(way) for way in ways), key=len)
    return f"\x1b[{parameters}m" if parameters else ""


def _linked(old: str, new: str) -> str:
    """Lead to an address from here on, or no longer (OSC 8); pieces that lead to the same one belong together."""
    if old == new:
        return ""
    return f"\x1b]8;id={abs(hash(new))};{new}\x1b\\" if new else "\x1b]8;;\x1b\\"
