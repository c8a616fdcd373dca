"""Small multiples: several plots of one size, in as many columns as suit the room."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass

from textual.containers import Grid
from textual.geometry import Size

from initterm.tui.widgets.drawing import Drawing
from initterm.tui.widgets.plot import Plot

SHAPE = 3.0
"""How many times wider than high, in cells, a panel looks best."""

EMPTY_PLACE = 0.25
"""How much an empty place costs, in factors of e off the best shape."""

LEAST_WIDTH_WITH_AXES, LEAST_HEIGHT_WITH_AXES = 24, 7


@dataclass(frozen=True, eq=False)
class GridPlot:
    """One of the plots: it is redrawn when its key changes; ``draw`` is told whether there is room for axes."""

    key: Hashable
    draw: Callable[[bool], Drawing]


class PlotGrid(Grid):
    """Fills its room with panels."""

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self._panels: Sequence[GridPlot] = ()
        self._drawn: list[Hashable] = []

    def new_plot(self) -> Plot:
        """What a panel is drawn by."""
        return Plot()

    def show(self, panels: Sequence[GridPlot]) -> None:
        """Show these panels in this order."""
        plots = self.query(Plot).nodes
        self._panels = panels
        self.remove_children(plots[len(panels) :])
        self.mount_all(self.new_plot() for _ in panels[len(plots) :])
        self._drawn = self._drawn[: len(panels)] + [None] * (len(panels) - len(self._drawn))
        self._arrange()

    def on_resize(self) -> None:
        self._arrange()

    def _arrange(self) -> None:
        if not self._panels or not self.size.area:
            return
        columns, rows = fitting(len(self._panels), self.size)
        self.styles.grid_size_columns, self.styles.grid_size_rows = columns, rows
        axes = (
            self.size.width // columns >= LEAST_WIDTH_WITH_AXES and self.size.height // rows >= LEAST_HEIGHT_WITH_AXES
        )
        plots = [plot for plot in self.query(Plot) if plot.is_attached][: len(self._panels)]
        for index, (plot, panel) in enumerate(zip(plots, self._panels, strict=False)):
            key = (panel.key, axes)
            if self._drawn[index] != key:
                self._drawn[index] = key
                plot.drawing = panel.draw(axes)


def fitting(count: int, size: Size) -> tuple[int, int]:
    """Columns and rows for so many panels: the fewest empty places, and panels of the best shape."""

    def cost(columns: int) -> float:
        rows = -(-count // columns)
        shape = (size.width / columns) / max(1.0, size.height / rows)
        return abs(math.log(shape / SHAPE)) + EMPTY_PLACE * (columns * rows - count)

    columns = min(range(1, count + 1), key=cost)
    return columns, -(-count // columns)
