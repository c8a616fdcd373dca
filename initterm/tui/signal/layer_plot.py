"""The widget of a quantity by layer: the mouse reads it, and chooses a line."""

from __future__ import annotations

from rich.text import Text
from textual.geometry import Region
from textual.message import Message
from textual.reactive import reactive

from initterm.theory.numbers import ratio
from initterm.tui.messages import frozen
from initterm.tui.signal.layer_drawing import LayerDrawing
from initterm.tui.signal.layer_picture import LayerPicture
from initterm.tui.widgets.drawing import WHOLE, Window
from initterm.tui.widgets.inks import Inks
from initterm.tui.widgets.movable import Movable
from initterm.tui.widgets.titled_picture import TitledPicture

LEAST_LAYERS = 3.0
"""How many steps from layer to layer are seen at least."""


class LayerPlot(TitledPicture[LayerPicture], Movable):
    """Shows a ``LayerDrawing``; under the mouse its title tells the layer and its values."""

    drawing: reactive[LayerDrawing] = reactive(LayerDrawing, layout=False, repaint=False, always_update=True)

    @frozen
    class LineChosen(Message):
        """A line was clicked: its place among those of the drawing."""

        index: int

    def watch_drawing(self) -> None:
        """Draw what has changed."""
        self.refresh_changes()

    def watch_window(self) -> None:
        """Draw what has changed."""
        self.refresh_changes()

    @property
    def shown(self) -> tuple[LayerDrawing, Window | None]:
        """The drawing, and the part of it that is looked at."""
        return self.drawing, self.window

    def painted(self, inks: Inks) -> LayerPicture:
        """The part of the drawing that is looked at."""
        return LayerPicture(self.drawing, self.size, inks, self.window or WHOLE)

    @property
    def canvas(self) -> Region | None:
        """Where the dots lie."""
        return self.painting.canvas

    @property
    def least(self) -> float:
        """A few layers are always seen."""
        return min(1.0, LEAST_LAYERS / max(1, self.drawing.depth - 1))

    def found(self, column: int, line: int) -> int | None:
        """The layer."""
        return self.painting.layer_at(column)

    def told(self, under_mouse: int) -> Text:
        """``layer 12  ● 0.82 (theory 1.0)``, the line in front first."""
        layer, picture = under_mouse, self.painting
        told = Text(f"layer {layer}", "bold")
        for one in reversed(picture.drawing.ordered):
            value, theory = one.at(layer), one.theory[layer - 1] if layer <= len(one.theory) else None
            told.append(f"  {one.mark} ", picture.inks.full(one.colour))
            told.append(ratio(value))
            if one.measured and theory is not None:
                told.append(f" (theory {ratio(theory)})", picture.inks.muted)
        return told

    def clicked(self, column: int, line: int) -> None:
        """Choose the line nearest to the mouse."""
        if (index := self.painting.nearest((column, line))) is not None:
            self.post_message(self.LineChosen(index))
