"""Heat maps of a sweep on paper: two axes as a grid, an initializer beside the other, further axes below each other."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import wrap
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from initterm.experiments.sweep.board import SweepBoard
from initterm.experiments.sweep.cell import words_of
from initterm.experiments.sweep.marks import NEAREST, Theory
from initterm.experiments.sweep.sweep import Sweep
from initterm.experiments.sweep.theory import deepest, depth_axis, depths_along
from initterm.report.files import blank_figure, png
from initterm.report.judged import metric_words
from initterm.report.palette import ink_of
from initterm.report.sweep.maps import LIGHT_FROM, Settings, further, grid, shares
from initterm.report.sweep.results import head_words
from initterm.theory.refusal import Refusal

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.image import AxesImage

MAP_WIDTH, MAP_HEIGHT = 3.6, 3.0
MOST_MAPS = 60
MOST_VALUES_WRITTEN = 12
"""Columns up to which a cell's number stands in it."""

THEORY = "dashed: the deepest network that trains by theory, 6 ξ_c"
TITLE_WIDTH = 44
"""Characters that a map's title has room for."""

SCALE = "cividis"
"""Even in lightness, and the same to eyes without green cones."""

NOBODY_INK, THEORY_INK = "#d8d8d8", "#d55e00"


def sweep_png(board: SweepBoard) -> bytes:
    """The figure as a PNG file, 150 dpi.

    Raises:
        Refusal: there are too many maps.
    """
    return png(sweep_figure(board))


def sweep_figure(board: SweepBoard) -> Figure:
    """A map a contender with its mean accuracy of the test, and one of who wins where.

    Raises:
        Refusal: there are too many of them.
    """
    sweep = board.sweep
    layers = [*further(sweep)]
    columns = len(sweep.contenders) + (len(sweep.contenders) > 1)
    if len(layers) * columns > MOST_MAPS:
        raise Refusal(f"{len(layers) * columns} maps are too many for a picture; leave axes or values out.")
    figure = blank_figure(MAP_WIDTH * columns + 0.6, MAP_HEIGHT * len(layers) + 0.7)
    plots = figure.subplots(len(layers), columns, squeeze=False)
    shown, theory = None, Theory.of(sweep)
    for row, layer in zip(plots, layers, strict=True):
        for contender, axes in enumerate(row[: len(sweep.contenders)]):
            shown = _draw_means(axes, board, contender, layer, theory)
        if columns > len(sweep.contenders):
            _draw_winners(row[-1], board, layer)
    metrics = board.metrics
    what = "accuracy" if all(metric.is_accuracy for metric in metrics) else " or ".join(one.name for one in metrics)
    line = THEORY if any(axis.get_lines() for row in plots for axis in row) else ""
    marks = theory.nearest_words(frozenset(range(sweep.cell_count)))
    figure.suptitle("\n".join(filter(None, (head_words(board), line, marks))), fontsize=10)
    if shown is not None:
        figure.colorbar(shown, ax=plots, label=f"mean {what} of the test", shrink=0.8)
    return figure


def _draw_means(axes: Axes, board: SweepBoard, contender: int, layer: Settings, theory: Theory) -> AxesImage:
    cells = grid(board.sweep, layer)
    means = np.full(cells.shape, np.nan)
    for at, cell in np.ndenumerate(cells):
        mean = board.cells[int(cell)].contenders[contender].mean
        means[at] = np.nan if mean is None else mean
    low, high, scale = _ends(board)
    image = axes.imshow(means, cmap=scale, vmin=low, vmax=high, aspect="auto", origin="lower")
    share = shares(board)
    _label(axes, board.sweep, board.sweep.contenders[contender], layer)
    _draw_theory(axes, board.sweep, contender, cells)
    nearest, has_room = theory.nearest(board, contender), cells.shape[1] <= MOST_VALUES_WRITTEN
    for at, mean in np.ndenumerate(means):
        known, number = bool(np.isfinite(mean)), int(cells[at])
        words = metric_words(float(mean), board.cells[number].metric, 2) if known else "–"
        told = words * has_room + NEAREST * (number in nearest)
        _write(axes, at, told, dark=known and share(float(mean)) > LIGHT_FROM)
    return image


def _ends(board: SweepBoard) -> tuple[float, float, str]:
    """The ends of the scale and its colours: of accuracies 0 and 1, of everything else the least and the most; the
    better end is the light one."""
    if all(metric.is_accuracy for metric in board.metrics):
        return 0.0, 1.0, SCALE
    means = [one.mean for cell in board.cells for one in cell.contenders if one.mean is not None]
    return min(means), max(means), SCALE if board.metrics[0].higher_is_better else f"{SCALE}_r"


def _draw_theory(axes: Axes, sweep: Sweep, contender: int, cells: NDArray[np.int_]) -> None:
    """Where one axis of the map is the depth, how deep theory says that a network may be: a dashed line."""
    axis = depth_axis(sweep)
    if axis is None or axis < len(sweep.axes) - 2 or len(sweep.axes) < 2:
        return
    along_rows = axis == len(sweep.axes) - 2
    others = cells[0] if along_rows else cells[:, 0]
    depths = depths_along(sweep, axis)
    bounds = [_deepest_in(sweep, int(cell), contender) for cell in others]
    if any(bound is not None for bound in bounds) and list(depths) == sorted(set(depths)):
        places = [np.nan if bound is None else place_of(bound, depths) for bound in bounds]
        steps = np.arange(len(places))
        x, y = (steps, places) if along_rows else (places, steps)
        axes.plot(x, y, "--", color=THEORY_INK, linewidth=1.5, scalex=False, scaley=False)


def _deepest_in(sweep: Sweep, cell: int, contender: int) -> float | None:
    experiment = sweep.cell(cell).experiment
    return deepest(experiment, experiment.contenders[contender])


def place_of(depth: float, depths: Sequence[int]) -> float:
    """Where a depth stands on an axis of these, counted in its values; outside of it where it is beyond them."""
    if depth < depths[0]:
        return -0.5
    if depth > depths[-1]:
        return len(depths) - 0.5
    return float(np.interp(depth, depths, range(len(depths))))


def _draw_winners(axes: Axes, board: SweepBoard, layer: Settings) -> None:
    """The colour and the number of who beats all others, grey where nobody is shown to."""
    from matplotlib.colors import to_rgb

    cells = grid(board.sweep, layer)
    inks = [ink_of(one.look) for one in board.sweep.experiment.contenders]
    picture = np.empty((*cells.shape, 3))
    for at, cell in np.ndenumerate(cells):
        winner = board.cells[int(cell)].winner
        picture[at] = to_rgb(NOBODY_INK if winner is None else inks[winner])
        _write(axes, at, "" if winner is None else str(winner + 1), dark=True)
    axes.imshow(picture, aspect="auto", origin="lower")
    names = ", ".join(f"{index} {name}" for index, name in enumerate(board.sweep.contenders, start=1))
    _label(axes, board.sweep, f"who wins: {names}", layer)


def _write(axes: Axes, at: tuple[int, ...], text: str, *, dark: bool) -> None:
    axes.text(at[1], at[0], text, ha="center", va="center", fontsize=7, color="black" if dark else "white")


def _label(axes: Axes, sweep: Sweep, title: str, layer: Settings) -> None:
    last = sweep.axes[-1]
    told = (*wrap(title, TITLE_WIDTH), words_of(layer)) if layer else wrap(title, TITLE_WIDTH)
    axes.set_title("\n".join(told), fontsize=8)
    axes.set_xlabel(last.name)
    axes.set_xticks(range(len(last.values)), last.values, rotation=45, fontsize=6)
    if len(sweep.axes) > 1:
        axes.set_ylabel(sweep.axes[-2].name)
        axes.set_yticks(range(len(sweep.axes[-2].values)), sweep.axes[-2].values, fontsize=6)
    else:
        axes.set_yticks([])
