"""Loss and metrics of trainings that are watched, step by step, over each other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from initterm.experiments.training.diagnosis import guessing_loss
from initterm.experiments.watch.board import LOSS, WatchBoard
from initterm.report.palette import colour_of, mark_of
from initterm.theory.numbers import short
from initterm.theory.refusal import printable
from initterm.tui.watch.watched_runs import WatchedRun
from initterm.tui.widgets.braille import Stroke
from initterm.tui.widgets.curve_picture import CurvePicture, Line
from initterm.tui.widgets.end_labels import EndLabel

VALIDATION = "val_"
LEAST_LOG = 1e-6
GUESSING_INK = "#8a8f98"
DIGITS = 3


def measures_of(runs: Sequence[WatchedRun]) -> tuple[str, ...]:
    """What Keras tells of any of them by name, the loss first; validation is drawn beside what it is of."""
    names = (name.removeprefix(VALIDATION) for one in runs for told in one.board.told for name in told.logs)
    return tuple(dict.fromkeys((LOSS, *names)))


def picture_of(runs: Sequence[WatchedRun], measure: str, *, log: bool = False) -> CurvePicture:
    """A measure of all of them: of the training a line, of validation one of points after each epoch."""
    lines = [line for one in runs for line in _lines(one, measure, alone=len(runs) == 1, log=log)]
    if measure == LOSS:
        lines = [*_guessing(runs, log=log), *lines]
    return CurvePicture(
        f"{printable(measure)}{', log scale' if log else ''}",
        legend="· validation" if any(one.stroke == "points" for one in lines) else "",
        lines=lines,
        log_y=log,
        x_name="step",
        words=_words,
    )


def _words(value: float) -> str:
    return short(value, DIGITS)


def _lines(one: WatchedRun, measure: str, *, alone: bool, log: bool) -> Iterator[Line]:
    name = "" if alone else f"{one.letter} {one.name}"
    strokes: tuple[tuple[str, Stroke], ...] = ((measure, "solid"), (f"{VALIDATION}{measure}", "points"))
    for told, stroke in strokes:
        steps, values = _told(one.board, told)
        known = values[np.isfinite(values)]
        if len(known):
            value = _words(float(known[-1]))
            mark = mark_of(one.letter)
            label = EndLabel(mark, name, value) if stroke == "solid" else None
            drawn = np.log10(np.maximum(values, LEAST_LOG)) if log else values
            words = " ".join(filter(None, (name, printable(told))))
            yield Line(steps, drawn, colour_of(one.letter), front=True, stroke=stroke, label=label, name=words)


def _told(board: WatchBoard, name: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Steps, and what Keras told after them, NaN where that wasn't finite."""
    pairs = [(one.step, one.logs[name]) for one in board.told if name in one.logs]
    values = [np.nan if value is None else value for _, value in pairs]
    return np.asarray([step for step, _ in pairs], float), np.asarray(values, float)


def _guessing(runs: Sequence[WatchedRun], *, log: bool) -> Iterator[Line]:
    """Where the loss is of who guesses, where that is the same for all."""
    classes = {one.board.classes for one in runs}
    steps = [told.step for one in runs for told in one.board.told]
    guessing = guessing_loss(classes.pop()) if len(classes) == 1 else None
    if guessing and len(steps) > 1:
        level = np.log10(guessing) if log else guessing
        yield Line([min(steps), max(steps)], [level, level], GUESSING_INK, stroke="dotted", name="by guessing")
