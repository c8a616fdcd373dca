"""The widget of a grid of values: arrow keys and the mouse choose a cell, Enter and a second click open it."""

from __future__ import annotations

from typing import ClassVar

from rich.text import Text
from textual.binding import Binding, BindingType
from textual.events import Click
from textual.reactive import reactive

from initterm.tui.messages import StateChanged, frozen
from initterm.tui.widgets.heat_grid import GridPlace, HeatGrid, HeatPainting
from initterm.tui.widgets.inks import Inks
from initterm.tui.widgets.titled_picture import TitledPicture


class HeatMap(TitledPicture[HeatPainting], can_focus=True):
    """Shows a ``HeatGrid``; which cell is chosen is its owner's, who is told."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1, 0)", show=False),
        Binding("down", "move(1, 0)", "cell", key_display="↑↓←→"),
        Binding("left", "move(0, -1)", show=False),
        Binding("right", "move(0, 1)", show=False),
        Binding("home", "move(0, -9999)", show=False),
        Binding("end", "move(0, 9999)", show=False),
    ]

    grid: reactive[HeatGrid] = reactive(HeatGrid, layout=False, repaint=False)

    @frozen
    class Chosen(StateChanged):
        """Another cell is chosen, or the same once more, which a click ``opens``."""

        map: HeatMap
        place: GridPlace
        opens: bool = False

        @property
        def control(self) -> HeatMap:
            """The map it is on."""
            return self.map

    def watch_grid(self) -> None:
        """Draw what has changed."""
        self.refresh_changes()

    @property
    def shown(self) -> HeatGrid:
        """What is painted."""
        return self.grid

    def painted(self, inks: Inks) -> HeatPainting:
        """The grid in this size."""
        return HeatPainting(self.grid, self.size, inks)

    def found(self, column: int, line: int) -> GridPlace | None:
        """The cell at a place."""
        return self.painting.place_at(column, line)

    def told(self, under_mouse: GridPlace) -> Text:
        """Where the cell is, and what it says in full; the mouse may rest where other cells are by now."""
        row, column = under_mouse
        if row >= len(self.grid.rows) or column >= len(self.grid.columns):
            return Text()
        cell = self.grid.cells[row][column]
        return Text(f"{self.grid.rows[row]}, {self.grid.columns[column]}: {cell.texts[0] or '–'}", "bold")

    def action_move(self, down: int, right: int) -> None:
        """Choose a cell so far away, or the outermost one."""
        if self.grid.cells:
            row, column = self.grid.chosen or (0, 0)
            place = (
                min(max(row + down, 0), len(self.grid.rows) - 1),
                min(max(column + right, 0), len(self.grid.columns) - 1),
            )
            self.post_message(self.Chosen(self, place))

    def on_click(self, event: Click) -> None:
        """Choose the cell, or open the chosen one."""
        if place := self.found(event.x, event.y):
            self.post_message(self.Chosen(self, place, opens=place == self.grid.chosen))
