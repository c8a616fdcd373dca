"""How long a sweep takes is what its trials took, each kind by itself; others are told as not measured."""

import msgspec
import pytest

from benchmarks.simulated_trials import measured
from initterm.experiments.sweep.architecture import Architecture
from initterm.experiments.sweep.estimate import Costs, estimated
from initterm.experiments.sweep.events import SweepEstimated
from initterm.experiments.sweep.groups import Plan, sent
from initterm.experiments.sweep.sweep import Sweep, TrialKey
from initterm.experiments.sweep.work import TrialWork

SWEEP = Sweep.parse("he_normal zeros --over epochs=1,3 --over batch_size=32,64 --seeds 5 --samples 4000")


def took(key, seconds, sweep=SWEEP, **others):
    (cell,) = sent(sweep, (key,))
    return msgspec.structs.replace(measured(cell, key.trial, seconds), **others)


def costs_of(work, *events):
    costs = Costs()
    for event in events:
        costs.take(work.of(event.key), event)
    return costs


def test_before_anything_was_measured_it_is_said_that_nothing_is_known():
    told = estimated(Plan(SWEEP).work, Costs(), 2)
    assert told == SweepEstimated(None, 0, 2, 2, 0)
    assert told.words == "how long it takes, and how much memory, is known after the first trials"


def test_each_kind_of_trials_goes_by_its_own_steps():
    work = Plan(SWEEP).work
    events = took(TrialKey(0, 0), 2.0), took(TrialKey(3, 1), 9.0)  # 1 epoch of batches of 32, 3 epochs of 64
    costs = costs_of(work, *events)
    costs.take_memory(1000)
    of_cells = {(1, 32): 2.0, (1, 64): 3.0, (3, 32): 6.0, (3, 64): 9.0}
    whole = 10 * sum(of_cells.values())
    assert estimated(work, costs, 1) == SweepEstimated(pytest.approx(whole), 1000, 1, 2, 2)
    assert estimated(work, costs, 4) == SweepEstimated(pytest.approx(whole / 4), 4000, 4, 2, 2)
    assert estimated(work, costs, 99).seconds == pytest.approx(9.0)
    for index in range(10):
        work.take_off(TrialKey(3, index))
        work.take_off(TrialKey(1, index))
    told = estimated(work, costs_of(work, events[0]), 1)
    assert (told.seconds, told.measured) == (pytest.approx(10 * (2.0 + 6.0)), 2)


def test_a_kind_that_was_not_measured_goes_by_the_one_that_is_nearest_in_size():
    sweep = Sweep.parse("zeros --over hidden=16,64,65 --seeds 2")
    work = Plan(sweep).work
    costs = costs_of(work, took(TrialKey(0, 0), 1.0, sweep), took(TrialKey(1, 0), 2.0, sweep))
    told = estimated(work, costs, 1)
    assert told.seconds == pytest.approx(2 * (1 + 2 + 2 * 65 / 64))
    assert (told.architectures, told.measured) == (3, 2)
    assert told.words == (
        "about 10 s with 1 worker; 2 of 3 kinds of trials were measured, "
        "the others are taken to be as fast for their size"
    )


def test_each_worker_compiles_what_was_not_begun():
    sweep = Sweep.parse("zeros --over hidden=16,64 --seeds 4")
    work = Plan(sweep).work
    first = took(TrialKey(0, 0), 1.0, sweep, compiling=3.0)
    costs = costs_of(work, first, took(TrialKey(1, 0), 1.0, sweep, compiling=5.0), took(TrialKey(0, 1), 1.0, sweep))
    assert estimated(work, costs, 2).seconds == pytest.approx((4 + 2 * 3 + 4 + 2 * 5) / 2)
    work.take_off(first.key)
    assert estimated(work, costs, 2).seconds == pytest.approx((3 + 4 + 2 * 5) / 2)


def test_what_diverged_counts_by_the_steps_that_it_made():
    work = Plan(SWEEP).work
    costs = costs_of(work, took(TrialKey(0, 0), 1.0, status="diverged", step=10))
    assert costs.steps([work.of(TrialKey(0, 0)).architecture]) == [pytest.approx(0.1)]
    assert not costs_of(work, took(TrialKey(0, 0), 1.0, status="diverged", step=0)).knows(work.of(TrialKey(0, 0))[0])


def test_a_kind_is_what_compiles_alike_on_the_same_images():
    sweep = Sweep.parse("zeros --over hidden=64,64*2 --over learning_rate=0.1,0.2")
    works = [TrialWork.of(cell.experiment, cell.experiment.contenders[0]) for cell in sweep.cells()]
    assert works[0] == works[1] == TrialWork(works[0].architecture, steps=10 * 125)
    assert isinstance(works[2].architecture, Architecture)
    assert works[2].architecture.products == 32 * (784 * 64 + 64 * 64 + 64 * 10)


def test_it_is_told_in_a_sentence():
    assert SweepEstimated(4000.0, 3 * 2**30, 2, 5, 5).words == (
        "about 66 min and 3.0 GiB of memory with 2 workers, by what such trials have taken"
    )
