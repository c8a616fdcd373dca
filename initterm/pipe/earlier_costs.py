"""How long trials took in sweeps that are kept, on this machine and with as many threads each."""

from __future__ import annotations

import contextlib
from itertools import islice

from initterm.experiments.sweep.estimate import Costs
from initterm.experiments.sweep.events import TrialMeasured, WorkersChanged
from initterm.experiments.sweep.sweep import Sweep
from initterm.experiments.sweep.work import CellRow, TrialWork, Work
from initterm.store.lock import Writer
from initterm.store.runs import Runs
from initterm.store.stored import StoredRun
from initterm.theory.refusal import Refusal

MOST_RUNS, MOST_EVENTS, MOST_ROWS = 5, 2_000, 400
"""Of how many sweeps, the newest ones, so many events and contenders of cells are looked at: all in a second."""


def earlier_costs(work: Work, threads: int) -> Costs:
    """What was measured of the architectures of a sweep; of others nothing is taken in.

    Args:
        work: the sweep's.
        threads: of each of its trials.
    """
    costs = Costs()
    for run in _sweeps_of_this_machine(threads):
        if all(map(costs.knows, work.left)):
            break
        with contextlib.suppress(Refusal, OSError, LookupError, TypeError, ValueError):  # what others have written
            _take(run, work, costs)
    return costs


def _sweeps_of_this_machine(threads: int) -> list[StoredRun]:
    """The newest ones first."""
    here, runs = Writer.of_this_process().host, Runs()
    with contextlib.suppress(Refusal):
        rows = ((header, label) for header, label in runs.rows() if header.kind == "sweep" and header.host == here)
        alike = ((header, label) for header, label in rows if header.machine.threads == threads)
        return [StoredRun(runs.folder / header.id, header, label) for header, label in islice(alike, MOST_RUNS)]
    return []


def _take(run: StoredRun, work: Work, costs: Costs) -> None:
    """Take in what a run's trials took, and its workers' memory, where it has trained one of these architectures."""
    sweep, rows, memory = run.asked, dict[CellRow, TrialWork](), 0
    if not isinstance(sweep, Sweep):
        return
    for event in islice(run.reader(), MOST_EVENTS):
        if isinstance(event, WorkersChanged):
            memory = max((worker.memory for worker in event.workers), default=memory)
        elif isinstance(event, TrialMeasured) and len(rows) < MOST_ROWS:
            row = event.key.cell, event.key.trial % len(sweep.contenders)
            if row not in rows:
                trial = sweep.trial(event.key)
                rows[row] = TrialWork.of(trial.cell.experiment, trial.trial.contender)
            if rows[row].architecture in work.left:
                costs.take(rows[row], event)
    if any(one.architecture in work.left for one in rows.values()):
        costs.take_memory(memory)
