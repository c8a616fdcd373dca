"""A run's curves as drawings: what is shown of them, and how."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeVar, get_args

from initterm.experiments.message import Number
from initterm.experiments.training.board import Scoreboard
from initterm.experiments.training.contender import Contender
from initterm.report.palette import colour_of, mark_of
from initterm.report.training.curves import ACCURACY, LOSS, MeanCurve, Measure, mean_curve
from initterm.tui.widgets.drawing import Band, Curve, Drawing

SomeOption = TypeVar("SomeOption")
Shown = Literal["both", "accuracy", "loss"]
Parts = Literal["both", "validation", "training"]
CHOICES: dict[str, tuple[Any, ...]] = {"shown": get_args(Shown), "parts": get_args(Parts), "log_loss": (False, True)}
LEGENDS: dict[Parts, str] = {"both": "─ train  ╌ validation", "validation": "╌ validation", "training": "─ train"}
LEAST_EPOCHS_BETWEEN_MARKS = 4
LEAST_LOG = 1e-6
MOST_BANDS = 3
ASIDE = "#565b66"
"""The colour of those that are not in focus."""


@dataclass(frozen=True)
class CurveOptions:
    """Which curves are drawn: of what, of which images, the loss on a log scale or not, and who is in focus."""

    shown: Shown = "both"
    parts: Parts = "both"
    log_loss: bool = False
    focus: Contender | None = None

    def other(self, what: str) -> CurveOptions:
        """The next choice: ``shown`` and ``parts`` go through theirs in turn, ``log_loss`` to the other scale."""
        return replace(self, **{what: _next(CHOICES[what], getattr(self, what))})

    def next_focus(self, contenders: Sequence[Contender]) -> CurveOptions:
        """Each contender in focus in turn, then none."""
        return replace(self, focus=_next((None, *contenders), self.focus))


def _next(choices: Sequence[SomeOption], now: SomeOption) -> SomeOption:
    return choices[(choices.index(now) + 1) % len(choices)] if now in choices else choices[0]


def accuracy_drawing(board: Scoreboard, options: CurveOptions) -> Drawing:
    """Accuracy by epoch: training solid, validation dashed."""
    return _drawing(board, ACCURACY, options, log=False)


def loss_drawing(board: Scoreboard, options: CurveOptions) -> Drawing:
    """Loss by epoch: training solid, validation dashed."""
    return _drawing(board, LOSS, options, log=options.log_loss)


def _drawing(board: Scoreboard, measure: Measure, options: CurveOptions, *, log: bool) -> Drawing:
    contenders = sorted(board.experiment.contenders, key=lambda contender: contender == options.focus)
    title = f"{measure.title}{', log scale' if log else ''}"
    # The legend stands over the plot that is at the right, or alone.
    if measure is LOSS or options.shown == "accuracy":
        title += f"  {LEGENDS[options.parts]}"
    y: Callable[[Number], Number] = _log if log else lambda value: value
    return Drawing(
        title,
        tuple(curve for contender in contenders for curve in _curves(board, contender, measure, options, y)),
        bands=tuple(band for contender in contenders for band in _bands(board, contender, measure, options, y)),
        x_range=(1, max(2, board.experiment.epochs)),
        whole_x=True,
        log_y=log,
    )


def _curves(
    board: Scoreboard, contender: Contender, measure: Measure, options: CurveOptions, y: Callable[[Number], Number]
) -> Iterator[Curve]:
    aside = options.focus not in (None, contender)
    colour = ASIDE if aside else colour_of(contender.look)
    place = board.experiment.contenders.index(contender)
    for dashed, history in ((False, measure.training), (True, measure.validation)):
        if options.parts == ("training" if dashed else "validation"):
            continue
        curve = mean_curve(board, contender, history)
        marked = () if aside else _marked(len(curve.epochs), place, len(board.experiment.contenders))
        epochs, values = list(curve.epochs), list(map(y, curve.mean))
        if not dashed:
            _append_partial(board, contender, measure, epochs, values, y)
        yield Curve(epochs, values, colour, dashed, mark_of(contender.look), marked)


def _append_partial(
    board: Scoreboard,
    contender: Contender,
    measure: Measure,
    epochs: list[float],
    values: list[Number],
    y: Callable[[Number], Number],
) -> None:
    """Where there is one seed, how far its epoch under way has come."""
    records = board.of_contender(contender)
    if len(records) == 1 and (partial := records[0].partial):
        epochs.append(max(1.0, records[0].epochs_done + partial.share))
        values.append(y(measure.partial(records[0])))


def _bands(
    board: Scoreboard, contender: Contender, measure: Measure, options: CurveOptions, y: Callable[[Number], Number]
) -> Iterator[Band]:
    """The band of the validation curve, or of the training curve where that stands alone; of the one in focus.

    Where nobody is, of all, unless they are too many to be told apart.
    """
    crowd = options.focus is None and len(board.experiment.contenders) > MOST_BANDS
    if crowd or options.focus not in (None, contender):
        return
    history = measure.training if options.parts == "training" else measure.validation
    curve: MeanCurve = mean_curve(board, contender, history)
    points = [(epoch, y(band[0]), y(band[1])) for epoch, band in zip(curve.epochs, curve.band, strict=True) if band]
    drawable = [(epoch, low, high) for epoch, low, high in points if low is not None and high is not None]
    if len(drawable) > 1:
        epochs, low, high = zip(*drawable, strict=True)
        yield Band(epochs, low, high, colour_of(contender.look))


def _marked(count: int, place: int, contenders: int) -> Sequence[int]:
    """Which epochs carry a contender's mark: others for each, so that marks don't hide each other."""
    return range(place, count, max(contenders, LEAST_EPOCHS_BETWEEN_MARKS)) or range(max(0, count - 1), count)


def _log(value: Number) -> Number:
    """The decimal logarithm; what is smaller than ``LEAST_LOG`` stands there."""
    return None if value is None else math.log10(max(value, LEAST_LOG))
