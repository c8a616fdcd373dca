"""A run's curves as pictures: one contender in front, the others dim behind it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Any, Literal, TypeVar, get_args

import numpy as np
from numpy.typing import NDArray

from initterm.experiments.training.board import Scoreboard
from initterm.experiments.training.contender import Contender
from initterm.report.comparison import FEWEST_FOR_INTERVAL, leader
from initterm.report.judged import metric_words
from initterm.report.palette import colour_of, mark_of
from initterm.report.training.curves import LOSS, History, MeanCurve, Measure, judged_by, mean_curve
from initterm.theory.numbers import short, with_decimals
from initterm.tui.training.race_range import race_range, rounded_range, whole_range
from initterm.tui.widgets.curve_picture import Area, CurvePicture, Line
from initterm.tui.widgets.drawing import Range
from initterm.tui.widgets.end_labels import EndLabel

SomeOption = TypeVar("SomeOption")
Shown = Literal["both", "accuracy", "loss"]
Parts = Literal["both", "validation", "training"]
CHOICES: dict[str, tuple[Any, ...]] = {
    "shown": get_args(Shown),
    "parts": get_args(Parts),
    "log_loss": (False, True),
    "zoomed": (True, False),
}
LEGENDS: dict[Parts, str] = {"both": "━ validation ╍ training", "validation": "━ validation", "training": "━ training"}
BAND_LEGEND = " ⠢ 95%"
LEAST_LOG, LARGE_LOSS = 1e-6, 100.0
UNDER_WAY = "…"
"""Behind a value of an epoch that isn't over, which is of the images trained with so far."""

SHARE: Range = (0.0, 1.0)
EMPTY_RANGE: Range = (0.0, 2.5)
"""Of the y axis before there is a number, of all but shares."""


@dataclass(frozen=True)
class CurveOptions:
    """Which curves are drawn: of what, of which images, the loss on a log scale or not, and who is in focus.

    ``zoomed`` shows on the y axis where the race is, else all that was drawn.
    """

    shown: Shown = "both"
    parts: Parts = "both"
    log_loss: bool = False
    focus: Contender | None = None
    zoomed: bool = True

    def other(self, what: str) -> CurveOptions:
        """The next choice: ``shown`` and ``parts`` go through theirs in turn, the others to what they aren't."""
        return replace(self, **{what: _next(CHOICES[what], getattr(self, what))})

    def next_focus(self, contenders: Sequence[Contender]) -> CurveOptions:
        """Each contender in focus in turn, then none."""
        return replace(self, focus=_next((None, *contenders), self.focus))


def _next(choices: Sequence[SomeOption], now: SomeOption) -> SomeOption:
    return choices[(choices.index(now) + 1) % len(choices)] if now in choices else choices[0]


def front_of(board: Scoreboard, options: CurveOptions) -> Contender:
    """Who is drawn in front: the one in focus, else the leader, before there is one the first."""
    contenders = board.experiment.contenders
    if options.focus in contenders:
        return options.focus
    return contenders[(board.compared and leader(board.compared.comparison)) or 0]


def accuracy_picture(board: Scoreboard, options: CurveOptions) -> CurvePicture:
    """Accuracy by epoch, or what else judges."""
    return _Curves(
        board, options, judged_by(board.metric), partial(metric_words, metric=board.metric, decimals=3)
    ).picture()


def loss_picture(board: Scoreboard, options: CurveOptions) -> CurvePicture:
    """Loss by epoch."""
    return _Curves(board, options, LOSS, _loss_words).picture()


def _loss_words(loss: float) -> str:
    return with_decimals(loss, 3) if loss < LARGE_LOSS else short(loss)


@dataclass(frozen=True, eq=False)
class _Curves:
    """What is drawn of one measure."""

    board: Scoreboard
    options: CurveOptions
    measure: Measure
    words: Callable[[float], str]

    @property
    def log(self) -> bool:
        """Whether y is a logarithm."""
        return self.measure is LOSS and self.options.log_loss

    @property
    def beside(self) -> bool:
        """Whether it stands at the right of another picture, which names the contenders."""
        return self.measure is LOSS and self.options.shown == "both" and not self.board.metric.is_loss

    @property
    def better(self) -> int:
        """The sign of what is better."""
        return 1 if self.measure.higher_is_better else -1

    @cached_property
    def front(self) -> Contender:
        """Who is drawn in front."""
        return front_of(self.board, self.options)

    @cached_property
    def band(self) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        """Epochs, low and high end of the interval of the one in front, where it has one."""
        curve = self._main(self.front)
        low, high = (self._scaled(end) for end in curve.band)
        known = np.isfinite(low) & np.isfinite(high) & (self.board.experiment.seeds >= FEWEST_FOR_INTERVAL)
        return curve.epochs[known], low[known], high[known]

    def picture(self) -> CurvePicture:
        """All of it."""
        contenders = self.board.experiment.contenders
        mains = {contender: self._main_line(contender) for contender in contenders}
        order = sorted(contenders, key=lambda one: (one == self.front, self._rank(mains[one])))
        epochs, low, high = self.band
        areas = [Area(epochs, low, high, colour_of(self.front.look))] if len(epochs) > 1 else []
        return CurvePicture(
            self._title,
            "" if self.beside else f"{LEGENDS[self.options.parts]}{BAND_LEGEND if areas else ''}",
            [*self._behind(), *(mains[contender] for contender in order)],
            areas,
            x_range=(1, max(2, self.board.experiment.epochs)),
            y_range=self._y_range(list(mains.values())) or (SHARE if self.measure.is_share else EMPTY_RANGE),
            whole_x=True,
            log_y=self.log,
            x_name="epoch",
            words=self.words,
        )

    @property
    def _title(self) -> str:
        """What it is, and which way is better where not everybody knows that."""
        metric = self.board.metric
        if self.measure is LOSS:
            return f"loss{', log scale' if self.log else ''}"
        return self.measure.title if metric.is_accuracy else f"{metric.short}, {metric.direction}"

    def _main(self, contender: Contender) -> MeanCurve:
        """The bright one: of validation, or of training where that stands alone."""
        return self._curve(contender, self.measure.training if self._training_alone else self.measure.validation)

    @property
    def _training_alone(self) -> bool:
        return self.options.parts == "training"

    def _curve(self, contender: Contender, history: History) -> MeanCurve:
        return mean_curve(self.board, contender, history, is_share=self.measure.is_share)

    def _main_line(self, contender: Contender) -> Line:
        curve = self._main(contender)
        epochs, values = curve.epochs, curve.mean
        if self._training_alone or not len(epochs):  # nothing was validated yet
            epochs, values = self._with_partial(contender, epochs, values)
        front = contender == self.front
        known = values[np.isfinite(values)]
        value = self.words(float(known[-1])) if len(known) else ""
        value += UNDER_WAY if len(epochs) > len(curve.epochs) else ""
        label = EndLabel(mark_of(contender.look), "" if self.beside else str(contender), value)
        stroke: Literal["thick", "solid"] = "thick" if front else "solid"
        return Line(epochs, self._scaled(values), colour_of(contender.look), front, stroke, label, str(contender))

    def _behind(self) -> Iterator[Line]:
        """How the one in front does on the images it is trained with."""
        if self.options.parts == "both":
            curve = self._curve(self.front, self.measure.training)
            epochs, values = self._with_partial(self.front, curve.epochs, curve.mean)
            colour = colour_of(self.front.look)
            yield Line(epochs, self._scaled(values), colour, front=True, stroke="dotted", name="training")

    def _with_partial(
        self, contender: Contender, epochs: NDArray[np.float64], values: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """How far the epoch under way has come: of the only seed, or where there is no number yet."""
        records = self.board.of_contender(contender)
        under_way = [record for record in records if record.partial]
        if not under_way or (len(epochs) and len(records) > 1):
            return epochs, values
        so_far = self.measure.partial(record := under_way[0])
        at = max(1.0, record.epochs_done + record.partial.share) if record.partial else 1.0
        return np.append(epochs, at), np.append(values, math.nan if so_far is None else so_far)

    def _rank(self, line: Line) -> float:
        """The better the higher."""
        _, values = line.points
        return self.better * float(values[-1]) if len(values) else -math.inf

    def _scaled(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """The numbers, or their decimal logarithms; what is smaller than ``LEAST_LOG`` stands there."""
        return np.log10(np.maximum(values, LEAST_LOG)) if self.log else values

    def _y_range(self, mains: Sequence[Line]) -> Range | None:
        drawn = whole_range([line.points[1] for line in (*mains, *self._behind())])
        limits = self._limits(drawn)
        if not self.options.zoomed:
            return rounded_range(drawn, limits)
        ranked = sorted(mains, key=self._rank, reverse=True)
        in_front = next(line for line in mains if line.front)
        return race_range([line.points[1] for line in ranked], in_front.points[1], limits)

    def _limits(self, drawn: Range | None) -> Range:
        """What the axis stays within: shares in theirs, and what is nowhere under 0 above it."""
        if self.measure.is_share and not self.log:
            return SHARE
        return (0.0 if drawn and drawn[0] >= 0 and not self.log else -math.inf), math.inf
