"""A sweep in a process of its own: begun, followed, steered, and going on without whoever began it."""

import time
from pathlib import Path

import pytest

from initterm.experiments.sweep.board import SweepBoard
from initterm.experiments.sweep.sweep import Sweep
from initterm.experiments.sweep.workplace import Workplace
from initterm.pipe import sweep_run
from initterm.pipe.sweep_run import SweepRun, place_options
from initterm.store.events import RunKept
from initterm.store.runs import Runs
from initterm.theory.refusal import Refusal

SWEEP = Sweep.parse("he_normal zeros --over learning_rate=0.001,0.01,0.1 --seeds 2 --epochs 1")

SIMULATED = """
import sys
from initterm.experiments.sweep.workplace import Workplace
from initterm.pipe.kept_sweep import kept_sweep
from initterm.store.runs import Runs
from tests.pipe.cluster.simulated import SimulatedPool
run = Runs().find(sys.argv[1])
for _ in kept_sweep(run.asked, Workplace(), run.id, SimulatedPool()):
    pass
"""
REFUSES = "import sys; sys.stderr.write('a line\\ninitterm: No workers start.\\n'); sys.exit(2)"
DIES = "import sys; sys.exit(7)"


@pytest.fixture
def begun():
    """Begins runs whose processes are gone at the end."""
    runs = []

    def begin(program=SIMULATED, sweep=SWEEP, run=""):
        runs.append(SweepRun(sweep, Workplace(), run, command=("-c", program)))
        return runs[-1]

    yield begin
    for one in runs:
        one.kill()


@pytest.fixture(autouse=True)
def _seconds(monkeypatch):
    monkeypatch.setenv("INITTERM_TRIAL_SECONDS", "0")


def test_it_is_followed_to_its_end(begun):
    run = begun()
    first, *boards = run
    assert first == RunKept(run.kept)
    assert boards[-1].finished
    assert boards[-1] == SweepBoard.of(SWEEP, Runs().find(run.kept).told()[0])
    assert Runs().find(run.kept).state == "finished"
    assert (run.over, run.cancelled) == (True, False)


def test_the_process_is_told_where_it_computes_and_which_seeds_it_gets(begun, monkeypatch):
    assert [*place_options(Workplace())] == []
    assert [*place_options(Workplace(workers=3, threads=2))] == ["--workers", "3", "--threads", "2"]
    assert [*place_options(Workplace(hosts=("box1", "box2")))] == ["--hosts", "box1,box2"]
    flag, path = place_options(Workplace(scheduler_file="scheduler.json"))
    assert (flag, Path(path)) == ("--scheduler-file", Path.cwd() / "scheduler.json")
    kept = begun()
    assert [*kept]
    run = Runs().find(kept.kept)
    told = lambda sweep: [*SweepRun(sweep, Workplace(), run.id, more_seeds=True)._seeds_beside(run)]  # noqa: E731
    assert told(SWEEP.with_seeds(5)) == ["--seeds", "5"]
    assert told(SWEEP.with_seeds(5, [0, 2])) == ["--more", "5:0,2"]


def test_it_goes_on_without_whoever_began_it_and_can_be_followed_again(begun, monkeypatch):
    monkeypatch.setenv("INITTERM_TRIAL_SECONDS", "0.05")
    run = begun()
    for told in run:
        if isinstance(told, SweepBoard):
            run.let_go()
    assert run.left
    kept = Runs().find(run.kept)
    while kept.state == "running":
        time.sleep(0.05)
        kept = Runs().find(run.kept)
    assert kept.state == "finished"


def test_what_was_cancelled_goes_on_where_it_stood(begun, monkeypatch):
    monkeypatch.setenv("INITTERM_TRIAL_SECONDS", "0.2")
    run = begun()
    for told in run:
        if isinstance(told, SweepBoard) and told.over:
            run.cancel()
    assert run.cancelled
    assert Runs().find(run.kept).state == "cancelled"
    monkeypatch.setenv("INITTERM_TRIAL_SECONDS", "0")
    again = begun(run=run.kept)
    *_, board = again
    assert board.finished
    assert Runs().ids() == [run.kept]


@pytest.mark.parametrize(("program", "why"), [(REFUSES, "^No workers start.$"), (DIES, "process ended .7.")])
def test_a_process_that_cannot_begin_says_why(begun, program, why):
    with pytest.raises(Refusal, match=why):
        list(begun(program))


def test_a_cell_that_cannot_be_run_is_refused_before_anything_is_kept(begun):
    sweep = Sweep.parse("he_normal --over residual=none,residual --over 'hidden=64*5,(64,32)'")
    with pytest.raises(Refusal, match="The cell of"):
        list(begun(sweep=sweep))
    assert Runs().ids() == []


def test_one_that_only_begins_cannot_wait_yet(begun):
    run = begun()
    with pytest.raises(Refusal, match="just starting"):
        run.pause()
    assert run.waiting_for
    assert sweep_run.COMMAND[-2:] == ("runs", "resume")
