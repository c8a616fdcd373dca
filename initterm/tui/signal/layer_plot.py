"""The widget of a quantity by layer: the mouse reads it, and chooses a line."""

from __future__ import annotations

from dataclasses import replace

from rich.text import Text
from textual import events
from textual.message import Message
from textual.reactive import reactive

from initterm.report.ground import Ground
from initterm.report.palette import on_ground
from initterm.theory.numbers import ratio
from initterm.tui.messages import frozen
from initterm.tui.signal.layer_picture import LayerDrawing, LayerPicture
from initterm.tui.signal.titled_picture import TitledPicture
from initterm.tui.widgets.inks import Inks


class LayerPlot(TitledPicture[LayerPicture]):
    """Shows a ``LayerDrawing``; under the mouse its title tells the layer and its values."""

    drawing: reactive[LayerDrawing] = reactive(LayerDrawing, layout=False, repaint=False, always_update=True)

    @frozen
    class LineChosen(Message):
        """A line was clicked: its place among those of the drawing."""

        index: int

    def watch_drawing(self) -> None:
        """Draw what has changed."""
        self.refresh_changes()

    @property
    def shown(self) -> LayerDrawing:
        """The drawing."""
        return self.drawing

    def painted(self, inks: Inks, ground: Ground) -> LayerPicture:
        """The drawing in the colours of the ground."""
        lines = tuple(replace(one, colour=on_ground(one.colour, ground)) for one in self.drawing.lines)
        return LayerPicture(replace(self.drawing, lines=lines), self.size, inks)

    def found(self, column: int, line: int) -> int | None:
        """The layer."""
        return self.picture.layer_at(column)

    def told(self, under_mouse: int) -> Text:
        """``layer 12  ● 0.82 (theory 1.0)``, the line in front first."""
        layer, picture = under_mouse, self.picture
        told = Text(f"layer {layer}", "bold")
        for one in reversed(picture.drawing.ordered):
            value, theory = one.at(layer), one.theory[layer - 1] if layer <= len(one.theory) else None
            told.append(f"  {one.mark} ", one.colour)
            told.append(ratio(value))
            if one.measured and theory is not None:
                told.append(f" (theory {ratio(theory)})", picture.inks.muted)
        return told

    def on_click(self, event: events.Click) -> None:
        """Choose the line nearest to the mouse."""
        if (index := self.picture.nearest((event.x, event.y))) is not None:
            self.post_message(self.LineChosen(index))
