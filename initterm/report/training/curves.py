"""Curves over epochs: the mean of a contender's seeds, and its 95% band; and all of them on paper."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from textwrap import wrap
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from initterm.experiments.message import Number
from initterm.experiments.metric import Metric
from initterm.experiments.training.board import Scoreboard, TrialRecord
from initterm.experiments.training.contender import Contender
from initterm.report.comparison import verdicts
from initterm.report.files import GRID_INK, blank_figure, png
from initterm.report.palette import ink_of
from initterm.theory.numbers import grouped

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

History = Callable[[TrialRecord], tuple[Number, ...]]


@dataclass(frozen=True)
class Measure:
    """A quantity that is followed over epochs, of the training images and of the validation images.

    ``title`` is its name, ``is_share`` says that it lies within 0 and 1.
    """

    title: str
    training: History
    validation: History
    partial: Callable[[TrialRecord], Number]
    is_share: bool = False
    higher_is_better: bool = True


ACCURACY = Measure(
    "accuracy",
    lambda record: record.accuracy,
    lambda record: record.val_accuracy,
    lambda record: record.partial.accuracy if record.partial else None,
    is_share=True,
)
LOSS = Measure(
    "loss",
    lambda record: record.loss,
    lambda record: record.val_loss,
    lambda record: record.partial.loss if record.partial else None,
    higher_is_better=False,
)


def judged_by(metric: Metric) -> Measure:
    """What judges, which stands in the place of accuracies."""
    return replace(ACCURACY, title=metric.name, is_share=metric.is_share, higher_is_better=metric.higher_is_better)


def measures_of(metric: Metric) -> tuple[Measure, ...]:
    """What is drawn of trials that it judges: it and the loss, or the loss alone."""
    return (LOSS,) if metric.is_loss else (judged_by(metric), LOSS)


@dataclass(frozen=True, eq=False)
class MeanCurve:
    """The mean of several seeds by epoch, from epoch 1 on; ``values`` is (seeds, epochs), NaN where there is none.

    The interval of the mean of shares stays within 0 and 1.
    """

    values: NDArray[np.float64]
    t_quantiles: tuple[float, ...]
    is_share: bool = False

    @property
    def epochs(self) -> NDArray[np.float64]:
        """1, 2, ..., (epochs,)."""
        return np.arange(1.0, self.values.shape[1] + 1)

    @cached_property
    def mean(self) -> NDArray[np.float64]:
        """(epochs,), NaN where no seed has a finite number."""
        return _divided(np.nansum(self.values, axis=0), self._counts)

    @cached_property
    def band(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Low and high end of Student's 95% interval of the mean, each (epochs,), NaN where fewer than two have one.

        Of shares on the scale of logits, as ``interval_of_accuracy`` of the engine has it.
        """
        squares = np.nansum((self.values - self.mean) ** 2, axis=0)
        counts = np.where(self._counts < 2, np.nan, self._counts)
        quantile = np.array([np.nan, np.nan, *self.t_quantiles])
        known = quantile[np.minimum(self._counts, len(quantile) - 1)]
        half = known * np.sqrt(squares / (counts - 1) / counts)
        if not self.is_share:
            return self.mean - half, self.mean + half
        slope = self.mean * (1 - self.mean)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            odds, factor = self.mean / (1 - self.mean), np.exp(half / slope)
            low, high = odds / factor / (1 + odds / factor), 1 / (1 + 1 / (odds * factor))
        certain = slope <= 0
        return np.where(certain, self.mean, low), np.where(certain, self.mean, high)

    @cached_property
    def _counts(self) -> NDArray[np.int_]:
        return np.asarray(np.isfinite(self.values).sum(axis=0))


def _divided(sums: NDArray[np.float64], counts: NDArray[np.int_]) -> NDArray[np.float64]:
    return np.asarray(np.divide(sums, counts, out=np.full(len(sums), np.nan), where=counts > 0))


def mean_curve(board: Scoreboard, contender: Contender, history: History, *, is_share: bool = False) -> MeanCurve:
    """The mean over the contender's seeds, as far as all have come that didn't end; of the first epoch any."""
    records = board.of_contender(contender)
    going = [record.epochs_done for record in records if record.status in ("waiting", "training", "cancelled")]
    most = max(record.epochs_done for record in records)
    epochs = max(min(going), min(1, most)) if going else most
    return _mean_of(tuple(history(record)[:epochs] for record in records), epochs, board.t_quantiles, is_share)


@lru_cache(maxsize=256)
def _mean_of(
    histories: tuple[tuple[Number, ...], ...], epochs: int, t_quantiles: tuple[float, ...], is_share: bool
) -> MeanCurve:
    values = np.full((len(histories), epochs), np.nan)
    for row, history in zip(values, histories, strict=True):
        row[: len(history)] = history
    return MeanCurve(values, t_quantiles, is_share)


WIDTH, HEIGHT = 12.0, 4.8
BAND_OPACITY = 0.15
MARKERS = "osD^vP*Xph<>"
MARKS = 8
TITLE_WIDTH, MOST_TITLE_LINES = 150, 4
"""Characters that a line over the curves has room for, and the most lines of what is concluded."""


def training_png(board: Scoreboard) -> bytes:
    """The curves as a PNG file, 150 dpi."""
    return png(training_figure(board))


def training_figure(board: Scoreboard) -> Figure:
    """What judges and the loss: training solid, validation dashed; of several seeds means with bands."""
    figure = blank_figure(WIDTH, HEIGHT)
    measures = measures_of(board.metric)
    plots = figure.subplots(1, len(measures), squeeze=False)[0]
    for axes, measure in zip(plots, measures, strict=True):
        _draw(axes, board, measure)
    figure.suptitle("\n".join((_title(board), *_verdict_lines(board))), fontsize=10)
    figure.legend(*plots[0].get_legend_handles_labels(), loc="outside lower center", ncols=2, fontsize=8)
    return figure


def _draw(axes: Axes, board: Scoreboard, measure: Measure) -> None:
    for index, contender in enumerate(board.experiment.contenders):
        style: dict[str, Any] = {"color": ink_of(contender.look), "marker": MARKERS[index % len(MARKERS)]}
        style |= {"markersize": 4, "markevery": max(1, board.epochs // MARKS), "linewidth": 1.5}
        training, validation = (
            mean_curve(board, contender, history, is_share=measure.is_share)
            for history in (measure.training, measure.validation)
        )
        axes.plot(training.epochs, training.mean, "-", label=f"{contender}, training", **style)
        axes.plot(validation.epochs, validation.mean, "--", label=f"{contender}, validation", **style)
        _draw_band(axes, validation, style["color"])
    axes.set_title(measure.title if board.metric.is_accuracy else f"{measure.title} ({_direction(measure)})")
    axes.set_xlabel("epoch")
    axes.set_xlim(0.9, max(2, board.epochs) + 0.1)
    axes.locator_params(axis="x", integer=True)
    axes.grid(color=GRID_INK)


def _direction(measure: Measure) -> str:
    return "higher is better" if measure.higher_is_better else "lower is better"


def _draw_band(axes: Axes, curve: MeanCurve, colour: str) -> None:
    low, high = curve.band
    if np.isfinite(low).any():
        axes.fill_between(curve.epochs, low, high, color=colour, alpha=BAND_OPACITY, linewidth=0)


def _verdict_lines(board: Scoreboard) -> list[str]:
    """What the test accuracies allow to conclude."""
    words = " ".join(verdicts([str(one) for one in board.experiment.contenders], board.test_comparison))
    return wrap(words, TITLE_WIDTH, max_lines=MOST_TITLE_LINES, placeholder=" …")


def _title(board: Scoreboard) -> str:
    first, count = board.experiment.seed, board.experiment.seeds
    seeds = f"seeds {first} to {first + count - 1}: mean, and 95% band of validation" if count > 1 else f"seed {first}"
    if board.data is None:
        return seeds
    model, what = (f"{board.model.name}: ", "examples") if board.model else ("", "images")
    return f"{model}{board.data.name}, {grouped(board.data.train)} training {what} · {seeds}"
