"""A run so far as tables: who leads, and what each network is going through."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from statistics import fmean, median

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from initterm.experiments.comparison import Comparison, Mean, Pair
from initterm.experiments.message import Number
from initterm.experiments.metric import ACCURACY, Metric
from initterm.experiments.training.board import Scoreboard, TrialRecord
from initterm.experiments.training.contender import Contender
from initterm.report.comparison import FEWEST_FOR_INTERVAL, LEAST_P_SHOWN, by_lead, leader, pair_of, ranked
from initterm.report.judged import behind_words, bounds_words, metric_words
from initterm.report.palette import colour_of, mark_of
from initterm.report.stops import stop_words
from initterm.report.training.results import epochs_words
from initterm.theory.numbers import NONE, p_value, percent, plain, ratio, short, with_decimals
from initterm.tui.training.result_axis import LEAST_AXIS, ResultAxis, Span
from initterm.tui.widgets.inks import Inks
from initterm.tui.widgets.table_view import GAP, Cell, Column, cell, table_row

NAME_WIDTH = 18
LEAST_BAR, MOST_BAR, MOST_AXIS, BEHIND = 6, 24, 40, 13
EVEN = 1.25
"""An interval is told by its longer half as long as that is so many times the shorter one at most."""

AXIS_SHARE = 4
"""So much of the width the axis takes, where other columns can go for it."""

FULL, EMPTY, CANCELLED, LEVEL = "━", "─", "cancelled", "level"
RED, BOLD, REVERSE = Style(color="red"), Style(bold=True), Style(reverse=True)

Cells = Callable[[int], Cell]
"""What stands in a column, of the contender that is counted from 0."""


@dataclass(frozen=True, eq=False)
class ContenderTable:
    """A line for each contender, or for as many as there is room for, the one in focus always among them."""

    board: Scoreboard
    focus: Contender | None = None
    most: int | None = None

    @property
    def height(self) -> int:
        """Lines it takes."""
        return len(self._shown) + 1

    def contender_at(self, row: int) -> Contender | None:
        """Whose line it is, counted from 0 under the head; None for none's."""
        return self._contender(self._shown[row]) if row < len(self._shown) else None

    @cached_property
    def _shown(self) -> list[int]:
        """Contenders, counted from 0, in the order of their lines."""
        order = self._order()
        if self.most is None or len(order) <= self.most:
            return order
        shown = order[: max(1, self.most)]
        if self.focus in self.board.experiment.contenders:
            focused = self.board.experiment.contenders.index(self.focus)
            shown = shown if focused in shown else [*shown[:-1], focused]
        return shown

    def _order(self) -> list[int]:
        """All of them, in the order of their lines."""
        return list(range(len(self.board.experiment.contenders)))

    def _contender(self, index: int) -> Contender:
        return self.board.experiment.contenders[index]

    def _records(self, index: int) -> tuple[TrialRecord, ...]:
        return self.board.of_contender(self._contender(index))

    def _named(self, columns: Sequence[tuple[Column, Cells]], inks: Inks, width: int) -> list[Strip]:
        """The lines, names first, which are cut where even the first column has no room beside them."""
        everybody = len(self.board.experiment.contenders)
        title = "contender" if len(self._shown) == everybody else f"{len(self._shown)} of {everybody}"
        names = max(1, min(NAME_WIDTH, width - sum(GAP + column.width for column, _ in columns)))
        heads = [Column(cell(title, inks.muted), names, left=True), *(column for column, _ in columns)]
        rows = ([self._name(index), *(of(index) for _, of in columns)] for index in self._shown)
        return [table_row(heads, row) for row in ([column.head for column in heads], *rows)]

    def _name(self, index: int) -> Cell:
        contender = self._contender(index)
        mark = Segment(f"{mark_of(contender.look)} ", Style(color=colour_of(contender.look)))
        return (mark, Segment(str(contender), REVERSE if contender == self.focus else None))


@dataclass(frozen=True, eq=False)
class Leaderboard(ContenderTable):
    """The leader first: how far, accuracy or what else judges, epochs to the target, how far behind, p-value, seconds.

    Accuracies are those that the board has compared last. Once all is over their means and intervals stand on one axis
    in the place of the bars.
    """

    def lines(self, width: int, inks: Inks) -> list[Strip]:
        """For so many columns."""
        picture = self.board.over and any(mean.mean is not None for mean in self._comparison.means)
        least, most = (LEAST_AXIS, MOST_AXIS) if picture else (LEAST_BAR, MOST_BAR)
        columns = _fitting(self._columns(inks), width - (GAP + width // AXIS_SHARE if picture else 0))
        room = min(most, width - NAME_WIDTH - GAP - sum(GAP + column.width for column, _ in columns))
        if room >= least:
            columns.insert(0, self._axis(room, inks) if picture else self._bars(room, inks))
        return self._named(columns, inks, width)

    @cached_property
    def _comparison(self) -> Comparison:
        compared = self.board.compared
        return compared.comparison if compared else Comparison.of_nothing(len(self.board.experiment.contenders))

    @cached_property
    def _leader(self) -> int | None:
        return leader(self._comparison)

    def _order(self) -> list[int]:
        """By their mean, in which what diverged counts 0; those without one last."""
        return ranked(self._comparison)

    def _columns(self, inks: Inks) -> list[tuple[Column, Cells]]:
        """The important ones first."""
        several = self.board.experiment.seeds > 1
        metric, target = self.board.metric, self.board.target
        measure = (
            self.board.compared.measure if self.board.compared else metric.name if metric.is_accuracy else metric.short
        )
        epochs = "" if target is None else f"epochs to {plain(target)}"
        columns: list[tuple[str, int, Cells]] = [
            (measure, max(len(measure), 16 if several else len(CANCELLED)), partial(self._accuracy, inks)),
            (epochs, max(len(epochs), self._widest_epochs), lambda index: cell(self._epochs_to_target(index))),
            (
                "points" if metric.is_accuracy else "behind",
                self._widest_behind if several else 6,
                partial(self._behind, inks),
            ),
            ("p-value", 7, lambda index: cell(self._p_value(index))),
            ("seconds", 7, lambda index: cell(self._seconds(index))),
        ]
        columns = [one for one in columns if one[0] and (several or one[0] != "p-value")]
        return [(Column(cell(name, inks.muted), width), of) for name, width, of in columns]

    def _bars(self, width: int, inks: Inks) -> tuple[Column, Cells]:
        def bar(index: int) -> Cell:
            full = round(width * fmean(record.share_trained(self.board.epochs) for record in records(index)))
            colour = Style(color=colour_of(self._contender(index).look))
            return (Segment(FULL * full, colour), Segment(EMPTY * (width - full), inks.axis))

        records = self._records
        return Column(cell(""), width), bar

    def _axis(self, width: int, inks: Inks) -> tuple[Column, Cells]:
        spans = {index: self._span(index) for index in self._order()}
        axis = ResultAxis.of([span for span in spans.values() if span], width, self.board.metric)

        def line(index: int) -> Cell:
            bold = BOLD if index == self._leader else Style()
            return axis.line(spans[index], Style(color=colour_of(self._contender(index).look)) + bold, inks)

        return Column(axis.head(inks), width), line

    def _span(self, index: int) -> Span | None:
        """Mean and interval, of two seeds what both came to."""
        mean = self._comparison.means[index]
        if mean.mean is None:
            return None
        if mean.ci95 and mean.seeds >= FEWEST_FOR_INTERVAL:
            return Span(mean.mean, *mean.ci95, interval=True)
        came_to = [record.test_accuracy for record in self._records(index) if record.test_accuracy is not None]
        return Span(mean.mean, min(came_to, default=mean.mean), max(came_to, default=mean.mean))

    def _accuracy(self, inks: Inks, index: int) -> Cell:
        statuses = {record.status for record in self._records(index)}
        if statuses == {"diverged"}:
            return cell("diverged", RED)
        mean = self._comparison.means[index]
        if mean.mean is None:
            return cell(CANCELLED if statuses == {CANCELLED} else NONE, inks.muted)
        metric = self.board.metric
        return (Segment(metric_words(mean.mean, metric), BOLD), Segment(spread_words(mean, metric), inks.muted))

    @property
    def _widest_epochs(self) -> int:
        """The columns that epochs to the target may take: ``10.5 (5 of 5)``."""
        epochs, seeds = self.board.experiment.epochs, self.board.experiment.seeds
        return len(f"{epochs}.5 ({seeds} of {seeds})" if seeds > 1 else str(epochs))

    def _epochs_to_target(self, index: int) -> str:
        return epochs_words(map(self.board.epoch_of_target, self._records(index)))

    @property
    def _widest_behind(self) -> int:
        """The columns of ``−12.3 ±0.8``, or of where somebody was stopped."""
        return max([BEHIND, *(len(stop_words(one)) for one in self._comparison.stopped)])

    def _behind(self, inks: Inks, index: int) -> Cell:
        """How far behind the leader, over the seeds that both have; of whoever was stopped, where."""
        if self._leader is None or self._comparison.means[index].mean is None:
            return cell(NONE)
        if index == self._leader:
            return cell("leads", BOLD)
        if stopped := self._comparison.stop_of(index):
            return cell(stop_words(stopped), inks.muted)
        pair, metric = pair_of(self._comparison, index, self._leader), self.board.metric
        return cell(difference_words(by_lead(pair, metric), metric))

    def _p_value(self, index: int) -> str:
        if self._leader is None or self._leader == index:
            return ""
        return p_value(pair_of(self._comparison, self._leader, index).p_value, LEAST_P_SHOWN)

    def _seconds(self, index: int) -> str:
        """Training and validating, the mean over seeds."""
        return with_decimals(fmean(sum(record.epoch_seconds) for record in self._records(index)), 1)


def spread_words(mean: Mean, metric: Metric = ACCURACY) -> str:
    """How sure a mean is: how many trained, where not all did; else its 95% interval, ± where it is even."""
    if mean.diverged:
        return f" ({mean.seeds} of {mean.seeds + mean.diverged})"
    if mean.ci95 is None or mean.mean is None:
        return ""
    if mean.seeds < FEWEST_FOR_INTERVAL:
        return f" ({mean.seeds} seeds)"
    below, above = mean.mean - mean.ci95[0], mean.ci95[1] - mean.mean
    if max(below, above) <= EVEN * min(below, above):
        return f" ±{with_decimals(max(below, above)) if metric.is_share else short(max(below, above), 2)}"
    return f" {bounds_words(mean.ci95, metric, 2)}"


def difference_words(pair: Pair, metric: Metric = ACCURACY) -> str:
    """How far behind, with half the interval that allows for all pairs and looks: ``−0.3 ±0.8``; level without one."""
    if pair.interval is None or pair.difference is None or pair.seeds < FEWEST_FOR_INTERVAL:
        return LEVEL if pair.difference == 0 else behind_words(pair.difference, metric)
    half = max(pair.interval[1] - pair.difference, pair.difference - pair.interval[0])
    words = behind_words(pair.difference, metric, half)
    return words if len(words) <= BEHIND else behind_words(pair.difference, metric, half, digits=1)


class Vitals(ContenderTable):
    """What a step does to each network by now, the median over its seeds."""

    def lines(self, width: int, inks: Inks) -> list[Strip]:
        """For so many columns."""
        columns: list[tuple[str, int, Callable[[Sequence[TrialRecord]], str]]] = [
            ("1st loss", 8, lambda records: _ratio(_median(records, "loss", 0))),
            ("gradient 1st→last", 17, _gradients),
            ("dead", 4, lambda records: percent(_median(records, "dead"))),
            ("update/weights", 14, lambda records: _ratio(_median(records, "update_ratio"))),
            ("flat slopes", 11, lambda records: percent(_median(records, "saturated"))),
        ]
        those: list[tuple[Column, Cells]] = [
            (Column(cell(name, inks.muted), wide), partial(self._cell, of)) for name, wide, of in columns
        ]
        return self._named(_fitting(those, width), inks, width)

    def _cell(self, of: Callable[[Sequence[TrialRecord]], str], index: int) -> Cell:
        return cell(of(self._records(index)))


_ratio = partial(ratio, least=1e-4)


def _gradients(records: Sequence[TrialRecord]) -> str:
    return f"{_ratio(_median(records, 'gradient_first'))} → {_ratio(_median(records, 'gradient_last'))}"


def _median(records: Sequence[TrialRecord], name: str, at: int = -1) -> Number:
    values = [getattr(record.diagnoses[at], name) for record in records if record.diagnoses]
    there = [value for value in values if value is not None]
    return median(there) if there else None


def _fitting(columns: list[tuple[Column, Cells]], room: int) -> list[tuple[Column, Cells]]:
    """Those that there is room for, the first in any case; the last ones go."""
    while len(columns) > 1 and NAME_WIDTH + sum(GAP + column.width for column, _ in columns) > room:
        columns.pop()
    return columns
