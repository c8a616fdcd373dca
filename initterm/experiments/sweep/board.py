"""A sweep's whole state, folded from its events: what a face draws at any moment. Histories aren't part of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import reduce

from initterm.experiments.comparison import Comparison, Interval, Pair
from initterm.experiments.message import UNKNOWN, Machine, Message, Number
from initterm.experiments.metric import ACCURACY, Metric
from initterm.experiments.sweep import events
from initterm.experiments.sweep.sweep import Sweep
from initterm.experiments.training.events import DataLoaded, FellBack, RunStarted
from initterm.theory.numbers import size
from initterm.theory.wording import counted, span

MOST_FAILURES = 100
"""Failures that are told one by one; of more it is told how many they are."""


@dataclass(frozen=True)
class ContenderRecord:
    """A contender's trials in a cell so far: how many were measured and failed, and the sum of accuracies of the test.

    Those of ``measured`` that ``diverged`` have no accuracy.
    """

    measured: int = 0
    diverged: int = 0
    failed: int = 0
    total: float = 0.0

    @property
    def finished(self) -> int:
        """How many came to the test."""
        return self.measured - self.diverged

    @property
    def mean(self) -> Number:
        """Mean accuracy of those that came to the test; None as long as none has."""
        return self.total / self.finished if self.finished else None

    def after(self, event: events.TrialMeasured | events.TrialFailed) -> ContenderRecord:
        """With one trial more that is over."""
        if isinstance(event, events.TrialFailed):
            return replace(self, failed=self.failed + 1)
        lost = event.test_accuracy is None
        total = self.total + (event.test_accuracy or 0.0)
        return replace(self, measured=self.measured + 1, diverged=self.diverged + lost, total=total)


@dataclass(frozen=True)
class CellRecord:
    """A cell so far: each contender's trials, and what they allow to conclude once all are over.

    ``metric`` is what the tests of a person's own model are judged by, in the place of accuracies.
    """

    contenders: tuple[ContenderRecord, ...]
    comparison: Comparison | None = None
    metric: Metric = ACCURACY

    def interval(self, contender: int) -> Interval | None:
        """The 95% interval of a contender's mean; None before all is over, or of one seed."""
        return self.comparison.means[contender].ci95 if self.comparison else None

    @property
    def winner(self) -> int | None:
        """Who beats all others, counted from 0; None where nobody is shown to."""
        if self.comparison is None:
            return None
        wins = Counter(pair.a if pair.answer == "a beats b" else pair.b for pair in self._won)
        others = len(self.contenders) - 1
        return next((one for one, count in wins.items() if count == others), None)

    @property
    def undecided(self) -> bool:
        """Whether all trials are over and more seeds may tell more: two whom nobody beats aren't told apart.

        Nor is it shown that their difference is no matter, or that they came to nothing.
        """
        if self.comparison is None or all(one.mean is None for one in self.contenders):
            return False
        beaten = {pair.b if pair.answer == "a beats b" else pair.a for pair in self._won}
        open_pairs = (pair for pair in self.comparison.pairs if pair.answer in ("undecided", "untested"))
        return any(beaten.isdisjoint((pair.a, pair.b)) for pair in open_pairs)

    @property
    def _won(self) -> list[Pair]:
        """The pairs of which one is shown to be better."""
        pairs = self.comparison.pairs if self.comparison else ()
        return [pair for pair in pairs if pair.answer in ("a beats b", "b beats a")]


@dataclass(frozen=True)
class SweepBoard:
    """A sweep and what its events have told so far; ``after`` gives the board one event later.

    ``over`` are trials that are, ``failed`` those of them that failed, of which ``failures`` tells the first ones.
    ``data`` are the images of all cells, ``refused`` workers that can't take part, ``estimate`` what was told last of
    the time that is left, ``metrics`` what judges the cells: accuracy alone, unless a model is a person's own.
    """

    sweep: Sweep
    cells: tuple[CellRecord, ...]
    over: int = 0
    failed: int = 0
    failures: tuple[events.TrialFailed, ...] = ()
    place: str = ""
    threads: int = 1
    device: str = ""
    machine: Machine = UNKNOWN
    versions: tuple[tuple[str, str], ...] = ()
    data: tuple[DataLoaded, ...] = ()
    note: str = ""
    workers: tuple[events.WorkerSeen, ...] = ()
    refused: tuple[events.WorkerRefused, ...] = ()
    pace: float = 0.0
    estimate: events.SweepEstimated | None = None
    metrics: tuple[Metric, ...] = ()

    @classmethod
    def of(cls, sweep: Sweep, told: Iterable[Message] = ()) -> SweepBoard:
        """The board of a sweep after these events."""
        empty = CellRecord((ContenderRecord(),) * len(sweep.contenders))
        return reduce(cls.after, told, cls(sweep, (empty,) * sweep.cell_count))

    def after(self, event: Message) -> SweepBoard:
        """The board with one more event taken in.

        Raises:
            LookupError: it is of a cell or a trial that the sweep hasn't got.
        """
        match event:
            case events.TrialMeasured() | events.TrialFailed():
                return self._with_trial(event)
            case events.CellJudged(cell, comparison):
                return self._with_cell(cell, replace(self._cell(cell), comparison=comparison))
            case events.WorkersChanged() | events.SweepPaced() | events.SweepEstimated():
                return self._with_progress(event)
            case events.WorkerRefused():
                return replace(self, refused=(*self.refused, event))
            case events.SweepStarted(place, threads):
                return replace(self, place=place, threads=threads, refused=())
            case RunStarted(device, versions, _, machine):
                return replace(self, device=device, versions=tuple(versions.items()), machine=machine)
            case DataLoaded():
                return replace(self, data=(*self.data, event))
            case FellBack(sentence):
                return replace(self, note=sentence)
        return self

    def _with_progress(self, event: events.WorkersChanged | events.SweepPaced | events.SweepEstimated) -> SweepBoard:
        match event:
            case events.WorkersChanged(workers):
                return replace(self, workers=workers)
            case events.SweepPaced(pace):
                return replace(self, pace=pace)
        return replace(self, estimate=event)

    def _with_trial(self, event: events.TrialMeasured | events.TrialFailed) -> SweepBoard:
        cell = self._cell(event.key.cell)
        if not 0 <= event.key.trial < self.sweep.trials_of(event.key.cell):
            raise LookupError(f"a cell has no trial {event.key.trial}")
        index = event.key.trial % len(cell.contenders)
        one = cell.contenders[index].after(event)
        board = self._with_cell(
            event.key.cell,
            replace(
                cell,
                contenders=(*cell.contenders[:index], one, *cell.contenders[index + 1 :]),
                metric=event.metric if isinstance(event, events.TrialMeasured) else cell.metric,
            ),
        )
        if isinstance(event, events.TrialMeasured):
            metrics = self.metrics if event.metric in self.metrics else (*self.metrics, event.metric)
            return replace(board, over=self.over + 1, metrics=metrics)
        failures = (*self.failures, event)[:MOST_FAILURES]
        return replace(board, over=self.over + 1, failed=self.failed + 1, failures=failures)

    def _cell(self, index: int) -> CellRecord:
        if not 0 <= index < len(self.cells):
            raise LookupError(f"there is no cell {index}")
        return self.cells[index]

    def _with_cell(self, index: int, cell: CellRecord) -> SweepBoard:
        return replace(self, cells=(*self.cells[:index], cell, *self.cells[index + 1 :]))

    @property
    def finished(self) -> bool:
        """Whether every trial is over."""
        return self.over >= self.sweep.trial_count

    @property
    def share_done(self) -> float:
        """How much of all trials is done, from 0 to 1."""
        return self.over / self.sweep.trial_count

    @property
    def judged(self) -> int:
        """How many cells have all of their trials."""
        return sum(cell.comparison is not None for cell in self.cells)

    @property
    def undecided(self) -> tuple[int, ...]:
        """The numbers of cells of which more seeds may tell more."""
        return tuple(index for index, cell in enumerate(self.cells) if cell.undecided)

    @property
    def memory(self) -> int:
        """Bytes that the engines of all workers had after their last trials."""
        return sum(worker.memory for worker in self.workers)

    @property
    def seconds_left(self) -> float | None:
        """Estimate by what trials of each architecture take, else by the pace of the last minute; None without both."""
        if self.estimate and self.estimate.seconds is not None:
            return self.estimate.seconds
        return (self.sweep.trial_count - self.over) / self.pace if self.pace else None

    @property
    def progress(self) -> str:
        """How many trials are over, and how many of them failed."""
        failed = f", {self.failed} failed" if self.failed else ""
        return f"{self.over} of {counted('trial', self.sweep.trial_count)}{failed}"

    @property
    def doing(self) -> str:
        """What is happening, in a few words."""
        if self.finished:
            return "done"
        if not self.workers:
            return "starting workers"
        left = f" · about {span(max(1.0, self.seconds_left))} left" if self.seconds_left is not None else ""
        memory = f", {size(self.memory)}" if self.memory else ""
        return f"{self.progress} · {counted('worker', len(self.workers))}{memory}{left}"
