"""A training whose trials are done by a pool's workers: it tells what it would tell in one engine, in another order.

A trial's own events come as they happen. What is lost of them on the way, with a worker or a line, is told at the
trial's end; what was told is never told again, whoever trains it again. So histories are those of one engine with as
many threads, number for number.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator
from contextlib import closing
from dataclasses import replace
from itertools import chain

from initterm.engine.comparison.intervals import t_quantiles
from initterm.engine.training.comparisons import compared
from initterm.engine.training.going_on import FROM_THE_START, GoingOn, left_to_do
from initterm.experiments.settings import refuse_unless
from initterm.experiments.sweep.axis import Axis
from initterm.experiments.sweep.events import TrialMeasured
from initterm.experiments.sweep.sweep import Sweep, TrialKey
from initterm.experiments.sweep.workplace import Workplace
from initterm.experiments.training.board import Scoreboard, TrialRecord
from initterm.experiments.training.events import DataLoaded, PoolStarted, PreparationBegun, TrainingEvent
from initterm.experiments.training.experiment import Experiment
from initterm.pipe.cluster.dask_pool import pool_of, workers_here
from initterm.pipe.cluster.driver import Driver
from initterm.pipe.cluster.ledger import Ledger
from initterm.pipe.cluster.pool import Pool
from initterm.pipe.cluster.told_once import ToldOnce
from initterm.theory.wording import counted


def pooled_training(
    experiment: Experiment,
    workplace: Workplace,
    cancelled: Container[int] = (),
    going_on: GoingOn = FROM_THE_START,
    pool: Callable[[Workplace], Pool] | None = None,
) -> Iterator[TrainingEvent]:
    """The events of a training on workers of this machine; stopping to iterate stops them.

    Args:
        experiment: what to run.
        workplace: how many workers, with how many threads a trial.
        cancelled: contenders, counted from 0, that shall go no further.
        going_on: what an interrupted run of it told. Its trials that aren't over are trained from their starts.
        pool: gives the workers; by default Dask's.

    Raises:
        Refusal: it can't be trained so, there are no workers, a trial can't be done, or the data are others.
    """
    refuse_bound(experiment)
    workers = workplace.workers or workers_here()
    yield PreparationBegun(f"starting {counted('worker', workers)}")
    with closing((pool or pool_of)(workplace)) as opened:
        yield PoolStarted(opened.place, workers, workplace.threads)
        told = trained(experiment, opened, workplace.threads, cancelled, going_on)
        yield from with_comparisons(experiment, told, going_on)


def refuse_bound(experiment: Experiment) -> None:
    """Refuse what makes trials depend on each other.

    Raises:
        Refusal: they do.
    """
    bound = "--minutes" if experiment.minutes else "--stop-losing" if experiment.stop_losing else ""
    why = f"with {bound} trials wait for each other after each epoch, in one engine; leave --workers out"
    refuse_unless(not bound, why)


def as_sweep(experiment: Experiment) -> Sweep:
    """The sweep that has this experiment in its only cell."""
    return Sweep(tuple(map(str, experiment.contenders)), experiment, (Axis("epochs", (str(experiment.epochs),)),))


def trained(
    experiment: Experiment, pool: Pool, threads: int, cancelled: Container[int], going_on: GoingOn
) -> Iterator[TrainingEvent]:
    """What a pool's workers tell of the trials that are left, and the ends of those that are cancelled."""
    ledger = Ledger(as_sweep(experiment), judges=False)
    ledger.plan.left_out = cancelled
    told = ToldOnce(experiment, records_left(experiment, going_on), t_quantiles(experiment.seeds))
    for record in told.over:
        ledger.take_over(measured(record))
    for event in Driver(ledger, pool, threads, live=True).events():
        if isinstance(event, DataLoaded):
            going_on.refuse_other_data(event)
        yield from told.of(event, cancelled)
        if told.all_over:
            return


def records_left(experiment: Experiment, going_on: GoingOn) -> tuple[TrialRecord, ...]:
    """What each trial had come to; one that is to have more epochs than it had isn't over."""
    board = Scoreboard.of(experiment, going_on.told)
    records = going_on.records(experiment)
    return tuple(
        replace(record, status="training") if record.over and left_to_do(record, board.epochs) else record
        for record in records
    )


def measured(record: TrialRecord) -> TrialMeasured:
    """What is known of a trial that is over, for whoever counts them."""
    return TrialMeasured(
        TrialKey(0, record.trial.index), "diverged" if record.status == "diverged" else "finished", (), (), (), ()
    )


def with_comparisons(
    experiment: Experiment, told: Iterator[TrainingEvent], going_on: GoingOn
) -> Iterator[TrainingEvent]:
    """These events with what they allow to conclude, once it is known with what they are judged."""
    board = Scoreboard.of(experiment)
    for event in told:
        board = board.after(event)
        yield event
        if board.data and (board.model or not experiment.own.model):
            break
    else:
        board = Scoreboard.of(experiment, going_on.told)
    images = board.data.test if board.data else None
    yield from compared(experiment, chain(told), images, going_on.told, board.metric)
