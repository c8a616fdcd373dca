"""In which styles curves and their labels are drawn on a ground, also where a terminal has few colours."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from rich.color import Color
from rich.style import Style
from textual.widget import Widget

from initterm.report.ground import REFERENCE_GROUND, Ground, blend, hex_of, rgb_of
from initterm.report.palette import on_ground
from initterm.tui.themes import ground_of

DIM_SHARE, MUTED_SHARE, AXIS_SHARE, GRID_SHARE = 0.5, 0.7, 0.55, 0.3
"""How much of its colour is left to a dim curve, and how much of the text's to what is secondary."""

GREY = "#555555"
"""Dim curves in sixteen colours, among which only this is not gaudy, and far from both black and white."""


@dataclass(frozen=True)
class Inks:
    """Styles on a ground with this colour of text; colours are named as they are on the reference ground."""

    ground: Ground = REFERENCE_GROUND
    text: str = "#ffffff"

    def full(self, colour: str) -> Style:
        """A colour as strong as it is."""
        return _style(on_ground(colour, self.ground))

    def dim(self, colour: str) -> Style:
        """The colour faded into the background."""
        if self.ground.shades == "16":
            return _style(GREY)
        return self._faded(on_ground(colour, self.ground), DIM_SHARE)

    @property
    def bold(self) -> Style:
        """Titles."""
        return BOLD

    @property
    def muted(self) -> Style:
        """Words that are secondary."""
        return self._faded(self.text, MUTED_SHARE)

    @property
    def axis(self) -> Style:
        """Axes and what stands at them."""
        return self._faded(self.text, AXIS_SHARE)

    @property
    def grid(self) -> Style:
        """Lines that only guide the eye."""
        return self._faded(self.text, GRID_SHARE)

    def _faded(self, colour: str, share: float) -> Style:
        return _faded(colour, share, self.ground)


BOLD = Style(bold=True)


@lru_cache(maxsize=1024)
def _faded(colour: str, share: float, ground: Ground) -> Style:
    """Such a share of a colour over the background."""
    return _style(ground.nearest(hex_of(blend(rgb_of(ground.background), rgb_of(colour), share))))


@lru_cache(maxsize=1024)
def _style(colour: str) -> Style:
    return Style(color=Color.parse(colour))


NIGHT = Inks()


def inks_of(widget: Widget) -> Inks:
    """Those of a widget's text, in its theme and its terminal."""
    _, _, background, text = widget.colors
    return Inks(ground_of(widget.app), hex_of((background + text).rgb))
