"""Curves over epochs: the mean of a contender's seeds, and its 95% band."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from statistics import fmean, stdev

from initterm.experiments.message import Number
from initterm.experiments.training.board import Scoreboard, TrialRecord
from initterm.experiments.training.contender import Contender

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
