"""How far something is from 1, as colour: neutral near 1, blue where it vanishes, red where it explodes."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from rich.style import Style
from textual.app import App

from initterm.report.ground import Shades
from initterm.tui.themes import ground_of

Lab = tuple[float, float, float]

FULL_AT = 8.0
"""From so many powers of ten on the colour is full."""

STEPS = 24
"""Into how many colours each side is divided: as many as eyes tell apart, so that many neighbours are equal."""

SIGNS = "−·+"
SIGNS_EXPLAINED = "· within tenfold  − vanishing  + exploding"

ON_DARK = ("#8fc7ff", "#2f74d0", "#1d3f73", "#2c2f34", "#7a2f22", "#d0542f", "#ffb38a")
ON_LIGHT = ("#0b3c78", "#3f7fc0", "#a9cbe8", "#f1f1ef", "#f3bba0", "#cf6a4c", "#8a1414")
"""From vanished over unchanged to exploded. How light they are rises or falls evenly from the middle to both ends, so
that the ends are told apart from the middle also by eyes that see no hues.
"""

OF_256 = {
    True: (
        "#afd7ff", "#87d7ff", "#5fafff", "#0087ff", "#005fd7", "#005faf", "#00005f", "#262626",
        "#5f0000", "#870000", "#af0000", "#d75f00", "#ff875f", "#ffaf87", "#ffd7af",
    ),
    False: (
        "#00005f", "#000087", "#005faf", "#5f87af", "#87afd7", "#afd7ff", "#d7ffff", "#ffffff",
        "#ffd7d7", "#ffafaf", "#d78787", "#d75f5f", "#d70000", "#af0000", "#5f0000",
    ),
}  # fmt: skip
OF_16 = {
    True: ("#5555ff", "#0000aa", "#000000", "#aa0000", "#ff5555"),
    False: ("#0000aa", "#5555ff", "#ffffff", "#ff5555", "#aa0000"),
}
"""On dark and on light, of colours that such terminals have, as those between would come out in other hues. One is for
all within tenfold; of sixteen the next is for what is within ten thousandfold.
"""


@dataclass(frozen=True)
class DivergingScale:
    """Colours for ratios on a dark or a light background, of those that the terminal has, where it has any."""

    dark: bool = True
    shades: Shades = "all"
    coloured: bool = True

    @classmethod
    def of(cls, app: App[Any]) -> DivergingScale:
        """The scale for an app's theme on its terminal."""
        ground = ground_of(app)
        return cls(ground.dark, ground.shades, not app.no_color and app.console.color_system is not None)

    def style(self, ratio: float) -> Style:
        """The background that stands for a ratio; none where there is no colour, or no ratio."""
        return self.of_decades(decades_of(ratio))

    def of_decades(self, decades: float) -> Style:
        """The background for a ratio's decimal logarithm."""
        return Style(bgcolor=self.colour(decades)) if self.coloured and not math.isnan(decades) else Style()

    def colour(self, decades: float) -> str:
        """The colour of a ratio's decimal logarithm, ``#rrggbb``."""
        share = math.copysign(math.sqrt(min(1.0, abs(decades) / FULL_AT)), decades)
        if self.shades == "all":
            return _mixed(ON_DARK if self.dark else ON_LIGHT, round(share * STEPS))
        if self.shades == "16":
            return OF_16[self.dark][sum(decades > limit for limit in (-4.0, -1.0, 1.0, 4.0))]
        colours, tenfold = OF_256[self.dark], math.sqrt(1 / FULL_AT)
        side = len(colours) // 2
        beyond = math.ceil(max(0.0, abs(share) - tenfold) / (1 - tenfold) * side)
        return colours[side + int(math.copysign(beyond, share))]

    def contour(self, decades: float) -> str:
        """The colour of a line where what vanishes or explodes becomes tenfold: light on dark, and the other way.

        Of 256 colours the first one beyond is another hue, which is line enough.
        """
        if self.shades == "256":
            return self.colour(decades)
        return self.ink if self.shades == "16" else self.colour(math.copysign(FULL_AT, decades))

    @property
    def ink(self) -> str:
        """What is seen on every colour of it."""
        return "#ffffff" if self.dark else "#000000"


def decades_of(ratio: float | None) -> float:
    """The decimal logarithm: infinite for 0 and infinity, NaN where there is no ratio."""
    if ratio is None or math.isnan(ratio):
        return math.nan
    if ratio <= 0:
        return -math.inf
    return math.log10(ratio) if math.isfinite(ratio) else math.inf


def sign_of(decades: float) -> str:
    """What tells by a mark what the colour tells; blank where there is no ratio."""
    return " " if math.isnan(decades) else SIGNS[1 + (decades > 1) - (decades < -1)]


@lru_cache(maxsize=4 * STEPS + 2)
def _mixed(colours: tuple[str, ...], step: int) -> str:
    """A colour between those named, evenly for the eye (Ottosson 2020, Oklab)."""
    at = (step / STEPS + 1) / 2 * (len(colours) - 1)
    low = min(int(at), len(colours) - 2)
    one, other = (_oklab(colours[place]) for place in (low, low + 1))
    mixed = [a + (b - a) * (at - low) for a, b in zip(one, other, strict=True)]
    return _rgb((mixed[0], mixed[1], mixed[2]))


def _oklab(colour: str) -> Lab:
    red, green, blue = (_linear(int(colour[at : at + 2], 16) / 255) for at in (1, 3, 5))
    long = (0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue) ** (1 / 3)
    medium = (0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue) ** (1 / 3)
    short = (0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue) ** (1 / 3)
    return (
        0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short,
        1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short,
    )


def _rgb(parts: Lab) -> str:
    lightness, green_red, blue_yellow = parts
    long = (lightness + 0.3963377774 * green_red + 0.2158037573 * blue_yellow) ** 3
    medium = (lightness - 0.1055613458 * green_red - 0.0638541728 * blue_yellow) ** 3
    short = (lightness - 0.0894841775 * green_red - 1.2914855480 * blue_yellow) ** 3
    linear = (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )
    return "#" + "".join(f"{round(255 * _encoded(part)):02x}" for part in linear)


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)


def _encoded(part: float) -> float:
    part = min(1.0, max(0.0, part))
    return 12.92 * part if part <= 0.0031308 else float(1.055 * part ** (1 / 2.4) - 0.055)
