"""Curves over epochs: the mean of a contender's seeds, and its 95% band; and all of them on paper."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from statistics import fmean, stdev
from typing import TYPE_CHECKING, Any

from initterm.experiments.message import Number
from initterm.experiments.training.board import Scoreboard, TrialRecord
from initterm.experiments.training.contender import Contender
from initterm.report.files import GRID_INK, blank_figure, png
from initterm.report.palette import ink_of
from initterm.theory.numbers import grouped

if TYPE_CHECKING:
    from matplotlib.axes import Axes

History = Callable[[TrialRecord], tuple[Number, ...]]


@dataclass(frozen=True)
class Measure:
    """A quantity that is followed over epochs, of the training images and of the validation images."""

    title: str
    training: History
    validation: History
    partial: Callable[[TrialRecord], Number]


ACCURACY = Measure(
    "accuracy",
    lambda record: record.accuracy,
    lambda record: record.val_accuracy,
    lambda record: record.partial.accuracy if record.partial else None,
)
LOSS = Measure(
    "loss",
    lambda record: record.loss,
    lambda record: record.val_loss,
    lambda record: record.partial.loss if record.partial else None,
)


@dataclass(frozen=True)
class MeanCurve:
    """Epochs from 1 on; ``mean`` is None where no seed has a finite number, ``band`` where fewer than two have."""

    epochs: tuple[float, ...]
    mean: tuple[Number, ...]
    band: tuple[tuple[float, float] | None, ...]


def mean_curve(board: Scoreboard, contender: Contender, history: History) -> MeanCurve:
    """The mean over the contender's seeds, as far as all seeds that go on have come."""
    records = board.of_contender(contender)
    going = [record.epochs_done for record in records if not record.over]
    epochs = min(going) if going else max(record.epochs_done for record in records)
    columns = list(_columns(records, history, epochs))
    return MeanCurve(
        tuple(float(epoch) for epoch in range(1, epochs + 1)),
        tuple(fmean(column) if column else None for column in columns),
        tuple(_band(column, board.t_quantiles) for column in columns),
    )


def _columns(records: tuple[TrialRecord, ...], history: History, epochs: int) -> Iterator[list[float]]:
    histories = [history(record) for record in records]
    for at in range(epochs):
        values = (values[at] for values in histories if at < len(values))
        yield [value for value in values if value is not None]


def _band(values: list[float], t_quantiles: tuple[float, ...]) -> tuple[float, float] | None:
    """Student's 95% interval of the mean."""
    if not 2 <= len(values) < len(t_quantiles) + 2:
        return None
    half = t_quantiles[len(values) - 2] * stdev(values) / math.sqrt(len(values))
    return fmean(values) - half, fmean(values) + half


WIDTH, HEIGHT = 12.0, 4.8
BAND_OPACITY = 0.15
MARKERS = "osD^vP*Xph<>"
MARKS = 8


def training_png(board: Scoreboard) -> bytes:
    """Accuracy and loss as a PNG file, training solid, validation dashed; of several seeds means with 95% bands."""
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
