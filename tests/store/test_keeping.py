"""A run that is kept while it goes: steered by others, and never harmed by a disk."""

import os
import resource
import shutil
from contextlib import closing, contextmanager

import pytest

from initterm.experiments.training.board import Scoreboard
from initterm.experiments.training.events import RunStarted, TrialFinished
from initterm.report.runs.outcome import outcome_of
from initterm.store import keeping
from initterm.store.events import Held, KeepingFailed, RunKept, WritingEnded
from initterm.store.keeping import Interrupted, kept, without_keeping
from initterm.store.lock import writer_of
from initterm.store.runs import Runs
from initterm.store.wishes import Wishes
from initterm.theory.refusal import Refusal
from tests.store.telling import EXPERIMENT, told
from tests.store.test_lock import taken_over


@pytest.fixture
def runs(tmp_path):
    return Runs(tmp_path / "runs")


def begun(runs, events=None, cancelled=None):
    writer, note = runs.begun(EXPERIMENT)
    events = told() if events is None else events
    return writer, kept(iter(events), writer, Scoreboard.of(EXPERIMENT), outcome_of, cancelled, note)


def test_the_events_are_handed_on_among_those_that_tell_of_their_being_kept(runs):
    writer, events = begun(runs)
    heard = list(events)
    assert heard[0] == RunKept(writer.id)
    assert isinstance(heard[-1], WritingEnded)
    assert heard[-1].state == "finished"
    assert list(without_keeping(iter(heard))) == list(told()) == heard[1:-1]
    assert not any(path.name.startswith("lock") for path in writer.folder.iterdir())


def test_an_error_fails_the_run_and_is_kept_with_it(runs):
    def events():
        yield RunStarted("CPU", {})
        raise Refusal("There is no file a.npz.")

    writer, heard = begun(runs, events())
    with pytest.raises(Refusal):
        list(heard)
    assert (runs.find(writer.id).state, runs.find(writer.id).header.problem) == ("failed", "There is no file a.npz.")


@pytest.mark.parametrize("how", ["close", "interrupt"])
def test_who_stops_to_iterate_cancels_and_a_process_that_must_end_interrupts(runs, how):
    writer, events = begun(runs)
    with closing(events):
        for _, _ in zip(range(20), events, strict=False):
            pass
        if how == "interrupt":
            with pytest.raises(Interrupted):
                events.throw(Interrupted())
    run = runs.find(writer.id)
    assert run.state == {"close": "cancelled", "interrupt": "interrupted"}[how]
    assert run.board()[0].records[0].status == "cancelled"
    runs.resumed(run)[0].close()


def test_those_who_look_on_let_it_wait_go_on_and_end(runs, monkeypatch):
    monkeypatch.setattr(keeping, "LOOK_SECONDS", 0.0)
    cancelled = set()
    writer, events = begun(runs, cancelled=cancelled)
    Wishes(paused=True).write(writer.folder)
    heard = [next(events), next(events), next(events), next(events)]
    assert heard[2:] == [Held(), Held()]
    Wishes(contenders=(1,)).write(writer.folder)
    assert not isinstance(next(events), Held)
    next(events)
    assert cancelled == {1}
    Wishes(paused=True, cancelled=True).write(writer.folder)
    (ended,) = list(events)
    assert ended.state == "cancelled"
    assert runs.find(writer.id).state == "cancelled"


@contextmanager
def largest_file(size):
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_disk_that_takes_no_more_ends_the_keeping_and_not_the_run(runs):
    writer, events = begun(runs)
    heard = [next(events)]
    with largest_file(2500):
        heard += events
    assert list(without_keeping(iter(heard))) == list(told())
    (failed,) = [event for event in heard if isinstance(event, KeepingFailed)]
    assert "isn't kept any more" in failed.sentence
    assert "File too large" in failed.sentence
    run = runs.find(writer.id)
    assert run.state == "interrupted"
    events, problem = run.told()
    assert problem == ""
    assert len(events) > 2
    writer, before = runs.resumed(run)
    assert before == events
    writer.close()


@pytest.mark.parametrize("what", ["removed", "taken over"])
def test_a_run_whose_folder_is_another_s_now_is_not_written_on(runs, what):
    writer, events = begun(runs)
    for _ in range(9):
        next(events)
    before = (writer.folder / "events.jsonl").read_bytes()
    if what == "removed":
        shutil.rmtree(writer.folder)
    else:
        taken_over(writer.folder)
    heard = list(events)
    assert sum(isinstance(event, KeepingFailed) for event in heard) == 1
    assert isinstance(heard[-1], type(list(told())[-1]))
    if what == "taken over":
        assert (writer.folder / "events.jsonl").read_bytes() == before
        assert writer_of(writer.folder).pid == os.getpid()


def test_what_is_told_of_an_epoch_under_way_is_not_kept_each_time(runs):
    writer, events = begun(runs)
    list(events)
    lines = (writer.folder / "events.jsonl").read_bytes().splitlines()
    assert sum(b"StepsFinished" in line for line in lines) <= 2
    assert sum(b"EpochFinished" in line for line in lines) == 12


def test_a_finished_trial_is_on_the_disk_before_the_next_event(runs, monkeypatch):
    synced = []
    writer, events = begun(runs)
    monkeypatch.setattr(os, "fsync", lambda descriptor: synced.append(os.fstat(descriptor).st_size))
    for event in events:
        if isinstance(event, TrialFinished):
            assert synced[-1] == (writer.folder / "events.jsonl").stat().st_size
    assert len(synced) >= 6
