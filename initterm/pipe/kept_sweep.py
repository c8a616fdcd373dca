"""A sweep whose folder is its memory: what is over there is never done again, whatever ends its process."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import closing
from typing import TYPE_CHECKING, Any

from initterm.experiments.message import Message
from initterm.experiments.sweep.board import SweepBoard
from initterm.experiments.sweep.estimate import Costs
from initterm.experiments.sweep.events import SweepEstimated, SweepPaced, SweepStarted, WorkersChanged
from initterm.experiments.sweep.sweep import Sweep
from initterm.experiments.sweep.workplace import Workplace
from initterm.experiments.training.events import DataLoaded, RunStarted
from initterm.pipe.earlier_costs import earlier_costs
from initterm.report.runs.outcome import outcome_of
from initterm.store.keeping import kept, without_keeping
from initterm.store.runs import Runs
from initterm.store.stored import StoredRun
from initterm.store.writer import RunWriter
from initterm.theory.refusal import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    from initterm.pipe.cluster.ledger import Ledger
    from initterm.pipe.cluster.pool import Pool


def kept_sweep(
    sweep: Sweep, workplace: Workplace, run: str = "", pool_of: Callable[[Workplace], Pool] | None = None
) -> Generator[Any, None, None]:
    """A sweep that is kept: a new run, or one that goes on.

    Args:
        sweep: what is done.
        workplace: where.
        run: the id of the run that goes on; empty for a new one.
        pool_of: gives the workers; by default Dask's.

    Yields:
        The sweep's events, those that are kept already among them, and those that tell of its being kept.

    Raises:
        Refusal: a cell can't be run, there are no workers, its folder can't be written, or another process writes it.
    """
    from initterm.pipe.cluster.ledger import Ledger

    ledger = Ledger(sweep)
    elsewhere = workplace.is_cluster or workplace.hosts
    costs = Costs() if elsewhere else earlier_costs(ledger.plan.work, workplace.threads)
    before = _reopened(run, ledger, workplace) if run else None
    if pool_of is None:
        from initterm.pipe.cluster.dask_pool import pool_of as of_dask

        pool_of = of_dask
    try:
        pool = pool_of(workplace)
    except BaseException:
        if before:
            before.writer.close()
        raise
    with closing(pool):
        yield from _followed(ledger, pool, workplace.threads, before or _begun(sweep), costs)


class _Writing:
    """A run that is written, and what it told before: the board, who computed, and the images."""

    def __init__(self, writer: RunWriter, sweep: Sweep, run: StoredRun | None = None, note: str = "") -> None:
        self.writer, self.run, self.note = writer, run, note
        self.board = SweepBoard.of(sweep)
        self.started: RunStarted | None = None
        self.data: list[DataLoaded] = []

    def take(self, event: Message) -> None:
        """Take in one of its events."""
        self.board = self.board.after(event)
        if isinstance(event, RunStarted):
            self.started = event
        elif isinstance(event, DataLoaded):
            self.data.append(event)

    def told(self) -> Iterator[Message]:
        """What it told before, event by event."""
        return without_keeping(iter(self.run.reader())) if self.run else iter(())


def _begun(sweep: Sweep) -> _Writing:
    """A new run.

    Raises:
        Refusal: it can't be written.
    """
    runs = Runs()
    try:
        writer, note = runs.begun(sweep)
    except OSError as error:
        raise _unwritable(runs, error) from None
    return _Writing(writer, sweep, note=note)


def _unwritable(runs: Runs, error: OSError) -> Refusal:
    why = error.strerror or error
    return Refusal(f"A sweep is kept while it goes, and {runs.folder} can't be written ({why}).")


def _reopened(run: str, ledger: Ledger, workplace: Workplace) -> _Writing:
    """A run that goes on, of which the ledger knows then what it told.

    Raises:
        Refusal: it can't be read or written, or its trials had another number of threads.
    """
    runs = Runs()
    found = runs.find(run)
    try:
        writing = _Writing(runs.reopened(found, ledger.sweep), ledger.sweep, found)
    except OSError as error:
        raise _unwritable(runs, error) from None
    try:
        for event in writing.told():
            writing.take(event)
            ledger.take_over(event)
            if isinstance(event, SweepStarted) and event.threads != workplace.threads:
                raise Refusal(
                    f"Its trials had {event.threads} threads each, by which last digits differ; --threads "
                    f"{event.threads} goes on with them."
                )
    except (OSError, LookupError, TypeError) as error:
        writing.writer.close()
        raise Refusal(f"{found.id}: what it told can't be read ({error}).") from None
    except Refusal:
        writing.writer.close()
        raise
    return writing


PASSED = (WorkersChanged, SweepPaced, SweepEstimated, SweepStarted)
"""What an earlier process told of itself alone."""


def _followed(ledger: Ledger, pool: Pool, threads: int, writing: _Writing, costs: Costs) -> Iterator[Any]:
    from initterm.pipe.cluster.alike import Before
    from initterm.pipe.cluster.driver import Driver

    driver = Driver(ledger, pool, threads, Before(writing.started, tuple(writing.data)), costs)
    followed = kept(driver.events(), writing.writer, writing.board, outcome_of, note=writing.note, needed=True)
    yield next(followed)
    yield from (event for event in writing.told() if not isinstance(event, PASSED))
    yield from followed
