"""Every trial of a sweep is told once, or named as failed with why, whatever becomes of those who do it."""

import time
from collections import Counter

import msgspec
import pytest

from benchmarks.simulated_trials import VERSIONS, doing, measured
from initterm.experiments.metric import Metric
from initterm.experiments.sweep.board import SweepBoard
from initterm.experiments.sweep.estimate import Costs
from initterm.experiments.sweep.events import (
    CellJudged,
    SweepEstimated,
    SweepPaced,
    TrialFailed,
    TrialMeasured,
    WorkerRefused,
    WorkersChanged,
)
from initterm.experiments.sweep.groups import sent
from initterm.experiments.sweep.sweep import Sweep, TrialKey
from initterm.experiments.training.events import DataLoaded, RunStarted
from initterm.pipe.cluster import driver
from initterm.pipe.cluster.alike import Before, FirstTold
from initterm.pipe.cluster.driver import MOST_OF_GROUP, TASKS_A_WORKER, Driver
from initterm.pipe.cluster.group_task import GroupAnswer, decode_answer, decode_asked, encode
from initterm.pipe.cluster.ledger import Ledger
from initterm.pipe.cluster.pool import PoolLost
from initterm.pipe.cluster.progress import SweepProgress
from initterm.theory.refusal import Refusal
from tests.pipe.cluster.simulated import SimulatedPool

LOSS = Metric("loss", higher_is_better=False, largest=None)
SWEEP = Sweep.parse("he_normal glorot_uniform --over hidden=8,16 --over learning_rate=0.001,0.01,0.1 --seeds 4")
KEYS = {trial.key for trial in SWEEP.trials}


@pytest.fixture(autouse=True)
def _at_once(monkeypatch):
    monkeypatch.setenv("INITTERM_TRIAL_SECONDS", "0")
    monkeypatch.setattr(driver, "TELL_SECONDS", 0.0)


def told_by(pool, sweep=SWEEP):
    return [*Driver(Ledger(sweep), pool).events()]


def ends(told):
    return Counter(event.key for event in told if isinstance(event, TrialMeasured | TrialFailed))


def failed(told):
    return {event.key: event.sentence for event in told if isinstance(event, TrialFailed)}


def test_every_trial_is_told_once_and_every_cell_is_judged_when_its_trials_are_over():
    told = told_by(SimulatedPool())
    assert ends(told) == Counter(KEYS)
    board = SweepBoard.of(SWEEP, told)
    assert board.finished
    assert board.judged == SWEEP.cell_count
    open_trials = Counter(key.cell for key in KEYS)
    for event in told:
        if isinstance(event, TrialMeasured):
            open_trials[event.key.cell] -= 1
        if isinstance(event, CellJudged):
            assert open_trials[event.cell] == 0
            assert [mean.seeds for mean in event.comparison.means] == [4, 4]
            assert event.comparison.means[0].new_images is not None


def test_what_is_the_same_training_in_several_cells_is_done_once_and_told_for_all():
    sweep = Sweep.parse("he_normal 'variance_scaling(scale={s})' --over s=0.5,1,2 --seeds 2")
    pool = SimulatedPool()
    told = told_by(pool, sweep)
    assert ends(told) == Counter(trial.key for trial in sweep.trials)
    assert sum(len(one.trials) for asked in pool.submitted for one in decode_asked(asked).cells) == 2 + 3 * 2
    same = [event.test_accuracy for event in told if isinstance(event, TrialMeasured) and event.key.trial == 0]
    assert len(same) == 3
    assert len(set(same)) == 1


def test_few_groups_wait_and_what_is_over_is_let_go_of():
    pool = SimulatedPool()
    told_by(pool)
    assert pool.most_waiting <= TASKS_A_WORKER * 2
    assert sorted(pool.released) == [*range(1, len(pool.submitted) + 1)]
    sizes = [sum(len(one.trials) for one in decode_asked(asked).cells) for asked in pool.submitted]
    assert max(sizes) <= MOST_OF_GROUP
    assert sizes[-1] == 1


def test_groups_grow_with_what_was_measured():
    sweep = Sweep.parse("he_normal --over learning_rate=0.001:0.1:100 --seeds 5")
    pool = SimulatedPool()
    told_by(pool, sweep)
    assert max(sum(len(one.trials) for one in decode_asked(asked).cells) for asked in pool.submitted) == MOST_OF_GROUP


def test_groups_of_very_many_workers_are_longer():
    sweep = Sweep.parse("he_normal --over learning_rate=0.001:0.1:200 --seeds 250")
    sizes = {}
    for workers in (2, 200):
        pool = SimulatedPool(workers=workers)
        told = Driver(Ledger(sweep), pool).events()
        next(event for event in told if len(pool.submitted) > TASKS_A_WORKER * workers + 2)
        sizes[workers] = max(sum(len(one.trials) for one in decode_asked(asked).cells) for asked in pool.submitted)
        told.close()
    assert sizes == {2: MOST_OF_GROUP, 200: 2 * MOST_OF_GROUP}


def test_an_engine_that_is_lost_with_one_trial_fails_that_trial_alone():
    culprit = TrialKey(2, 5)
    told = told_by(SimulatedPool(lost=[culprit]))
    assert ends(told) == Counter(KEYS)
    assert failed(told) == {culprit: "TensorFlow ended on simulated: signal SIGSEGV. That was so 3 times."}
    assert SweepBoard.of(SWEEP, told).failed == 1


def test_workers_that_end_now_and_then_cost_no_trial():
    def happens(number, asked):
        if number % 5 == 0 and number < 40:
            raise RuntimeError("its workers ended")

    told = told_by(SimulatedPool(happens=happens))
    assert ends(told) == Counter(KEYS)
    assert failed(told) == {}


def test_a_worker_of_another_version_is_refused_and_the_others_do_it():
    pool = SimulatedPool(workers=3)
    pool.versions["1"] = ""
    told = told_by(pool)
    (refused,) = (event for event in told if isinstance(event, WorkerRefused))
    assert (refused.worker, pool.retired) == ("1", ["1"])
    assert refused.sentence.startswith("It has no initterm, and this sweep needs ")
    assert ends(told) == Counter(KEYS)


def test_a_worker_with_other_libraries_is_refused_and_what_it_did_is_done_again():
    def other(number, asked):
        if number == 4:
            events = tuple(doing(decode_asked(asked)))
            started = RunStarted("CPU", VERSIONS | {"tensorflow": "2.19.0"})
            return encode(GroupAnswer("0", "lab", "done", (started, *events[1:])))
        return None

    pool = SimulatedPool(happens=other)
    told = told_by(pool)
    (refused,) = (event for event in told if isinstance(event, WorkerRefused))
    assert refused.sentence == "It has tensorflow 2.19.0, and the other trials of this sweep were done with 2.18.0."
    assert pool.retired == ["0"]
    assert ends(told) == Counter(KEYS)


def test_a_worker_with_other_images_is_refused():
    def other(group):
        for event in doing(group):
            told_before = other.count > 3
            other.count += 1
            isdata = isinstance(event, DataLoaded) and told_before and not other.done
            other.done |= isdata
            yield msgspec.structs.replace(event, name="digits", fingerprint="other") if isdata else event

    other.count, other.done = 0, False
    told = told_by(SimulatedPool(workers=2, does=other))
    (refused,) = (event for event in told if isinstance(event, WorkerRefused))
    assert "other images (digits) than the workers before it (simulated)" in refused.sentence
    assert ends(told) == Counter(KEYS)


def test_images_of_an_earlier_process_are_those_of_the_next():
    loaded = DataLoaded("digits", 1, 1, 1, "", fingerprint="a")
    of_axis = Sweep.parse("he_normal --over data=digits,auto")
    other = msgspec.structs.replace(loaded, fingerprint="b")
    assert "other images" in FirstTold(SWEEP, Before(data=(loaded,))).unlike("auto", (other,))
    assert FirstTold(of_axis, Before(data=(loaded,))).unlike("auto", (other,)) == ""


def test_the_last_worker_that_is_refused_ends_the_sweep_with_the_reason():
    pool = SimulatedPool(workers=1)
    pool.versions["0"] = "0.1"
    with pytest.raises(Refusal, match=r"No worker can do it. Of 0: It has initterm 0.1, and this sweep needs"):
        told_by(pool)


def test_a_scheduler_that_is_gone_ends_the_sweep_in_a_sentence():
    pool = SimulatedPool()

    def gone(seconds):
        raise PoolLost("The scheduler at lab can't be reached any more.")

    pool.outcomes = gone
    with pytest.raises(Refusal, match=r"can't be reached any more. What was done is kept"):
        told_by(pool)


def test_data_that_nobody_has_end_the_sweep_unless_they_are_an_axis():
    def nowhere(group):
        raise Refusal("There is no file nowhere.npz.")
        yield

    with pytest.raises(Refusal, match=r"^There is no file nowhere.npz.$"):
        told_by(SimulatedPool(does=nowhere))
    sweep = Sweep.parse("he_normal --over data=digits,nowhere.npz")

    def some(group):
        return nowhere(group) if group.cells[0].experiment.data != "digits" else doing(group)

    told = told_by(SimulatedPool(does=some), sweep)
    assert failed(told) == {TrialKey(1, 0): "There is no file nowhere.npz."}
    assert ends(told) == Counter([TrialKey(0, 0), TrialKey(1, 0)])


def test_an_own_model_that_cannot_be_used_ends_the_sweep_unless_others_could():
    sweep = Sweep.parse("declared --model my:cnn --over model.depth=4,8 --seeds 2")

    def fails_in(cell):
        def some(group):
            if group.cells[0].cell != cell:
                return doing(group)
            return iter(TrialFailed(TrialKey(cell, one), "There is no module my.") for one in group.cells[0].trials)

        return some

    with pytest.raises(Refusal, match=r"^The cell of model.depth 4 can't be run: There is no module my.$"):
        told_by(SimulatedPool(does=fails_in(0)), sweep)
    told = told_by(SimulatedPool(does=fails_in(1)), sweep)
    assert set(failed(told)) == {TrialKey(1, 0), TrialKey(1, 1)}


def test_workers_of_one_machine_share_its_memory():
    pool = SimulatedPool(workers=3)
    told_by(pool)
    assert {decode_asked(asked).beside for asked in pool.submitted} == {3}


def test_cells_are_judged_by_what_judges_the_own_model():
    def by_loss(group):
        for event in doing(group):
            is_end = isinstance(event, TrialMeasured)
            yield msgspec.structs.replace(event, metric=LOSS, hits=b"") if is_end else event

    board = SweepBoard.of(SWEEP, told_by(SimulatedPool(does=by_loss)))
    assert {cell.comparison.metric for cell in board.cells} == {LOSS}
    assert board.metrics == (LOSS,)


def test_it_is_told_who_computes():
    told = told_by(SimulatedPool())
    (change,) = (event for event in told if isinstance(event, WorkersChanged))
    assert [worker.name for worker in change.workers] == ["0", "1"]
    assert [event.pace > 0 for event in told if isinstance(event, SweepPaced)][-1]


def test_it_is_told_how_long_it_takes_before_anything_is_done_and_with_the_first_trial_of_each_kind(monkeypatch):
    monkeypatch.setenv("INITTERM_TRIAL_SECONDS", "0.001")
    pool = SimulatedPool(memory=2**20)
    told = told_by(pool)
    estimates = [event for event in told if isinstance(event, SweepEstimated)]
    assert (estimates[0].seconds, estimates[0].architectures) == (None, 2)
    assert told.index(estimates[0]) < min(told.index(event) for event in told if isinstance(event, TrialMeasured))
    assert (estimates[1].measured, estimates[1].memory, estimates[1].workers) == (1, 2 * 2**20, 2)
    assert 0.01 < estimates[1].seconds < 0.1  # 48 trials of a millisecond each on two workers, and the larger network
    known = Costs()
    plan = Ledger(SWEEP).plan
    for event in (one for one in told if isinstance(one, TrialMeasured)):
        known.take(plan.work.of(event.key), event)
    again = Driver(Ledger(SWEEP), SimulatedPool(), costs=known).events()
    first = next(event for event in again if isinstance(event, SweepEstimated))
    assert (first.seconds, first.measured) == (pytest.approx(0.024), 2)


def test_how_fast_it_goes_is_that_of_the_last_minute(monkeypatch):
    now = [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    going = SweepProgress(Ledger(SWEEP).plan.work, Costs())
    (cell,) = sent(SWEEP, (TrialKey(0, 0),))

    def pace():
        return next(iter(going.told(2))).pace

    assert pace() == 0
    for _ in range(3):
        going.take(measured(cell, 0))
    now[0] += 10
    assert pace() == pytest.approx(0.3)
    now[0] += 60
    assert pace() == 0


def test_what_a_worker_answers_comes_through_as_json():
    pool = SimulatedPool()
    told_by(pool)
    answer = decode_answer(encode(GroupAnswer("0", "lab", "done", tuple(doing(decode_asked(pool.submitted[0]))))))
    assert any(isinstance(event, TrialMeasured) for event in answer.events)
