"""What is the same for all plots that are looked at with the mouse: which part is seen, and how that changes."""

from __future__ import annotations

import math
from typing import ClassVar

from textual import events
from textual.geometry import Offset, Region, clamp
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from initterm.tui.messages import frozen
from initterm.tui.widgets.drawing import WHOLE, Range, Window

STEP = 0.8
"""What a turn of the wheel leaves of what is seen."""

LEAST_SEEN = 0.01
"""The least share of a range that is looked at."""


class Movable(Widget):
    """The wheel zooms x around the pointer, with shift or ctrl y; a drag moves what is seen; a double click shows all.

    ``window`` is the part that is looked at, None for all.
    """

    ALLOW_SELECT = False
    grounded: ClassVar[bool] = False
    """Whether the bottom stays where it is when y is zoomed."""

    window: reactive[Window | None] = reactive(None, layout=False)

    _grabbed: tuple[Offset, Window] | None = None
    _dragged = False

    @frozen
    class Moved(Message):
        """The mouse moved it to another part."""

        plot: Movable

    # What such a plot has of its own

    @property
    def canvas(self) -> Region | None:
        """Where what is drawn lies in the widget, without axes and labels; None where nothing is."""
        raise NotImplementedError

    @property
    def reach(self) -> Window:
        """How far one may look, in shares of all."""
        return WHOLE

    @property
    def least(self) -> float:
        """The least share of x that is looked at."""
        return LEAST_SEEN

    def clicked(self, column: int, line: int) -> None:
        """A cell was clicked, and nothing moved by that."""

    def pointed(self, column: int, line: int) -> None:
        """The mouse is on a cell."""

    # What they share

    def look(self, window: Window | None) -> None:
        """Look at a part, at all where there is none."""
        self.window = None if window is None or _same(window, WHOLE) else window

    def _move(self, window: Window) -> None:
        """The same, by the mouse."""
        before = self.window
        self.look(window)
        if self.window != before:
            self.post_message(self.Moved(self))

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        self._zoom(event, STEP)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        self._zoom(event, 1 / STEP)

    def _zoom(self, event: events.MouseEvent, factor: float) -> None:
        canvas = self.canvas
        if canvas is None:
            return
        event.stop()
        event.prevent_default()
        window, reach = self.window or WHOLE, self.reach
        if event.ctrl or event.shift:
            at = 0.0 if self.grounded else 1 - _share(event.y - canvas.y, canvas.height)
            self._move(Window(window.x, _zoomed(window.y, factor, at, reach.y, LEAST_SEEN)))
        else:
            at = _share(event.x - canvas.x, canvas.width)
            self._move(Window(_zoomed(window.x, factor, at, reach.x, self.least), window.y))
        self.pointed(event.x, event.y)

    def on_mouse_down(self, event: events.MouseDown) -> None:
        self._grabbed, self._dragged = (event.offset, self.window or WHOLE), False
        self.capture_mouse()

    def on_mouse_up(self, event: events.MouseUp) -> None:
        self._grabbed = None
        self.release_mouse()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        canvas = self.canvas
        if self._grabbed and canvas:
            (start, window), reach = self._grabbed, self.reach
            gone = event.offset - start
            self._dragged = self._dragged or bool(gone)
            across, up = -gone.x / canvas.width, gone.y / canvas.height
            self._move(Window(_moved(window.x, across, reach.x), _moved(window.y, up, reach.y)))
        self.pointed(event.x, event.y)

    def on_click(self, event: events.Click) -> None:
        if event.chain == 2:
            self._move(WHOLE)
        elif not self._dragged:
            self.clicked(event.x, event.y)


def _share(cell: int, cells: int) -> float:
    """Where the middle of a cell lies among so many."""
    return clamp((cell + 0.5) / cells, 0.0, 1.0)


def _zoomed(shares: Range, factor: float, at: float, reach: Range, least: float) -> Range:
    """So much of what is seen, with what lies at this share of it kept where it is."""
    low, high = shares
    width = clamp((high - low) * factor, least, reach[1] - reach[0])
    start = clamp(low + (high - low - width) * at, reach[0], reach[1] - width)
    return start, start + width


def _moved(shares: Range, by: float, reach: Range) -> Range:
    """What lies beside it, by a share of what is seen, as far as there is more."""
    low, high = shares
    width = high - low
    start = clamp(low + by * width, min(low, reach[0]), max(low, reach[1] - width))
    return start, start + width


def _same(one: Window, other: Window) -> bool:
    """Whether they are the same, apart from rounding."""
    ends = zip((*one.x, *one.y), (*other.x, *other.y), strict=True)
    return all(math.isclose(end, other_end, abs_tol=1e-6) for end, other_end in ends)
