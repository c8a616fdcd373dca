"""A run so far as tables: who leads, and what each network is going through."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from statistics import fmean, median
from typing import Any

from rich.console import Console, ConsoleOptions, RenderResult
from rich.table import Table
from rich.text import Text

from initterm.experiments.comparison import Comparison
from initterm.experiments.message import Number
from initterm.experiments.training.board import Scoreboard, TrialRecord
from initterm.experiments.training.contender import Contender
from initterm.report.comparison import LEAST_P_SHOWN, leader, pair_of
from initterm.report.palette import colour_of, name_with_mark
from initterm.report.training.results import epochs_words
from initterm.theory.numbers import NONE, p_value, percent, plain, ratio, signed_points, with_decimals

NAME_WIDTH, GAP = 20, 2
LEAST_BAR, MOST_BAR = 6, 24
FULL, EMPTY = "━", "─"
Cell = Text | str
BoardColumn = tuple[str, int, Callable[[Any], Cell]]
"""Name, width, and what makes its cells."""


@dataclass(frozen=True)
class ContenderTable:
    """A line a contender, in as many columns as there is room for."""

    board: Scoreboard
    focus: Contender | None = None

    @property
    def height(self) -> int:
        """Lines it takes."""
        return len(self.board.experiment.contenders) + 1


class Leaderboard(ContenderTable):
    """The leader first: how far, accuracy, distance to the leader, epochs to the target, seconds.

    Accuracies are those that the board has compared last.
    """

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        columns = self._columns(options.max_width)
        bar = min(MOST_BAR, options.max_width - NAME_WIDTH - sum(GAP + width for _, width, _ in columns))
        if bar >= LEAST_BAR:
            columns.insert(0, ("", bar, lambda index: _bar(self.board, self._contender(index), bar)))
        table = _table(columns)
        for index in self._order():
            table.add_row(_name(self._contender(index), self.focus), *(cell(index) for _, _, cell in columns))
        yield table

    @cached_property
    def _comparison(self) -> Comparison:
        compared = self.board.compared
        return compared.comparison if compared else Comparison.of_nothing(len(self.board.experiment.contenders))

    def _contender(self, index: int) -> Contender:
        return self.board.experiment.contenders[index]

    def _order(self) -> list[int]:
        """Contenders by their mean, those without one last."""
        means = enumerate(self._comparison.means)
        mean_of = {index: mean.mean for index, mean in means if mean.mean is not None}
        return sorted(range(len(self.board.experiment.contenders)), key=lambda index: -mean_of.get(index, -1.0))

    def _columns(self, room: int) -> list[BoardColumn]:
        """Those that there is room for, the important ones first."""
        several = self.board.experiment.seeds > 1
        measure = self.board.compared.measure if self.board.compared else "accuracy"
        columns: list[BoardColumn] = [
            (measure, max(len(measure), 15 if several else 6), self._accuracy),
            ("p", 6, self._p_value),
            (f"to {plain(self.board.experiment.target)}", 6, self._epochs_to_target),
            ("points", 6, self._behind),
            ("s", 5, self._seconds),
        ]
        if not several:
            del columns[1]
        return _fitting(columns, room)

    def _records(self, index: int) -> tuple[TrialRecord, ...]:
        return self.board.of_contender(self._contender(index))

    def _accuracy(self, index: int) -> Cell:
        statuses = {record.status for record in self._records(index)}
        if statuses == {"diverged"}:
            return Text("diverged", style="red")
        mean = self._comparison.means[index]
        if mean.mean is None:
            return Text("cancelled" if statuses == {"cancelled"} else NONE, style="dim")
        half = f" ±{with_decimals((mean.ci95[1] - mean.ci95[0]) / 2)}" if mean.ci95 else ""
        return Text.assemble((with_decimals(mean.mean), "bold"), (half, "dim"))

    def _epochs_to_target(self, index: int) -> Cell:
        return epochs_words([record.epoch_of(self.board.experiment.target) for record in self._records(index)])

    def _behind(self, index: int) -> Cell:
        """Points behind the leader, over the seeds that both have."""
        first = leader(self._comparison)
        if first is None or self._comparison.means[index].mean is None:
            return NONE
        if index == first:
            return Text("leads", style="bold")
        return signed_points(pair_of(self._comparison, index, first).difference)

    def _p_value(self, index: int) -> Cell:
        first = leader(self._comparison)
        if first is None or first == index:
            return ""
        return p_value(pair_of(self._comparison, first, index).p_value, LEAST_P_SHOWN)

    def _seconds(self, index: int) -> Cell:
        """Training and validating, the mean over seeds."""
        return with_decimals(fmean(sum(record.epoch_seconds) for record in self._records(index)), 1)


class Vitals(ContenderTable):
    """What a step does to each network by now, the median over its seeds."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        columns: list[BoardColumn] = [
            ("1st loss", 8, lambda records: _ratio(_median(records, "loss", 0))),
            ("gradient 1st→last", 17, _gradients),
            ("dead", 4, lambda records: percent(_median(records, "dead"))),
            ("update", 7, lambda records: _ratio(_median(records, "update_ratio"))),
            ("flat", 4, lambda records: percent(_median(records, "saturated"))),
        ]
        table = _table(_fitting(columns, options.max_width))
        for contender in self.board.experiment.contenders:
            records = self.board.of_contender(contender)
            table.add_row(_name(contender, self.focus), *(cell(records) for _, _, cell in columns))
        yield table


_ratio = partial(ratio, least=1e-4)


def _gradients(records: Sequence[TrialRecord]) -> str:
    return f"{_ratio(_median(records, 'gradient_first'))} → {_ratio(_median(records, 'gradient_last'))}"


def _median(records: Sequence[TrialRecord], name: str, at: int = -1) -> Number:
    values = [getattr(record.diagnoses[at], name) for record in records if record.diagnoses]
    there = [value for value in values if value is not None]
    return median(there) if there else None


def _fitting(columns: list[BoardColumn], room: int) -> list[BoardColumn]:
    """Those that there is room for, the first in any case; the last ones go."""
    while len(columns) > 1 and NAME_WIDTH - GAP + sum(GAP + width for _, width, _ in columns) > room:
        columns.pop()
    return columns


def _table(columns: Sequence[BoardColumn]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, GAP, 0, 0), header_style="dim")
    table.add_column("contender", no_wrap=True, overflow="ellipsis", width=NAME_WIDTH - GAP)
    for name, width, _ in columns:
        table.add_column(name, justify="right", no_wrap=True, width=width)
    return table


def _name(contender: Contender, focus: Contender | None) -> Text:
    name = name_with_mark(contender.look)
    return Text.assemble(name, style="reverse") if contender == focus else name


def _bar(board: Scoreboard, contender: Contender, width: int) -> Text:
    records = board.of_contender(contender)
    share = fmean(record.share_done(board.experiment.epochs) for record in records)
    full = round(share * width)
    return Text.assemble((FULL * full, colour_of(contender.look)), (EMPTY * (width - full), "dim"))
