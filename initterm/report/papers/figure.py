"""What was measured for papers, on paper: a row of panels each, theory as thin lines."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import TYPE_CHECKING

from initterm.experiments.papers.board import PaperBoard
from initterm.experiments.papers.events import Panel, Series
from initterm.report.figures import GRID_INK, blank_figure, png
from initterm.report.palette import ink_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

PANEL_INCHES = 4.0
MARKERS = "osD^v<>ph*"


def papers_png(boards: Sequence[PaperBoard]) -> bytes:
    """A row for each paper, 150 dpi, as a PNG file."""
    columns = max((len(board.panels) for board in boards), default=1) or 1
    figure = blank_figure(PANEL_INCHES * columns, PANEL_INCHES * len(boards))
    rows = figure.subplots(len(boards), columns, squeeze=False)
    for board, row in zip(boards, rows, strict=True):
        for axes, panel in itertools.zip_longest(row, board.panels):
            axes.set_axis_off() if panel is None else _draw(axes, panel)
        row[0].set_title(f"{board.paper.name}: {row[0].get_title()}")
    return png(figure)


def _draw(axes: Axes, panel: Panel) -> None:
    for index, series in enumerate(panel.series):
        _draw_series(axes, series, MARKERS[index % len(MARKERS)], panel.log_y)
    axes.set(title=panel.title, xlabel=panel.x_title, ylabel=panel.y_title)
    if any(series.ys for series in panel.series):  # an empty logarithmic axis has no limits to draw
        axes.set_xscale("log" if panel.log_x else "linear")
        axes.set_yscale("log" if panel.log_y else "linear")
        axes.legend(fontsize="x-small")
    axes.grid(color=GRID_INK)


def _draw_series(axes: Axes, series: Series, marker: str, log: bool) -> None:
    pairs = zip(series.xs, series.ys, strict=True)
    drawn = [(x, y) for x, y in pairs if y is not None and (y > 0 or not log)]
    axes.plot(
        [x for x, _ in drawn],
        [y for _, y in drawn],
        color=ink_of(series.initializer) if series.initializer else None,
        label=series.label,
        linestyle="--" if series.theory else "-",
        linewidth=0.8,
        marker="" if series.theory else marker,
        markersize=3,
    )
