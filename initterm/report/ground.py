"""What colours stand on, and how a colour is shown there: as strong as it is on a dark ground, on any other."""

from __future__ import annotations

import colorsys
from collections.abc import Iterable
from functools import lru_cache
from typing import Literal, NamedTuple

Rgb = tuple[int, int, int]
Shades = Literal["all", "256", "16"]
"""The colours that a terminal can show: all, the cube and the greys of 256, or the sixteen of the oldest."""

LEGIBLE = 4.5
"""The least contrast of text with its background (WCAG 2.2, criterion 1.4.3)."""

REFERENCE = "#121212"
"""The ground for which colours are named everywhere else."""

KEPT = 0.75
"""How much of its contrast on the reference a colour keeps, so that two that differ there differ on any ground."""

LEAST_VIVID = 0.25
"""From this saturation on a colour is none of the greys."""

SIXTEEN: tuple[str, ...] = (
    "#000000", "#aa0000", "#00aa00", "#aa5500", "#0000aa", "#aa00aa", "#00aaaa", "#aaaaaa",
    "#555555", "#ff5555", "#55ff55", "#ffff55", "#5555ff", "#ff55ff", "#55ffff", "#ffffff",
)  # fmt: skip
"""What a terminal of sixteen colours is taken to show, in the order of their codes."""

BROWN = "#aa5500"
"""What many of them show as yellow."""

_LEVELS = (0, 95, 135, 175, 215, 255)


class Ground(NamedTuple):
    """The background of a theme as ``#rrggbb``, the terminal's colours, and how a theme wants its own.

    ``contrast`` is the least of a mark with the background; ``alternating`` takes light and dark colours in turn, which
    differ for any eye.
    """

    background: str = REFERENCE
    shades: Shades = "all"
    contrast: float = LEGIBLE
    alternating: bool = False

    @property
    def dark(self) -> bool:
        """Whether white is easier to read on it than black."""
        return contrast(self.background, "#ffffff") >= contrast(self.background, "#000000")

    def shown(self, colour: str) -> str:
        """A colour, named as it is on the reference, as it is on this ground."""
        return _shown(colour, self)

    def tint(self, colour: str, share: float) -> str | None:
        """A background of so much of a colour, for what is drawn on it; None where the terminal has none so faint."""
        if self.shades == "16":
            return None
        mixed = blend(rgb_of(self.background), rgb_of(self.shown(colour)), share)
        return self.nearest(hex_of(mixed))

    def nearest(self, colour: str) -> str:
        """The colour of the terminal that is most like it."""
        return colour if self.shades == "all" else _nearest_of(colour, self.shades)


REFERENCE_GROUND, PAPER = Ground(), Ground("#ffffff")
"""What colours are named for, and what figures are printed on."""


@lru_cache(maxsize=4096)
def _shown(colour: str, ground: Ground) -> str:
    strength = contrast(colour, REFERENCE)
    least = min(strength, ground.contrast)
    wanted = least if ground.dark else max(least, KEPT * strength)
    if ground.dark:
        legible = with_contrast(colour, ground.background, wanted)
    else:  # from white on: what is faint on a dark ground is strong here as it is
        legible = _between(colour, ground.background, wanted, 1.0, 0.0)
    if ground.shades == "all":
        return legible

    def serves(one: str) -> bool:
        return contrast(one, ground.background) >= least and one != BROWN

    meant = _vivid(legible) if ground.shades == "16" else legible
    nearest = _nearest_of(meant, ground.shades)
    return nearest if serves(nearest) else _nearest(meant, filter(serves, colours_of(ground.shades)))


def luminance(colour: str) -> float:
    """Relative luminance, from 0 for black to 1 for white (WCAG 2.2)."""
    red, green, blue = rgb_of(colour)
    return 0.2126 * _linear(red) + 0.7152 * _linear(green) + 0.0722 * _linear(blue)


@lru_cache(maxsize=256)
def _linear(part: int) -> float:
    share = part / 255
    return share / 12.92 if share <= 0.04045 else float(((share + 0.055) / 1.055) ** 2.4)


@lru_cache(maxsize=4096)
def contrast(one: str, other: str) -> float:
    """Of two colours, from 1 to 21 (WCAG 2.2)."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def with_contrast(colour: str, background: str, wanted: float) -> str:
    """The colour, or one of its hue that is lighter or darker by as little as gives it the contrast.

    As far away as is possible where no colour has so much.
    """
    if contrast(colour, background) >= wanted:
        return colour
    light = contrast(background, "#ffffff") >= contrast(background, "#000000")
    return _between(colour, background, wanted, _hls_of(colour)[1], 1.0 if light else 0.0)


def _between(colour: str, background: str, wanted: float, near: float, far: float) -> str:
    """The colour with the lightness, from near to far, at which it begins to have the contrast; far where none has."""
    hue, _, saturation = _hls_of(colour)
    for _step in range(12):
        middle = (near + far) / 2
        enough = contrast(_of_hls(hue, middle, saturation), background) >= wanted
        near, far = (near, middle) if enough else (middle, far)
    return _of_hls(hue, far, saturation)


def blend(behind: Rgb, colour: Rgb, share: float) -> Rgb:
    """So much of a colour over what is behind it."""
    red, green, blue = (round(b + (c - b) * share) for b, c in zip(behind, colour, strict=True))
    return red, green, blue


@lru_cache(maxsize=3)
def colours_of(shades: Shades) -> tuple[str, ...]:
    """Those of a terminal that has some only."""
    if shades == "16":
        return SIXTEEN
    cube = [(red, green, blue) for red in _LEVELS for green in _LEVELS for blue in _LEVELS]
    return tuple(map(hex_of, [*cube, *((level, level, level) for level in range(8, 239, 10))]))


@lru_cache(maxsize=4096)
def _nearest_of(colour: str, shades: Shades) -> str:
    """The weights of green and blue in a distance depend on red alone, so each has its own nearest in the cube."""
    if shades == "16":
        return _nearest(colour, SIXTEEN)
    _, green, blue = (min(range(6), key=lambda step: abs(_LEVELS[step] - part)) for part in rgb_of(colour))
    colours = colours_of(shades)
    return _nearest(colour, [*colours[6 * green + blue : 216 : 36], *colours[216:]])  # of each red; the greys


def _nearest(colour: str, among: Iterable[str]) -> str:
    """By a distance that weighs red, green and blue as eyes do (C. Riemersma, compuphase.com/cmetric.htm)."""
    red, green, blue = rgb_of(colour)

    def distance(other: str) -> float:
        its_red, its_green, its_blue = rgb_of(other)
        mean = (red + its_red) / 2
        return (
            (2 + mean / 256) * (red - its_red) ** 2
            + 4 * (green - its_green) ** 2
            + (2 + (255 - mean) / 256) * (blue - its_blue) ** 2
        )

    return min(among, key=distance)


def _vivid(colour: str) -> str:
    """The colour without its grey, where it is more than a grey: pale ones would all come out as white."""
    hue, lightness, saturation = _hls_of(colour)
    return _of_hls(hue, min(max(lightness, 0.4), 0.6), 1.0) if saturation >= LEAST_VIVID else colour


def _hls_of(colour: str) -> tuple[float, float, float]:
    red, green, blue = (part / 255 for part in rgb_of(colour))
    return colorsys.rgb_to_hls(red, green, blue)


def _of_hls(hue: float, lightness: float, saturation: float) -> str:
    red, green, blue = (round(255 * part) for part in colorsys.hls_to_rgb(hue, lightness, saturation))
    return hex_of((red, green, blue))


@lru_cache(maxsize=4096)
def rgb_of(colour: str) -> Rgb:
    """The parts of ``#rrggbb``, from 0 to 255."""
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def hex_of(parts: Rgb) -> str:
    """``#rrggbb``."""
    red, green, blue = parts
    return f"#{red:02x}{green:02x}{blue:02x}"
