"""Plots that are looked at with the mouse."""

from __future__ import annotations

from textual import events, on
from textual.geometry import Offset, clamp
from textual.message import Message

from initterm.tui.messages import frozen
from initterm.tui.widgets.drawing import Range, Window
from initterm.tui.widgets.frame import framed
from initterm.tui.widgets.plot import Plot
from initterm.tui.widgets.plot_grid import PlotGrid

STEP = 0.8
"""What a turn of the wheel leaves of what is seen."""

LEAST_SEEN = 0.01
"""The least share of a range that is looked at."""

WHOLE = Window()


class MovablePlot(Plot):
    """The wheel zooms x around the pointer, with ctrl y; a drag moves what is seen; a double click shows all again."""

    @frozen
    class Pointed(Message):
        """The pointer is at this x; None once it has left the canvas."""

        plot: MovablePlot
        x: float | None

        def can_replace(self, message: Message) -> bool:
            """Whether the other, which nobody has seen yet, tells of the same pointer."""
            return isinstance(message, MovablePlot.Pointed) and message.plot is self.plot

    @frozen
    class Moved(Message):
        """Another part is looked at."""

        plot: MovablePlot

    @frozen
    class Chosen(Message):
        """It was clicked, and not moved."""

        plot: MovablePlot

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._grabbed: tuple[Offset, Window] | None = None
        self._dragged = False

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        self._zoom(event, STEP)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        self._zoom(event, 1 / STEP)

    def _zoom(self, event: events.MouseEvent, factor: float) -> None:
        frame = framed(self.seen, self.size)
        if frame is None:
            return
        event.stop()
        event.prevent_default()
        window = self.window or WHOLE
        if event.ctrl:
            self._look(Window(window.x, _zoomed(window.y, factor, 0.0)))
        else:
            at = clamp((event.x - frame.left + 0.5) / frame.width, 0.0, 1.0)
            self._look(Window(_zoomed(window.x, factor, at), window.y))

    def on_mouse_down(self, event: events.MouseDown) -> None:
        self._grabbed, self._dragged = (event.offset, self.window or WHOLE), False
        self.capture_mouse()

    def on_mouse_up(self, event: events.MouseUp) -> None:
        self._grabbed = None
        self.release_mouse()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        frame = framed(self.seen, self.size)
        if frame is None:
            return
        if self._grabbed:
            start, window = self._grabbed
            gone = event.offset - start
            self._dragged = self._dragged or bool(gone)
            across, up = -gone.x / frame.width, gone.y / frame.height
            self._look(Window(_moved(window.x, across), _moved(window.y, up)))
        point = frame.point_at(event.x, event.y)
        self.post_message(self.Pointed(self, point and point[0]))

    def on_leave(self, event: events.Leave) -> None:
        self.post_message(self.Pointed(self, None))

    def on_click(self, event: events.Click) -> None:
        if event.chain == 2:
            self._look(WHOLE)
        elif not self._dragged:
            self.post_message(self.Chosen(self))

    def _look(self, window: Window) -> None:
        seen = None if window == WHOLE else window
        if seen != self.window:
            self.window = seen
            self.post_message(self.Moved(self))


class MovableGrid(PlotGrid):
    """Panels of one scale: of one that is moved, all others show the same part."""

    def new_plot(self) -> MovablePlot:
        """One more, as a grid of them asks for."""
        return MovablePlot()

    @on(MovablePlot.Moved)
    def _moved(self, event: MovablePlot.Moved) -> None:
        event.stop()
        self.look(event.plot.window)

    def look(self, window: Window | None) -> None:
        """Show this part in all panels."""
        for plot in self.query(MovablePlot):
            plot.window = window


def _zoomed(shares: Range, factor: float, at: float) -> Range:
    """So much of what is seen, with what lies at this share of it kept where it is."""
    low, high = shares
    width = clamp((high - low) * factor, LEAST_SEEN, 1.0)
    start = clamp(low + (high - low - width) * at, 0.0, 1.0 - width)
    return start, start + width


def _moved(shares: Range, by: float) -> Range:
    """What lies beside it, by a share of what is seen, as far as there is more."""
    low, high = shares
    start = clamp(low + by * (high - low), 0.0, 1.0 - (high - low))
    return start, start + (high - low)
