"""A training in a process of its own ends with it, or goes on without the app where it is kept."""

import sys
import threading
import time

import pytest

from initterm.experiments.sweep.workplace import Workplace
from initterm.experiments.training.bounds import TrainingBounds
from initterm.experiments.training.contender import Contender
from initterm.experiments.training.events import EpochFinished, ModelPrepared, PoolStarted, TrialFinished
from initterm.experiments.training.experiment import Experiment
from initterm.experiments.training.model import ModelSpec
from initterm.experiments.training.network import NetworkSpec
from initterm.pipe.audit_run import AuditRun
from initterm.pipe.client import Engine
from initterm.pipe.confined import thrown_away
from initterm.pipe.training_run import OwnTrainingRun, PooledTrainingRun
from initterm.store.runs import Runs
from initterm.theory.refusal import Refusal
from tests.pipe.ill_behaved import GIB, footprint, left_behind

PATIENCE = 60
EXPERIMENT = Experiment((Contender(None, treatment="declared"),), own=ModelSpec("nets:cnn"), epochs=3)
FED = """
import sys, time
from initterm.experiments.training.events import *
from initterm.pipe import server
from initterm.pipe.keeping import kept_anew
from initterm.pipe.protocol import Ready

def events():
    yield RunStarted("CPU", {{}})
    {opening}
    yield DataLoaded("data", 8, 2, 2, "")
    yield ModelPrepared("nets:cnn", 9, (), 0, "adam", "model", "mse", "model")
    {training}
    yield TrialStarted(0, 4)
    for epoch in (1, 2, 3):
        time.sleep(0.4)
        yield EpochFinished(0, epoch, 0.5, 0.5, 0.5, 0.5, 0.4)
    yield TrialFinished(0, "finished", 0.5, 0.5)

def told(request, cancelled):
    return kept_anew(events(), request.experiment, request.run) if request.keeps else events()

server._load = lambda: Ready("CPU", {{}})
server.answers_to = told
server.main()
"""


def run_of(opening="pass", training="pass", **options):
    """A training in a real process, whose engine tells what it is fed, without TensorFlow."""
    command = (sys.executable, "-c", FED.format(opening=opening, training=training))
    return OwnTrainingRun(EXPERIMENT, lambda: thrown_away(command), **options)


def followed(run):
    """Follow a run in a thread as a pane does; the thread, and what it was refused with, once it was."""
    ended = []

    def follow():
        try:
            for _ in run:
                continue
        except Refusal as refusal:
            ended.append(str(refusal))

    thread = threading.Thread(target=follow)
    thread.start()
    return thread, ended


@pytest.fixture(autouse=True)
def _nothing_stays():
    before = footprint()
    yield
    assert left_behind(before) == ""


@pytest.mark.parametrize(
    ("opening", "bounds", "words"),
    [
        ("time.sleep(1000)", TrainingBounds(8 * GIB, 2.0), "aren't there after 2 s"),
        ("pass", TrainingBounds(2**20, 100.0), "more than 1.0 MiB of memory"),
        ("sys.exit(3)", None, "can't be trained. The engine met a bug of its own: SystemExit: 3"),
        ("import os; os._exit(3)", None, "nets:cnn ended the process that it was trained in (exit status 3)"),
        ("raise ValueError('no such file')", None, "ValueError: no such file"),
    ],
)
def test_what_a_models_code_does_is_a_sentence(opening, bounds, words):
    with pytest.raises(Refusal) as refused:
        list(run_of(opening, bounds=bounds))
    assert words in str(refused.value)


@pytest.mark.slow
def test_a_model_that_is_ready_may_train_as_long_as_it_takes():
    told = list(run_of(training="time.sleep(4)", bounds=TrainingBounds(8 * GIB, 3.0)))
    assert told[-1] == TrialFinished(0, "finished", 0.5, 0.5)


@pytest.mark.slow
def test_a_run_that_goes_on_hurries_until_its_model_is_ready_again():
    prepared = 'yield ModelPrepared("nets:cnn", 9, (), 0, "adam", "model", "mse", "model"); yield RunStarted("CPU", {})'
    run = run_of(f"{prepared}; time.sleep(1000)", bounds=TrainingBounds(8 * GIB, 3.0))
    with pytest.raises(Refusal, match="aren't there"):
        list(run)


def test_a_kept_run_that_is_cancelled_is_kept_as_such():
    run = run_of(training="time.sleep(0.1)", keeps=True)
    thread, ended = followed(run)
    while not run.kept:
        time.sleep(0.02)
    run.cancel()
    thread.join(PATIENCE)
    assert ended == []
    assert Runs().find(run.kept).state == "cancelled"


@pytest.mark.slow
def test_a_kept_run_that_is_left_is_finished_without_the_app():
    run = run_of(keeps=True)
    thread, _ = followed(run)
    while not run.kept:
        time.sleep(0.02)
    assert run.goes_on
    run.let_go()
    thread.join(PATIENCE)
    kept, end = Runs().find(run.kept), time.monotonic() + PATIENCE
    while kept.state == "running" and time.monotonic() < end:
        time.sleep(0.05)
    assert kept.state == "finished"
    assert kept.board()[0].finished


def test_one_that_is_not_kept_ends_with_the_app():
    run = run_of(training="time.sleep(1000)")
    thread, ended = followed(run)
    while run.log is None or run.waiting_for:
        time.sleep(0.02)
    run.let_go()
    thread.join(PATIENCE)
    assert (ended, run.goes_on) == ([], False)


def test_the_engine_trains_models_elsewhere_and_layers_itself():
    command = (sys.executable, "-c", FED.format(opening="pass", training="pass"))
    engine = Engine(lambda _: None, command)
    engine.start()
    own = engine.train(EXPERIMENT)
    assert isinstance(own, OwnTrainingRun)
    assert not isinstance(engine.train(Experiment()), OwnTrainingRun)
    pid = engine.pid
    assert any(isinstance(event, ModelPrepared) for event in own)
    assert engine.pid == pid
    assert not isinstance(own, AuditRun)
    engine.close()


def test_closing_the_engine_leaves_a_kept_run_of_a_model():
    command = (sys.executable, "-c", FED.format(opening="pass", training="pass"))
    engine = Engine(lambda _: None, command)
    engine.start()
    run = engine.train(EXPERIMENT, keeps=True)
    thread, _ = followed(run)
    while not run.kept:
        time.sleep(0.02)
    assert engine.goes_on
    assert engine.kept_runs == (run.kept,)
    engine.close()
    thread.join(PATIENCE)
    kept, end = Runs().find(run.kept), time.monotonic() + PATIENCE
    while kept.state == "running" and time.monotonic() < end:
        time.sleep(0.05)
    assert kept.state == "finished"


@pytest.mark.slow
def test_a_comparison_on_workers_is_cancelled_and_goes_on_to_its_end():
    network = NetworkSpec(hidden=(8,))
    experiment = Experiment(network=network, data="digits", samples=300, epochs=2, seeds=2)
    run = PooledTrainingRun(experiment, Workplace(workers=2), keeps=True)
    for event in run:
        if isinstance(event, EpochFinished):
            run.cancel()
    assert Runs().find(run.kept).state == "cancelled"
    again = PooledTrainingRun(experiment, Workplace(workers=2), keeps=True, run=run.kept)
    told = [*again]
    assert Runs().find(run.kept).state == "finished"
    assert any(isinstance(event, PoolStarted) for event in told)
    assert sorted(event.trial for event in told if isinstance(event, TrialFinished)) == [0, 1, 2, 3]
    assert Runs().find(run.kept).header.machine.threads == 1
