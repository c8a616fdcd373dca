"""What plots and ridges share: a picture painted anew when it or its ground changes, whose title the mouse reads."""

from __future__ import annotations

import itertools
from collections.abc import Hashable, Sequence
from typing import Any, Generic, Protocol, TypeVar

from rich.style import Style
from rich.text import Text
from textual import events
from textual.filter import LineFilter
from textual.geometry import Region
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from initterm.tui.themes import OnGround
from initterm.tui.widgets.inks import Inks, inks_of


class Paintable(Protocol):
    """Something that is painted line by line, its title first."""

    def strips(self) -> list[Strip]:
        """Its lines, as many as there is room for."""


PaintedPicture = TypeVar("PaintedPicture", bound=Paintable)


class TitledPicture(Widget, Generic[PaintedPicture]):
    """A widget that shows a picture; the mouse reads it in the picture's first line."""

    ALLOW_SELECT = False

    under_mouse: reactive[Any] = reactive(None, layout=False, repaint=False)
    """What the mouse is on; None where that is nothing."""

    _painting: tuple[Hashable, PaintedPicture] | None = None
    _strips: Sequence[Strip] = ()

    # What such a widget has of its own

    def painted(self, inks: Inks) -> PaintedPicture:
        """The picture of what is shown, in the widget's size."""
        raise NotImplementedError

    @property
    def shown(self) -> Hashable:
        """What is shown, which the picture is painted anew for."""
        raise NotImplementedError

    def found(self, column: int, line: int) -> Any:
        """What is at a place of the picture."""
        raise NotImplementedError

    def told(self, under_mouse: Any) -> Text:
        """What the title says of it."""
        raise NotImplementedError

    # What they share

    @property
    def painting(self) -> PaintedPicture:
        """The picture in this size, on this ground."""
        key = (self.shown, self.size, inks := inks_of(self))
        if self._painting is None or self._painting[0] != key:
            painting = self.painted(inks)
            self._painting, self._strips = (key, painting), [*map(self._on_background, painting.strips())]
        return self._painting[1]

    def _on_background(self, strip: Strip) -> Strip:
        background = Style(color=self.rich_style.color, bgcolor=self.background_colors[1].rich_color)
        return strip.extend_cell_length(self.size.width).crop(0, self.size.width).apply_style(background)

    def refresh_changes(self) -> None:
        """Draw those lines that another picture changes; all of them where it is seen for the first time."""
        before = self._strips
        if not before or not self.is_on_screen or before[0].cell_length != self.size.width:
            self.refresh()
            return
        _ = self.painting
        lines = itertools.zip_longest(before, self._strips)
        told = self.under_mouse is not None  # what the title tells may be something else now
        changed = [
            Region(0, y, self.size.width, 1) for y, (old, new) in enumerate(lines) if old != new or (told and y == 0)
        ]
        if changed:
            self.refresh(*changed)

    def render_lines(self, crop: Region) -> list[Strip]:
        """The lines of a part, of the picture as it is now."""
        _ = self.painting
        return super().render_lines(crop)

    def render_line(self, y: int) -> Strip:
        if y == 0 and self.under_mouse is not None:
            told = self.told(self.under_mouse)
            return self._on_background(Strip([segment for segment in told.render(self.app.console) if segment.text]))
        return self._strips[y] if y < len(self._strips) else self._on_background(Strip([]))

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Without what shows texts on the ground: the picture is painted for it."""
        return [one for one in super().get_line_filters() if not isinstance(one, OnGround)]

    def watch_under_mouse(self) -> None:
        """Only the title tells it."""
        self.refresh(Region(0, 0, self.size.width, 1))

    def pointed(self, column: int, line: int) -> None:
        """The mouse is on a cell."""
        self.under_mouse = self.found(column, line)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        self.pointed(event.x, event.y)

    def on_leave(self) -> None:
        self.under_mouse = None
