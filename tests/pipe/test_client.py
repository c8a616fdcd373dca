"""The engine process: asked, cancelled, killed, replaced; it never outlives whoever started it."""

import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import CancelledError
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from initterm.experiments.papers.asked import PaperChoice
from initterm.experiments.papers.events import PaperAdvanced, PaperFinished, PaperStarted
from initterm.experiments.training.events import CompileStarted, EpochFinished, TrialFinished, TrialStarted
from initterm.experiments.training.experiment import Experiment
from initterm.experiments.training.network import NetworkSpec
from initterm.experiments.weights.events import Draw, DrawAdvanced, Drawn
from initterm.pipe.protocol import Advance, Exhausted
from initterm.pipe.state import EngineLost
from initterm.theory.initializers import InitializerSpec
from initterm.theory.refusal import Refusal
from initterm.theory.shapes import Shape
from tests.engines import PATIENCE, Watched

SMALL = Experiment(network=NetworkSpec((16,)), epochs=2, samples=400, data="digits")
ENDLESS = Experiment(network=NetworkSpec((16,)), epochs=10_000, samples=400, data="digits")
SLOW_TO_COMPILE = Experiment(network=NetworkSpec((16,) * 150), data="digits")


@pytest.fixture
def watched(shared_engine):
    return shared_engine


def draw(name, dims=(784, 256)):
    return Draw(InitializerSpec(name), Shape(dims), 42)


def drawn(engine, request):
    """The kernel that is drawn."""
    run, answer = engine.call(request)
    while isinstance(event := answer.result(PATIENCE), DrawAdvanced):  # a busy machine takes its time
        _, answer = engine.call(Advance(run))
    return event


def test_draws_what_is_asked_for(watched):
    sample = drawn(watched.engine, draw("he_normal"))
    assert isinstance(sample, Drawn)
    assert sample.std == pytest.approx((2 / 784) ** 0.5, rel=0.01)


def test_refusals_come_back_as_refusals(watched):
    with pytest.raises(Refusal, match="two or more dimensions"):
        drawn(watched.engine, draw("orthogonal", (5,)))


def test_training_is_the_same_iterator_from_the_other_end(watched):
    kinds = (TrialStarted, EpochFinished, TrialFinished)
    events = [event for event in watched.engine.train(SMALL) if isinstance(event, kinds)]
    first, then = [TrialStarted, EpochFinished], [EpochFinished, EpochFinished]
    assert [type(event) for event in events] == [*first, *first, *then, TrialFinished, TrialFinished]


def test_a_paused_run_asks_for_nothing_and_goes_on_or_ends(watched):
    run = watched.engine.train(ENDLESS)
    events, told = iter(run), []
    while not isinstance(next(events), EpochFinished):
        pass
    run.pause()
    follower = threading.Thread(target=lambda: told.append(next(events, None)))
    follower.start()
    assert drawn(watched.engine, draw("he_normal"))
    follower.join(0.3)
    assert told == []
    run.resume()
    follower.join(PATIENCE)
    assert told[0] is not None
    run.pause()
    run.cancel()
    assert next(events, None) is None


def test_one_contender_of_a_run_is_cancelled(watched):
    run = watched.engine.train(replace(SMALL, contenders=Experiment().contenders, epochs=3))
    ends = {}
    for event in run:
        if isinstance(event, EpochFinished) and event.epoch == 1:
            run.cancel_contender(0)
        if isinstance(event, TrialFinished):
            ends[event.trial] = event.status
    assert ends == {0: "cancelled", 1: "finished"}


def test_a_kernel_is_drawn_while_a_run_is_under_way(watched):
    run = watched.engine.train(ENDLESS)
    for event in run:
        if isinstance(event, EpochFinished):
            assert drawn(watched.engine, draw("he_normal"))
            break
    assert drawn(watched.engine, draw("he_uniform"))


def test_stopping_to_iterate_stops_the_run_and_keeps_the_engine(watched):
    pid = watched.engine.pid
    run = watched.engine.train(ENDLESS)
    for event in run:
        if isinstance(event, EpochFinished):
            break
    _, next_event = watched.engine.call(Advance(run._id))
    assert isinstance(next_event.result(PATIENCE), Exhausted)
    assert watched.engine.pid == pid


def test_cancelling_lets_the_iterator_go_at_once(watched):
    run, asked = watched.engine.train(ENDLESS), []

    def cancel():
        asked.append(time.perf_counter())
        run.cancel()

    for event in run:
        if isinstance(event, EpochFinished) and event.epoch == 1:
            threading.Timer(0.3, cancel).start()
    assert run.cancelled
    assert time.perf_counter() - asked[0] < 1


@pytest.mark.slow
def test_a_run_that_is_cancelled_while_compiling_is_left_with_its_engine_and_the_next_begins_in_a_fresh_one(watched):
    pid = watched.engine.pid
    run = watched.engine.train(SLOW_TO_COMPILE)
    for event in run:
        if isinstance(event, CompileStarted):
            threading.Timer(0.1, run.cancel).start()
    assert any(isinstance(event, TrialFinished) for event in watched.engine.train(SMALL))
    watched.until("restarting")
    watched.until("ready")
    assert watched.engine.pid != pid


@pytest.mark.slow
def test_a_killed_engine_ends_its_run_with_a_sentence_and_a_fresh_one_starts(watched):
    run = iter(watched.engine.train(ENDLESS))
    while not isinstance(next(run), EpochFinished):
        pass
    os.kill(watched.engine.pid, signal.SIGKILL)
    with pytest.raises(EngineLost, match=r"SIGKILL.*fresh one"):
        list(run)
    watched.until("ready")
    assert drawn(watched.engine, draw("he_normal"))


def test_closing_ends_the_process_and_whoever_waits():
    watched = Watched()
    process = psutil.Process(watched.engine.pid)
    _, answer = watched.engine.call(draw("he_normal"))
    watched.engine.close()
    assert not process.is_running()
    with pytest.raises((EngineLost, CancelledError)):
        answer.result(PATIENCE)


def test_what_the_engine_prints_goes_to_its_log():
    script = "import sys; print('words on stderr', file=sys.stderr); sys.exit(3)"
    watched = Watched(command=(sys.executable, "-c", script))
    state = watched.until("failed")
    assert "exit status 3" in state.text
    assert Path(state.log).read_text() == "words on stderr\n"
    with pytest.raises(EngineLost):
        drawn(watched.engine, draw("he_normal"))


def test_an_engine_killed_while_it_loads_is_replaced_but_not_without_end():
    script = "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"
    watched = Watched(command=(sys.executable, "-c", script))
    states = [watched.states.get(timeout=PATIENCE).kind for _ in range(4)]
    assert states == ["loading", "restarting", "restarting", "failed"]


def test_nonsense_from_the_process_is_a_lost_engine():
    watched = Watched(command=(sys.executable, "-c", "print('no JSON', flush=True); input()"))
    assert "ended while loading" in watched.until("failed").text


@pytest.mark.slow
def test_engine_ends_when_whoever_started_it_is_killed():
    script = (
        "import time; from initterm.pipe.client import Engine; "
        "engine = Engine(lambda state: None); engine.start(); print(engine.pid, flush=True); time.sleep(60)"
    )
    parent = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    engine = psutil.Process(int(parent.stdout.readline()))
    time.sleep(0.5)
    parent.kill()
    parent.communicate()
    engine.wait(PATIENCE)


@pytest.mark.slow
def test_a_paper_is_replicated_in_the_engine_and_can_be_cancelled(watched):
    run = watched.engine.replicate(PaperChoice("symmetry", "digits", 42))
    events = []
    for event in run:
        events.append(event)
        if isinstance(event, PaperAdvanced) and event.share > 0.05:
            run.cancel()
    assert isinstance(events[0], PaperStarted)
    assert run.cancelled
    assert not any(isinstance(event, PaperFinished) for event in events)
    with pytest.raises(Refusal, match="did you mean lu2019"):
        list(watched.engine.replicate(PaperChoice("lu2018", "digits", 42)))
    assert list(watched.engine.train(SMALL))
