"""Runs that outlive the app: the question before it ends, what the title line tells of them, and going on with one."""

from itertools import islice

import pytest
from textual.widgets import Static

from initterm.experiments.training.experiment import Experiment
from initterm.store.events import KeepingFailed, RunKept, WritingEnded
from initterm.store.lock import Lock
from initterm.store.runs import Runs
from initterm.tui import going_on
from initterm.tui.going_on import words_of
from initterm.tui.leaving import LeavingQuestion
from initterm.tui.training.pane import TrainPane
from tests.store.telling import keep
from tests.tui.conftest import notices, rest
from tests.tui.fakes import FakeRun, run_events


@pytest.fixture
def panes():
    return ["train"]


def title(pilot):
    return str(pilot.app.query_one("#status", Static).render())


async def under_way(pilot):
    """A run that is kept is under way."""
    pilot.app.engine.run_of = lambda experiment: FakeRun(
        [RunKept("one"), *islice(run_events(experiment), 12)], hold=True
    )
    await pilot.press("2", "r")
    while not pilot.app.query_one(TrainPane).run_kept:
        await pilot.pause(0.01)
    pilot.app.engine.goes_on = True


@pytest.mark.parametrize(
    ("keys", "stays", "stopped"), [("enter", False, 0), ("q", False, 0), ("x", False, 1), ("escape", True, 0)]
)
async def test_before_it_ends_it_asks_what_becomes_of_the_run(opened, keys, stays, stopped):
    async with opened() as pilot:
        await under_way(pilot)
        await pilot.press("q")
        assert isinstance(pilot.app.screen, LeavingQuestion)
        assert pilot.app.is_running
        await pilot.press(keys)
        assert (pilot.app._exit, pilot.app.engine.stopped) == (not stays, stopped)
        assert not isinstance(pilot.app.screen, LeavingQuestion)
        assert (pilot.app.query_one(TrainPane)._run is not None) or not stays
    assert pilot.app.engine.closed


async def test_without_a_run_that_is_kept_it_just_ends(opened):
    async with opened() as pilot:
        await pilot.press("q")
        assert pilot.app._exit


async def told(pilot, beginning):
    """The title line begins so; what looks at runs goes on as long as there are any, so that the app never rests."""
    for _ in range(500):
        if title(pilot).startswith(beginning):
            return True
        await pilot.pause(0.01)
    raise AssertionError(f"{title(pilot)!r} doesn't begin with {beginning!r}")


async def test_the_title_line_tells_of_runs_that_go_on_elsewhere_or_ended_unseen(opened, monkeypatch):
    monkeypatch.setattr(going_on, "LOOK_SECONDS", 0.01)
    runs = Runs()
    async with opened((120, 36)) as pilot:
        finished, cut_off = keep(runs), keep(runs, until=30)
        lock = Lock.taken(runs.folder / cut_off)
        pilot.app.look_at_runs()
        await told(pilot, "1 run under way, 1 finished · R · ready")
        lock.release()
        await told(pilot, "1 run finished, 1 interrupted · R · ready")
        runs.seen(finished)
        await told(pilot, "1 run interrupted · R · ready")
        await pilot.resize_terminal(80, 24)
        await told(pilot, "1 run · R")
        pilot.app.engine.kept_runs = (cut_off,)
        await told(pilot, "ready")


def test_runs_are_told_by_how_they_stand_in_few_words():
    runs = Runs()
    for state in ("finished", "cancelled", "interrupted", "finished", "failed"):
        identity = keep(runs, until=None if state == "finished" else 9)
        if state in ("cancelled", "failed"):
            writer, _ = runs.resumed(runs.find(identity))
            writer.end(state)
    assert words_of(runs.unseen()) == "2 runs finished, 1 interrupted, 1 cancelled, 1 failed · R"
    assert words_of([]) == ""


async def test_a_run_that_was_stopped_is_gone_on_with_and_one_that_is_finished_begins_anew_unless_it_is_given_more(
    opened,
):
    async with opened() as pilot:
        engine = pilot.app.engine
        await under_way(pilot)
        await pilot.press("x")
        await rest(pilot)
        engine.run_of = lambda experiment: FakeRun(
            [RunKept("one"), *run_events(experiment), WritingEnded(1.0, "finished")]
        )
        for keys in ("r", "r", "+", "r"):
            await pilot.press(keys)
            await rest(pilot)
        assert engine.gone_on_with == ["", "one", "", "one"]
        assert [experiment.seeds for experiment in engine.experiments] == [1, 1, 1, 5]


async def test_that_a_run_is_not_kept_any_more_is_said_and_it_goes_on(opened):
    sentence = "This run isn't kept any more: the disk is full."
    async with opened() as pilot:
        pilot.app.engine.run_of = lambda experiment: FakeRun(
            [RunKept("one"), KeepingFailed(sentence), *run_events(experiment)]
        )
        await pilot.press("2", "r")
        await rest(pilot)
        assert notices(pilot.app) == [sentence]
        assert pilot.app.query_one(TrainPane).board.over
        await pilot.press("+", "r")
        await rest(pilot)
        assert pilot.app.engine.gone_on_with == ["", ""]


async def test_what_was_removed_to_make_room_is_said(opened):
    async with opened() as pilot:
        pilot.app.engine.run_of = lambda experiment: FakeRun([RunKept("one", "The oldest run was removed.")])
        await pilot.press("2", "r")
        await rest(pilot)
        assert notices(pilot.app) == ["The oldest run was removed."]


@pytest.mark.parametrize("how", ["it finished", "it was stopped", "the app was left"])
async def test_who_saw_a_run_end_is_not_told_again(opened, how):
    runs = Runs()
    async with opened() as pilot:
        await under_way(pilot)
        identity = keep(runs, Experiment())
        pane = pilot.app.query_one(TrainPane)
        pane._run.kept = identity
        if how == "it was stopped":
            await pilot.press("x")
        elif how == "it finished":
            pane._run._over.set()
        while how != "the app was left" and runs.unseen():
            await pilot.pause(0.01)
    assert [run.id for run in runs.unseen()] == ([identity] if how == "the app was left" else [])
