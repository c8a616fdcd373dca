"""The widget of a quantity by layer: the mouse reads it, and chooses a line."""

from __future__ import annotations

from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual import events
from textual.geometry import Region
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from initterm.theory.numbers import ratio
from initterm.tui.messages import frozen
from initterm.tui.signal.layer_picture import LayerDrawing, LayerPicture
from initterm.tui.widgets.inks import Inks


class LayerPlot(Widget):
    """Shows a ``LayerDrawing``; under the mouse its title tells the layer and its values."""

    ALLOW_SELECT = False

    drawing: reactive[LayerDrawing] = reactive(LayerDrawing, layout=False, always_update=True)
    under_mouse: reactive[int | None] = reactive(None, layout=False, repaint=False)
    """The layer that the mouse is on."""

    _picture: LayerPicture | None = None
    _strips: tuple[Strip, ...] = ()

    @frozen
    class LineChosen(Message):
        """A line was clicked: its place among those of the drawing."""

        index: int

    def render_line(self, y: int) -> Strip:
        picture = self.picture
        if picture is not self._picture or not self._strips:
            self._picture, self._strips = picture, tuple(picture.strips())
        strip = Strip(self._told(self.under_mouse)) if y == 0 and self.under_mouse else self._line(y)
        background = Style(bgcolor=self.background_colors[1].rich_color)
        return strip.extend_cell_length(self.size.width).crop(0, self.size.width).apply_style(background)

    def _line(self, y: int) -> Strip:
        return self._strips[y] if y < len(self._strips) else Strip([])

    @property
    def picture(self) -> LayerPicture:
        """The drawing in this size and these colours."""
        _, _, background, text = self.colors
        inks = Inks(background.rgb, text.rgb, self.app.console.color_system in (None, "standard"))
        now = self._picture
        if now and now.drawing is self.drawing and (now.size, now.inks) == (self.size, inks):
            return now
        return LayerPicture(self.drawing, self.size, inks)

    def _told(self, layer: int) -> list[Segment]:
        """``layer 12  ● 0.82 (theory 1.0)``, the line in front first."""
        told = Text(f"layer {layer}", "bold")
        for one in reversed(self.drawing.ordered):
            value, theory = one.at(layer), one.theory[layer - 1] if layer <= len(one.theory) else None
            told.append(f"  {one.mark} ", one.colour)
            told.append(ratio(value))
            if one.measured and theory is not None:
                told.append(f" (theory {ratio(theory)})", self.picture.inks.muted)
        return [segment for segment in told.render(self.app.console) if segment.text]

    def watch_under_mouse(self) -> None:
        """Only the title tells it."""
        self.refresh(Region(0, 0, self.size.width, 1))

    def on_mouse_move(self, event: events.MouseMove) -> None:
        self.under_mouse = self.picture.layer_at(event.x)

    def on_leave(self) -> None:
        self.under_mouse = None

    def on_click(self, event: events.Click) -> None:
        """Choose the line nearest to the mouse."""
        if (index := self.picture.nearest((event.x, event.y))) is not None:
            self.post_message(self.LineChosen(index))
