"""A sweep's folder is its memory: whatever ends its process, what is over is never done again."""

import errno
from collections import Counter
from contextlib import closing
from itertools import islice

import pytest

from initterm.experiments.sweep.board import SweepBoard
from initterm.experiments.sweep.events import CellJudged, SweepEstimated, TrialFailed, TrialMeasured
from initterm.experiments.sweep.groups import Plan
from initterm.experiments.sweep.sweep import Sweep
from initterm.experiments.sweep.workplace import Workplace
from initterm.pipe.cluster.group_task import decode_asked
from initterm.pipe.earlier_costs import earlier_costs
from initterm.pipe.kept_sweep import kept_sweep
from initterm.store import keeping
from initterm.store.events import RoomAwaited, RunKept, WritingEnded
from initterm.store.journal import Journal
from initterm.store.keeping import Interrupted, without_keeping
from initterm.store.runs import Runs
from initterm.store.wishes import Wishes
from initterm.theory.refusal import Refusal
from tests.pipe.cluster.simulated import HERE, SimulatedPool

SWEEP = Sweep.parse(
    "he_normal 'variance_scaling(scale={s})' --over s=0.5,1,2 --over learning_rate=0.001,0.01 --seeds 3 --epochs 1"
)
KEYS = Counter(trial.key for trial in SWEEP.trials)


@pytest.fixture(autouse=True)
def _at_once(monkeypatch):
    monkeypatch.setenv("INITTERM_TRIAL_SECONDS", "0")


def ends(told):
    return Counter(event.key for event in told if isinstance(event, TrialMeasured | TrialFailed))


def done_by(*pools):
    return sum(len(one.trials) for pool in pools for asked in pool.submitted for one in decode_asked(asked).cells)


def the_run():
    (run,) = Runs().ids()
    return Runs().find(run)


def board_of(told):
    return SweepBoard.of(SWEEP, without_keeping(iter(told)))


def results(board):
    return [(cell.contenders, cell.comparison) for cell in board.cells]


def test_it_is_kept_and_read_again():
    pool = SimulatedPool()
    told = [*kept_sweep(SWEEP, HERE, pool_of=pool)]
    assert isinstance(told[0], RunKept)
    assert told[-1].state == "finished"
    assert ends(told) == KEYS
    assert pool.closed
    run = the_run()
    assert run.state == "finished"
    assert run.header.kind == "sweep"
    assert run.header.names == SWEEP.contenders
    assert run.header.command == str(SWEEP)
    assert run.asked == SWEEP
    board, problem = run.board()
    assert problem == ""
    assert results(board) == results(board_of(told))
    assert run.header.outcome.startswith("6 of 6 cells")


@pytest.mark.parametrize("events", [3, 12, 20, 33, 47])
@pytest.mark.parametrize("way", ["killed", "interrupted"])
def test_what_is_over_is_done_once_whatever_ends_its_process(events, way):
    whole = results(board_of(kept_sweep(SWEEP, HERE, pool_of=SimulatedPool())))
    Runs().remove(the_run())
    first, second = SimulatedPool(), SimulatedPool()
    sweep = kept_sweep(SWEEP, HERE, pool_of=first)
    told = [*islice(sweep, events)]
    before = ends(told)
    if way == "interrupted":
        with pytest.raises(Interrupted):
            sweep.throw(Interrupted())
        assert the_run().state == "interrupted"
    else:
        folder = the_run().folder
        for lock in folder.glob("lock.*"):
            lock.unlink()
    again = [*kept_sweep(SWEEP, HERE, the_run().id, second)]
    assert ends(again) == KEYS
    assert results(board_of(again)) == whole
    assert results(the_run().board()[0]) == whole
    redone = Counter(
        (one.cell, trial) for asked in second.submitted for one in decode_asked(asked).cells for trial in one.trials
    )
    assert not redone.keys() & before.keys()
    if way == "killed":
        sweep.close()


def test_a_run_that_is_killed_between_a_trial_and_its_twins_tells_them_when_it_goes_on():
    pool = SimulatedPool(workers=1)
    with closing(kept_sweep(SWEEP, HERE, pool_of=pool)) as sweep:
        next(event for event in sweep if isinstance(event, TrialMeasured))
    assert the_run().state == "cancelled"
    again = [*kept_sweep(SWEEP, HERE, the_run().id, SimulatedPool())]
    assert ends(again) == KEYS
    assert sum(isinstance(event, CellJudged) for event in again) == SWEEP.cell_count


def test_other_threads_are_refused_when_it_goes_on():
    with closing(kept_sweep(SWEEP, HERE, pool_of=SimulatedPool())) as sweep:
        [*islice(sweep, 20)]
    with pytest.raises(Refusal, match=r"Its trials had 1 threads? each.*--threads 1 goes on"):
        [*kept_sweep(SWEEP, Workplace(threads=2), the_run().id, SimulatedPool())]
    assert the_run().state != "running"


def test_a_pool_that_cannot_be_had_leaves_no_run():
    def none(workplace):
        raise Refusal("No workers start.")

    with pytest.raises(Refusal, match="No workers start"):
        [*kept_sweep(SWEEP, HERE, pool_of=none)]
    assert Runs().ids() == []


def test_a_disk_that_is_full_lets_it_wait_until_there_is_room(monkeypatch):
    monkeypatch.setattr(keeping, "LOOK_SECONDS", 0.0)
    append, refused = Journal.append, []

    def full(self, *events, durable=False):
        if any(isinstance(event, TrialMeasured) for event in events) and len(refused) < 3:
            refused.append(events)
            raise OSError(errno.ENOSPC, "No space left on device")
        append(self, *events, durable=durable)

    monkeypatch.setattr(Journal, "append", full)
    told = [*kept_sweep(SWEEP, HERE, pool_of=SimulatedPool())]
    waited = [event for event in told if isinstance(event, RoomAwaited)]
    assert len(waited) == 3
    assert waited[0].sentence.endswith("is full; the run goes on as soon as there is room on its disk.")
    assert ends(the_run().told()[0]) == KEYS
    assert told[-1].state == "finished"


def test_a_folder_that_cannot_be_written_ends_it_in_a_sentence(monkeypatch):
    append = Journal.append

    def broken(self, *events, durable=False):
        if any(isinstance(event, TrialMeasured) for event in events):
            raise OSError(errno.EIO, "Input/output error")
        append(self, *events, durable=durable)

    monkeypatch.setattr(Journal, "append", broken)
    with pytest.raises(Refusal, match=r"can't be written .*It goes no further than it is kept"):
        [*kept_sweep(SWEEP, HERE, pool_of=SimulatedPool())]


def test_somebody_who_looks_on_can_cancel_it(monkeypatch):
    monkeypatch.setattr(keeping, "LOOK_SECONDS", 0.0)
    told = []
    for event in kept_sweep(SWEEP, HERE, pool_of=SimulatedPool()):
        told.append(event)
        if len(told) == 15:
            Wishes(cancelled=True).write(the_run().folder)
    assert isinstance(told[-1], WritingEnded)
    assert told[-1].state == "cancelled"
    assert 0 < sum(ends(told).values()) < SWEEP.trial_count


def test_the_next_sweep_of_the_same_networks_knows_how_long_it_takes(monkeypatch):
    monkeypatch.setenv("INITTERM_TRIAL_SECONDS", "0.001")

    def first_estimate(text, workplace=HERE):
        told = kept_sweep(Sweep.parse(text), workplace, pool_of=SimulatedPool())
        estimates = [event for event in told if isinstance(event, SweepEstimated)]
        return estimates[0]

    text = "he_normal --over hidden=8,16 --seeds 2 --epochs 1"
    assert first_estimate(text).seconds is None
    assert first_estimate(text.replace("16", "32")).measured == 1
    again = first_estimate(f"{text} --optimizer sgd")
    assert again.seconds is None
    assert first_estimate(text.replace("epochs 1", "epochs 4")).seconds == pytest.approx(4 * 0.002, rel=0.01)
    assert first_estimate(text, Workplace(workers=2, threads=2)).seconds is None
    for run in Runs().ids():
        (Runs().folder / run / "events.jsonl").write_text("nothing that can be read\n")
    assert not any(map(earlier_costs(Plan(Sweep.parse(text)).work, 1).knows, Plan(Sweep.parse(text)).work.left))


def test_more_seeds_are_done_beside_those_that_are_over():
    fewer = Sweep.parse("he_normal zeros --over learning_rate=0.1,0.2 --seeds 2 --epochs 1")
    more = Sweep.parse("he_normal zeros --over learning_rate=0.1,0.2 --seeds 3 --looked 2 --epochs 1")
    [*kept_sweep(fewer, HERE, pool_of=SimulatedPool())]
    pool = SimulatedPool()
    told = [*kept_sweep(more, HERE, the_run().id, pool)]
    assert done_by(pool) == 4
    board = SweepBoard.of(more, without_keeping(iter(told)))
    assert board.finished
    assert [mean.seeds for mean in board.cells[0].comparison.means] == [3, 3]
    assert board.cells[0].comparison.look == 2


def test_more_seeds_of_some_cells_are_done_and_judged_in_these_alone():
    fewer = Sweep.parse("he_normal zeros --over learning_rate=0.1,0.2,0.3 --seeds 2 --epochs 1")
    more = fewer.with_seeds(4, [0, 2])
    before = [*kept_sweep(fewer, HERE, pool_of=SimulatedPool())]
    first, second = SimulatedPool(), SimulatedPool()
    killed = kept_sweep(more, HERE, the_run().id, first)
    next(event for event in killed if isinstance(event, TrialMeasured) and event.key.trial >= 4)
    with pytest.raises(Interrupted):
        killed.throw(Interrupted())
    assert the_run().asked == more
    told = [*kept_sweep(more, HERE, the_run().id, second)]
    assert ends(told) == Counter(trial.key for trial in more.trials)
    assert done_by(second) < 2 * 2 * 2
    board = SweepBoard.of(more, without_keeping(iter(told)))
    assert board.finished
    assert [cell.comparison.means[0].seeds for cell in board.cells] == [4, 2, 4]
    assert [cell.comparison.look for cell in board.cells] == [2, 1, 2]
    assert results(board)[1] == results(SweepBoard.of(fewer, without_keeping(iter(before))))[1]
    assert the_run().header.command == str(more)
    assert results(the_run().board()[0]) == results(board)


def test_a_training_that_others_share_is_told_to_whoever_gets_more_seeds():
    fewer = Sweep.parse("he_normal 'variance_scaling(scale={s})' --over s=0.5,1 --seeds 2 --epochs 1")
    once, twice = fewer.with_seeds(3, [0]), fewer.with_seeds(3, [0]).with_seeds(3, [1])
    for sweep in (fewer, once, twice):
        pool = SimulatedPool()
        run = the_run().id if sweep != fewer else ""
        board = SweepBoard.of(sweep, without_keeping(iter([*kept_sweep(sweep, HERE, run, pool)])))
        assert board.finished
    assert done_by(pool) == 1
    assert board.cells[0].contenders[0] == board.cells[1].contenders[0]
