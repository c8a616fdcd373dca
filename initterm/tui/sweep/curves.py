"""The curves of one cell, read from the folder of its run: no board has histories."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from initterm.experiments.message import Message
from initterm.experiments.metric import ACCURACY, Metric
from initterm.experiments.sweep.events import TrialMeasured
from initterm.experiments.training.contender import Contender
from initterm.report.judged import metric_words
from initterm.report.palette import colour_of, mark_of
from initterm.store.stored import StoredRun
from initterm.tui.widgets.curve_picture import CurvePicture, Line
from initterm.tui.widgets.end_labels import EndLabel


class OfAnother(Message, frozen=True):
    """Stands for an event of another cell, which isn't read."""


def trials_of_cell(run: StoredRun, cell: int) -> list[TrialMeasured]:
    """The trials of a cell that are over; of other lines of the folder only the key is looked at.

    Raises:
        OSError: the folder can't be read.
    """
    decode, key = run.header.kind_row.decoder(), b'"key":[%d,' % cell
    reader = run.reader(lambda line: decode(line) if key in line else OfAnother())
    return [event for event in reader if isinstance(event, TrialMeasured) and event.key.cell == cell]


def picture_of(contenders: Sequence[Contender], trials: Sequence[TrialMeasured]) -> CurvePicture:
    """The mean validation accuracy of each contender over its seeds, or what judges else, epoch by epoch."""
    metric = trials[0].metric if trials else ACCURACY
    return CurvePicture(
        f"validation {metric.name}",
        lines=[*_lines(contenders, trials, metric)],
        whole_x=True,
        x_name="epoch",
        words=lambda y: metric_words(y, metric, 3),
    )


def _lines(contenders: Sequence[Contender], trials: Sequence[TrialMeasured], metric: Metric) -> Iterator[Line]:
    for index, contender in enumerate(contenders):
        mean = _mean([one.val_accuracy for one in trials if one.key.trial % len(contenders) == index])
        if len(mean):
            last = metric_words(float(mean[-1]) if np.isfinite(mean[-1]) else None, metric, 3)
            label = EndLabel(mark_of(contender.look), str(contender), last)
            x = np.arange(1, len(mean) + 1)
            yield Line(x, mean, colour_of(contender.look), front=True, label=label, name=str(contender))


def _mean(histories: Sequence[Sequence[float | None]]) -> NDArray[np.float64]:
    """(epochs,), of those that came so far; a value that isn't finite takes no part."""
    epochs = max(map(len, histories), default=0)
    table = np.full((len(histories), epochs), np.nan)
    for row, history in zip(table, histories, strict=True):
        row[: len(history)] = [np.nan if value is None else value for value in history]
    known = np.isfinite(table)
    counts = known.sum(axis=0)
    sums = np.where(known, table, 0.0).sum(axis=0)
    mean: NDArray[np.float64] = np.divide(sums, counts, out=np.full(epochs, np.nan), where=counts > 0)
    return mean


UNREADABLE = (OSError, msgspec.MsgspecError, LookupError)
"""What may go wrong where a folder is read that is just being removed."""
