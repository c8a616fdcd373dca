"""Whatever becomes of a worker's engine is said in a sentence, and the next trials have a fresh one."""

import os
import signal
import sys

import pytest

from initterm.experiments.sweep.events import TrialMeasured
from initterm.experiments.sweep.groups import sent
from initterm.experiments.sweep.sweep import Sweep, TrialKey
from initterm.pipe.cluster.child import ChildLost, TrialChild, gpu_of
from initterm.theory.refusal import Refusal

SWEEP = Sweep.parse("he_normal --over learning_rate=0.1,0.2 --epochs 1")
CELLS = sent(SWEEP, (TrialKey(0, 0), TrialKey(1, 0)))
OWN = sent(Sweep.parse("--model my:cnn --over model.depth=4,8"), (TrialKey(0, 0),))

ENGINE = """
import os, signal, time
from initterm.pipe import server
from initterm.pipe.protocol import Ready, TrainGroup
from initterm.experiments.message import DataReceived
from initterm.theory.refusal import Refusal
from benchmarks.simulated_trials import doing
from initterm.pipe.cluster.group_task import GroupAsked

def answers_to(request, cancelled):
    yield DataReceived(int(os.environ["INITTERM_THREADS"]), os.getpid())
    DOES
    yield from doing(GroupAsked("", request.cells, 1))

server._load = lambda: Ready("CPU", {})
server.answers_to = answers_to
server.main()
"""
"""An engine without TensorFlow, which first tells its threads and its process."""


def engine(does="pass"):
    return sys.executable, "-c", ENGINE.replace("DOES", does)


@pytest.fixture
def child(monkeypatch):
    """Makes one, whose engine does something before its trials."""
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(sys.path))
    monkeypatch.setenv("INITTERM_TRIAL_SECONDS", "0")
    made = []

    def make(does="pass", **options):
        made.append(TrialChild(engine(does), **options))
        return made[-1]

    yield make
    for one in made:
        one.end()


def test_trials_are_done_by_one_engine_with_the_threads_that_are_asked_for(child):
    one = child()
    first, second = [*one.events(CELLS, 1)], [*one.events(CELLS, 1)]
    assert [event.key for event in first if isinstance(event, TrialMeasured)] == [(0, 0), (1, 0)]
    assert first == second
    assert first[0].received == 1
    assert one.memory > 2**20
    other = [*one.events(CELLS, 2)]
    assert other[0].received == 2
    assert other[0].total != first[0].total


def test_a_trial_tells_its_own_events_where_they_are_asked_for(child):
    one = child(
        "from initterm.experiments.training.events import TrialStarted; yield TrialStarted(7, int(request.epochs))"
    )
    steps = [[*one.events(CELLS, 1, epochs=epochs)][1].steps for epochs in (True, False)]
    assert steps == [1, 0]


def test_an_engine_that_ends_is_replaced(child):
    one = child()
    told = one.events(CELLS, 1)
    os.kill(next(told).total, signal.SIGKILL)
    with pytest.raises(ChildLost, match=r"TensorFlow ended on .*signal SIGKILL"):
        list(told)
    assert one.memory == 0
    assert any(isinstance(event, TrialMeasured) for event in one.events(CELLS, 1))


def test_an_engine_that_is_stopped_is_ended_and_replaced(child):
    one = child(stopped=1)
    told = one.events(CELLS, 1)
    os.kill(next(told).total, signal.SIGSTOP)
    with pytest.raises(ChildLost, match=r"TensorFlow was stopped on .*, and was ended"):
        list(told)
    assert any(isinstance(event, TrialMeasured) for event in one.events(CELLS, 1))


def test_an_engine_that_lives_and_tells_nothing_is_ended(child):
    with pytest.raises(ChildLost, match=r"told nothing of its trials for [12] s"):
        [*child("time.sleep(100)", stuck=1).events(CELLS, 1)]


def test_a_persons_own_model_has_a_process_of_its_own_that_is_watched(child):
    one = child("if request.bounds: os._exit(3)")
    first = [*one.events(CELLS, 1)]
    with pytest.raises(
        ChildLost, match=r"On .*: my:cnn\(depth=4\) ended the process that it was trained in \(exit status 3\)"
    ):
        [*one.events(OWN, 1)]
    told = one.events(CELLS, 1)
    assert next(told).total != first[0].total
    told.close()


def test_a_persons_own_model_keeps_to_its_part_of_the_memory(child, monkeypatch):
    monkeypatch.setattr("initterm.pipe.cluster.child.share_of_free_memory", lambda: 2**20)
    with pytest.raises(ChildLost, match=r"Training my:cnn\(depth=4\) takes more than 256.0 KiB of memory"):
        [*child("time.sleep(100)").events(OWN, 1, beside=4)]


def test_a_bug_of_the_engine_is_a_lost_one(child):
    with pytest.raises(ChildLost, match="The engine met a bug of its own: ZeroDivisionError"):
        [*child("1 / 0").events(CELLS, 1)]


def test_what_is_refused_stays_a_refusal(child):
    with pytest.raises(Refusal, match="There is no file"):
        [*child("raise Refusal('There is no file x.')").events(CELLS, 1)]


def test_workers_have_a_gpu_each_in_turn(tmp_path, monkeypatch):
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    assert gpu_of("3", tmp_path / "none") is None
    for number in range(2):
        (tmp_path / str(number)).mkdir()
    assert [gpu_of(name, tmp_path) for name in (0, "1", "box-2", "SLURMCluster-3")] == [0, 1, 0, 1]
    assert gpu_of("tcp://box", tmp_path) is None
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "5")
    assert gpu_of("1", tmp_path) is None
