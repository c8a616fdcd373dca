"""The curves of a run on paper: accuracy and loss, training solid, validation dashed, one colour a contender."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from initterm.experiments.training.board import Scoreboard
from initterm.report.figures import GRID_INK, blank_figure, png
from initterm.report.palette import ink_of
from initterm.report.training.curves import ACCURACY, LOSS, MeanCurve, Measure, mean_curve
from initterm.theory.numbers import grouped

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WIDTH, HEIGHT = 12.0, 4.8
BAND_OPACITY = 0.15
MARKERS = "osD^vP*Xph<>"
MARKS = 8


def training_png(board: Scoreboard) -> bytes:
    """The figure as a PNG file; with several seeds, means with their 95% bands."""
    figure = blank_figure(WIDTH, HEIGHT)
    both = figure.subplots(1, 2)
    for axes, measure in zip(both, (ACCURACY, LOSS), strict=True):
        _draw(axes, board, measure)
    figure.suptitle(_title(board), fontsize=10)
    figure.legend(*both[0].get_legend_handles_labels(), loc="outside lower center", ncols=2, fontsize=8)
    return png(figure)


def _draw(axes: Axes, board: Scoreboard, measure: Measure) -> None:
    for index, contender in enumerate(board.experiment.contenders):
        style: dict[str, Any] = {"color": ink_of(contender.look), "marker": MARKERS[index % len(MARKERS)]}
        style |= {"markersize": 4, "markevery": max(1, board.experiment.epochs // MARKS), "linewidth": 1.5}
        training = mean_curve(board, contender, measure.training)
        validation = mean_curve(board, contender, measure.validation)
        axes.plot(training.epochs, _numbers(training), "-", label=f"{contender}, training", **style)
        axes.plot(validation.epochs, _numbers(validation), "--", label=f"{contender}, validation", **style)
        _draw_band(axes, validation, style["color"])
    axes.set_title(measure.title)
    axes.set_xlabel("epoch")
    axes.set_xlim(0.9, max(2, board.experiment.epochs) + 0.1)
    axes.locator_params(axis="x", integer=True)
    axes.grid(color=GRID_INK)


def _numbers(curve: MeanCurve) -> list[float]:
    return [float("nan") if value is None else value for value in curve.mean]


def _draw_band(axes: Axes, curve: MeanCurve, colour: str) -> None:
    banded = [(epoch, *band) for epoch, band in zip(curve.epochs, curve.band, strict=True) if band]
    if banded:
        epochs, low, high = zip(*banded, strict=True)
        axes.fill_between(epochs, low, high, color=colour, alpha=BAND_OPACITY, linewidth=0)


def _title(board: Scoreboard) -> str:
    first, count = board.experiment.seed, board.experiment.seeds
    seeds = f"seeds {first} to {first + count - 1}: mean, and 95% band of validation" if count > 1 else f"seed {first}"
    return f"{board.data.name}, {grouped(board.data.train)} training images · {seeds}" if board.data else seeds
