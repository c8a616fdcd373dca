"""In which styles curves and their labels are drawn on a background, also where a terminal has few colours."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache

from rich.color import Color
from rich.style import Style
from textual.widget import Widget

Rgb = tuple[int, int, int]

DIM_SHARE, MUTED_SHARE, AXIS_SHARE, GRID_SHARE = 0.5, 0.7, 0.55, 0.3
"""How much of its colour is left to a dim curve, and how much of the text's to what is secondary."""

GREY = Style(color=Color.from_rgb(85, 85, 85))
"""Dim curves in sixteen colours, among which only this is dark and not gaudy."""


@dataclass(frozen=True)
class Inks:
    """Styles on a background with this colour of text; ``few`` where the terminal has sixteen colours or none."""

    behind: Rgb
    text: Rgb
    few: bool = False

    def full(self, colour: str) -> Style:
        """A colour as it is, given as ``#rrggbb``."""
        return _inked(colour, (0, 0, 0), 1.0)

    def dim(self, colour: str) -> Style:
        """The colour faded into the background."""
        return GREY if self.few else _inked(colour, self.behind, DIM_SHARE)

    @cached_property
    def bold(self) -> Style:
        """Titles."""
        return Style(bold=True)

    @cached_property
    def muted(self) -> Style:
        """Words that are secondary."""
        return self._blended(self.text, MUTED_SHARE)

    @cached_property
    def axis(self) -> Style:
        """Axes and what stands at them."""
        return self._blended(self.text, AXIS_SHARE)

    @cached_property
    def grid(self) -> Style:
        """Lines that only guide the eye."""
        return self._blended(self.text, GRID_SHARE)

    def _blended(self, colour: Rgb, share: float) -> Style:
        return _inked(f"#{bytes(colour).hex()}", self.behind, share)


@lru_cache(maxsize=1024)
def _inked(colour: str, behind: Rgb, share: float) -> Style:
    """Such a share of a colour over what is behind it."""
    red, green, blue = (round(b + (c - b) * share) for b, c in zip(behind, bytes.fromhex(colour[1:]), strict=True))
    return Style(color=Color.from_rgb(red, green, blue))


NIGHT = Inks((0, 0, 0), (255, 255, 255))


def inks_of(widget: Widget) -> Inks:
    """Those of a widget's background and text, in its terminal."""
    _, _, background, text = widget.colors
    return Inks(background.rgb, (background + text).rgb, widget.app.console.color_system in (None, "standard"))
