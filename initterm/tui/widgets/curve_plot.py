"""The widget of curves: the mouse moves what is seen, reads values, and chooses a line by its label."""

from __future__ import annotations

from dataclasses import dataclass

from rich.text import Text
from textual.geometry import Region
from textual.message import Message
from textual.reactive import reactive

from initterm.theory.numbers import plain
from initterm.tui.messages import frozen
from initterm.tui.widgets.curve_painting import CurvePainting
from initterm.tui.widgets.curve_picture import CurvePicture, Line
from initterm.tui.widgets.drawing import Window
from initterm.tui.widgets.inks import Inks
from initterm.tui.widgets.movable import LEAST_SEEN, Movable
from initterm.tui.widgets.titled_picture import TitledPicture

LEAST_WHOLE = 2.0
"""How far x is seen at least where only whole numbers have values."""


@dataclass(frozen=True)
class CurvePlace:
    """What the mouse is on: an x, and a y."""

    x: float
    y: float


class CurvePlot(TitledPicture[CurvePainting], Movable):
    """Shows a ``CurvePicture``; under the mouse its title tells values there."""

    picture: reactive[CurvePicture] = reactive(CurvePicture, layout=False, repaint=False, always_update=True)

    @frozen
    class LineChosen(Message):
        """The label of a line was clicked."""

        line: Line

    def watch_picture(self) -> None:
        """Draw what has changed."""
        self.refresh_changes()

    def watch_window(self) -> None:
        """Draw what has changed."""
        self.refresh_changes()

    @property
    def shown(self) -> tuple[CurvePicture, Window | None]:
        """The picture, and the part of it that is looked at."""
        return self.picture, self.window

    def painted(self, inks: Inks) -> CurvePainting:
        """The part that is looked at."""
        return CurvePainting(self.picture.through(self.window), self.size, inks)

    # What is looked at

    @property
    def canvas(self) -> Region | None:
        """Where the dots lie."""
        return self.painting.canvas

    @property
    def reach(self) -> Window:
        """As far as lines go."""
        return self.picture.reach

    @property
    def least(self) -> float:
        """A step between whole numbers can be seen."""
        if not (self.picture.whole_x and self.picture.ranges):
            return LEAST_SEEN
        low, high = self.picture.ranges[0]
        return min(1.0, LEAST_WHOLE / (high - low))

    # What the mouse reads

    def clicked(self, column: int, line: int) -> None:
        """Tell whose label it was."""
        if chosen := self.painting.label_at(column, line):
            self.post_message(self.LineChosen(chosen))

    def found(self, column: int, line: int) -> CurvePlace | None:
        """The place on the axes."""
        x = self.painting.x_at(column)
        return None if x is None else CurvePlace(x, self.painting.y_at(line))

    def told(self, under_mouse: CurvePlace) -> Text:
        """``epoch 12  ● he_normal 0.912``: the line nearest to the mouse, then those in front, the bright first."""
        x, painting = under_mouse.x, self.painting
        told = Text(f"{self.picture.x_name} {plain(x)}", "bold")
        values = [(line, y) for line in self.picture.lines if (y := line.at(x)) is not None]
        values.sort(key=lambda one: abs(one[1] - under_mouse.y))
        in_front = sorted((one for one in values[1:] if one[0].front), key=lambda one: not one[0].bright)
        for line, y in [*values[:1], *in_front]:
            mark = f"{line.label.mark} " if line.label else ""
            told.append(f"  {mark}{line.name} ", painting.inks.full(line.colour))
            told.append(self.picture.told(y))
        return told
