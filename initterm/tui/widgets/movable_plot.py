"""Plots of plotext that are looked at with the mouse, alone or several on one scale."""

from __future__ import annotations

from typing import ClassVar

from textual import events, on
from textual.geometry import Region
from textual.message import Message

from initterm.tui.messages import frozen
from initterm.tui.widgets.drawing import Drawing, Window
from initterm.tui.widgets.frame import framed
from initterm.tui.widgets.movable import Movable
from initterm.tui.widgets.plot import Plot
from initterm.tui.widgets.plot_grid import PlotGrid


class MovablePlot(Plot, Movable):
    """Tells what the pointer is at; bars keep standing on the bottom."""

    grounded: ClassVar[bool] = True

    @frozen
    class Pointed(Message):
        """The pointer is at this x; None once it has left the canvas."""

        plot: MovablePlot
        x: float | None

        def can_replace(self, message: Message) -> bool:
            """Whether the other, which nobody has seen yet, tells of the same pointer."""
            return isinstance(message, MovablePlot.Pointed) and message.plot is self.plot

    @frozen
    class Chosen(Message):
        """It was clicked, and not moved."""

        plot: MovablePlot

    @property
    def stands(self) -> tuple[object, ...]:
        """The picture follows from the window too."""
        return *super().stands, self.window

    @property
    def seen(self) -> Drawing:
        """What is seen of the drawing through the window; all of it where there is none."""
        return self.drawing.through(self.window) if self.window and not self.drawing.empty else self.drawing

    @property
    def canvas(self) -> Region | None:
        """Where bars and curves lie."""
        frame = framed(self.seen, self.size)
        return Region(frame.left, frame.top, frame.width, frame.height) if frame else None

    def clicked(self, column: int, line: int) -> None:
        """Tell it."""
        self.post_message(self.Chosen(self))

    def pointed(self, column: int, line: int) -> None:
        """Tell where it is."""
        if frame := framed(self.seen, self.size):
            point = frame.point_at(column, line)
            self.post_message(self.Pointed(self, point and point[0]))

    def on_leave(self, event: events.Leave) -> None:
        self.post_message(self.Pointed(self, None))


class MovableGrid(PlotGrid):
    """Panels of one scale: of one that is moved, all others show the same part."""

    def new_plot(self) -> MovablePlot:
        """One more, as a grid of them asks for."""
        return MovablePlot()

    @on(Movable.Moved)
    def _moved(self, event: Movable.Moved) -> None:
        event.stop()
        self.look(event.plot.window)

    def look(self, window: Window | None) -> None:
        """Show this part in all panels."""
        for plot in self.query(MovablePlot):
            plot.look(window)
