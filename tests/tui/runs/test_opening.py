"""Runs opened where they belong, followed while they go on, resumed, and compared."""

import asyncio
from dataclasses import replace

import pytest
from textual.widgets import Static

from initterm.experiments.audit.choice import ModelChoice
from initterm.experiments.papers.asked import PaperChoice
from initterm.experiments.training.experiment import Experiment
from initterm.experiments.watch.watched import Watched
from initterm.pipe.state import EngineLost
from initterm.store.kinds import KINDS
from initterm.store.place import runs_folder
from initterm.store.runs import UNSEEN, Runs
from initterm.store.wishes import Wishes
from initterm.tui.audit.pane import AuditPane
from initterm.tui.catalogue import ROW_OF
from initterm.tui.export import ExportScreen
from initterm.tui.opening import PANE_OF
from initterm.tui.papers.screen import PapersScreen
from initterm.tui.runs.comparison import ROOM_FOR_BOTH
from initterm.tui.runs.doing import RESUMED
from initterm.tui.training.pane import TrainPane
from initterm.tui.watch.screen import WatchScreen
from initterm.tui.widgets.curve_plot import CurvePlot
from initterm.tui.widgets.sentence import Sentence
from tests.kept_runs import events_of, keep, writer_of
from tests.own_models import own_experiment
from tests.tui.conftest import notices, rest
from tests.tui.fakes import FakeRun, run_events

SHORT = Experiment(epochs=2, seeds=3)
FASTER = replace(SHORT, learning_rate=0.01)


def test_every_kind_of_run_has_its_pane():
    assert PANE_OF.keys() == KINDS.keys()
    assert {*PANE_OF.values()} <= ROW_OF.keys()
    assert {*RESUMED} <= PANE_OF.keys()


async def until(pilot, holds):
    """Wait for what threads and files bring about."""
    for _ in range(200):
        if holds():
            return
        await asyncio.sleep(0.05)
    raise AssertionError("it didn't come")


async def open_first(pilot):
    await pilot.press("R")
    listed = pilot.app.screen
    await until(pilot, lambda: listed.found)
    await rest(pilot)
    await pilot.press("enter")
    await until(pilot, lambda: pilot.app.screen is not listed)
    await rest(pilot)


async def test_a_training_opens_in_train_with_everything_as_it_was(opened):
    run = keep(SHORT, name="deep one")
    async with opened(panes=("train",)) as pilot:
        await open_first(pilot)
        train = pilot.app.query_one(TrainPane)
        assert pilot.app.pane == "train"
        assert len(pilot.app.screen_stack) == 1
        assert train.board == run.board()[0]
        assert train.experiment() == SHORT
        assert str(train.query_one("#setting", Sentence).content).startswith("The kept run of 29 Nov 06:45, deep one ·")
        assert "he_normal" in str(train.query_one("#verdict", Sentence).content)
        assert not train.running
        await pilot.press("e")
        await rest(pilot)
        assert isinstance(pilot.app.screen, ExportScreen)
        await pilot.press("escape", "u")
        await rest(pilot)
        assert train.experiment() == Experiment()


async def test_a_run_that_a_command_names_is_shown_first(opened):
    run = keep(SHORT)
    async with opened(panes=("train",), opens=run.id[:9]) as pilot:
        await until(pilot, lambda: pilot.app.pane == "train")
        await rest(pilot)
        assert pilot.app.query_one(TrainPane).board == run.board()[0]


async def test_a_run_in_a_folder_of_its_own_is_shown_by_its_path(opened, tmp_path):
    run = keep(Watched("mine"), folder=tmp_path)
    async with opened(panes=(), opens=str(run.folder)) as pilot:
        await until(pilot, lambda: isinstance(pilot.app.screen, WatchScreen) and pilot.app.screen.trainings)
        assert pilot.app.screen.trainings.one.board.steps == run.board()[0].steps
        assert Runs().ids() == []


async def test_a_run_that_is_not_there_is_told_of(opened):
    async with opened(panes=(), opens="1999") as pilot:
        await rest(pilot)
        assert "No runs are kept" in notices(pilot.app)[0]


async def test_a_paper_and_an_audit_open_where_they_belong(opened):
    keep(PaperChoice("glorot2010", "digits", 7))
    async with opened() as pilot:
        await open_first(pilot)
        screen = pilot.app.screen
        assert isinstance(screen, PapersScreen)
        assert screen.chosen.paper.name == "glorot2010"
        assert screen.chosen.state == "over"
        assert all(judged.holds for judged in screen.chosen.board.judged)
        assert "--data digits --seed 7" in screen.command
        await pilot.press("R")
        keep(ModelChoice("model.keras"), 1)
        pilot.app.screen.look()
        await rest(pilot)
        await pilot.press("home", "enter")
        await rest(pilot)
        audit = pilot.app.query_one(AuditPane)
        assert pilot.app.pane == "audit"
        assert audit.board.finished
        assert len(audit.board.findings) == 4
        assert audit.choice == ModelChoice("model.keras")


async def test_a_run_of_another_process_is_followed_and_goes_on_without_the_app(opened):
    writer = writer_of(SHORT)
    told = list(run_events(SHORT))
    for event in told[:9]:
        writer.append(event)
    try:
        async with opened() as pilot:
            await pilot.press("R")
            await until(pilot, lambda: pilot.app.screen.found)
            await pilot.press("enter")
            train = pilot.app.query_one(TrainPane)
            await until(pilot, lambda: train.board and train.board.data)
            assert train.running
            for event in told[9:]:
                writer.append(event)
            await until(pilot, lambda: train.board.over)
            assert train.running  # until its writer says that it has ended
            await pilot.press("p")
            assert Wishes.read(writer.folder).paused
            await pilot.press("R")
            await pilot.pause(0.1)
            await pilot.press("enter")  # another look at the same one
            await until(pilot, lambda: train.board.over)
        assert not Wishes.read(writer.folder).cancelled
    finally:
        writer.close()


async def test_a_run_that_ends_elsewhere_ends_here(opened):
    writer = writer_of(SHORT)
    async with opened() as pilot:
        await pilot.press("R")
        await until(pilot, lambda: pilot.app.screen.found)
        await pilot.press("enter")
        train = pilot.app.query_one(TrainPane)
        await until(pilot, lambda: train.running)
        for event in events_of(SHORT):
            writer.append(event)
        writer.end("finished")
        await until(pilot, lambda: not train.running)
        assert train.board.over
        assert train.problem == ""


async def test_a_writer_that_dies_is_said(opened):
    writer = writer_of(SHORT)
    async with opened() as pilot:
        await pilot.press("R")
        await until(pilot, lambda: pilot.app.screen.found)
        await pilot.press("enter")
        train = pilot.app.query_one(TrainPane)
        await until(pilot, lambda: train.running)
        writer.close()
        await until(pilot, lambda: not train.running)
        assert "r resumes it" in train.problem


async def test_what_python_ran_or_lies_apart_is_shown_and_begun_anew(opened, monkeypatch, tmp_path):
    call = "initterm.compare(mine, data)"
    of_python = keep(SHORT, told=12, state="cancelled")
    of_python.header.with_facts({"command": call}).write(of_python.folder)
    apart = keep(SHORT, told=12, state="cancelled", folder=tmp_path)
    for name, command in ((of_python.id, call), (str(apart.folder), apart.header.command)):
        async with opened(panes=("train",), opens=name) as pilot:
            train, asked = pilot.app.query_one(TrainPane), []
            await until(pilot, lambda: train.board)  # noqa: B023
            assert train.command == command
            monkeypatch.setattr(pilot.app.engine, "train", lambda *_, run, **__: asked.append(run) or FakeRun([]))  # noqa: B023
            await pilot.press("r")
            await rest(pilot)
            assert asked == [""]
    async with opened(panes=()) as pilot:
        await pilot.press("R")
        await rest(pilot)
        await pilot.press("r")
        await rest(pilot)
        assert "Python ran it" in pilot.app.screen.why_not("run")


async def test_an_interrupted_one_is_resumed_under_its_id(opened, monkeypatch):
    run = keep(SHORT, told=12, state="interrupted")
    async with opened(panes=("train",)) as pilot:
        asked = []

        def train(experiment, *, keeps=False, run="", workplace=None):
            asked.append((experiment, keeps, run))
            return FakeRun(run_events(experiment))

        monkeypatch.setattr(pilot.app.engine, "train", train)
        await pilot.press("R")
        await rest(pilot)
        await pilot.press("r")
        await rest(pilot)
        assert asked == [(SHORT, True, run.id)]
        assert pilot.app.query_one(TrainPane).board.over


async def test_a_run_under_way_in_train_is_not_given_up_for_another(opened):
    keep(FASTER)
    async with opened() as pilot:
        pilot.app.engine.run_of = lambda experiment: FakeRun(list(run_events(experiment))[:5], hold=True)
        await pilot.press("2", "r")
        train = pilot.app.query_one(TrainPane)
        await until(pilot, lambda: train.running and train.board.data)
        await pilot.press("R")
        await until(pilot, lambda: pilot.app.screen.found)
        await pilot.press("enter")
        await until(pilot, lambda: pilot.app.pane == "train" and len(pilot.app.screen_stack) == 1)
        await pilot.pause(0.1)
        assert train.running
        assert train.board.experiment != FASTER
        await pilot.press("x")


async def test_a_damaged_run_is_said_and_opened_as_far_as_it_can_be_read(opened):
    run = keep(SHORT)
    events = run.folder / "events.jsonl"
    events.write_bytes(events.read_bytes().replace(b'"EpochFinished"', b'"Nonsense"', 1))
    async with opened(panes=("train",)) as pilot:
        await open_first(pilot)
        assert "1 line of its events can't be read" in pilot.app.query_one(TrainPane).problem


async def test_an_opened_run_is_seen(opened):
    run = keep(SHORT)
    async with opened(panes=("train",)) as pilot:
        (runs_folder() / UNSEEN).mkdir()
        (runs_folder() / UNSEEN / run.id).touch()
        await open_first(pilot)
        assert not Runs().unseen()


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_marked_trainings_are_compared(opened, size):
    keep(SHORT)
    keep(FASTER, 1)
    async with opened(size) as pilot:
        await pilot.press("R")
        await rest(pilot)
        await pilot.press("space", "space", "enter")
        await rest(pilot)
        comparison = pilot.app.screen.comparison
        plot = comparison.query_one("#compared-accuracy", CurvePlot)
        assert {line.name for line in plot.picture.lines} == {
            "A he_normal", "A glorot_uniform", "B he_normal", "B glorot_uniform"
        }  # fmt: skip
        assert "A he_normal" in str(comparison.query_one("#compared-verdict", Sentence).content)
        rows = comparison.query_one("#compared-settings", Static).content
        assert [column.header for column in rows.columns] == ["what differs", "A", "B"]
        both = size[0] > ROOM_FOR_BOTH
        assert comparison.query_one("#compared-loss", CurvePlot).display == both
        await pilot.press("m")
        assert comparison.query_one("#compared-accuracy", CurvePlot).display == both
        await pilot.press("escape")
        assert pilot.app.screen.list.has_focus


async def test_what_cannot_be_paired_is_said(opened):
    keep(SHORT)
    keep(replace(SHORT, batch_size=64), 1)
    keep(PaperChoice("glorot2010"), 2)
    async with opened() as pilot:
        await pilot.press("R")
        await rest(pilot)
        await pilot.press("end", "space", "up", "space", "enter")
        await rest(pilot)
        verdict = pilot.app.screen.comparison.query_one("#compared-verdict", Sentence)
        assert "differ in batch size (32 and 64)" in str(verdict.content)
        await pilot.press("escape", "home", "space", "enter")
        await rest(pilot)
        assert "a run of papers isn't one" in pilot.app.screen.problem


async def test_of_models_that_a_loss_judges_it_is_drawn_once(opened):
    keep(own_experiment())
    keep(own_experiment("declared", "zeros"), 1)
    async with opened() as pilot:
        await pilot.press("R")
        await rest(pilot)
        await pilot.press("space", "space", "enter")
        await rest(pilot)
        comparison = pilot.app.screen.comparison
        assert not comparison.query_one("#compared-accuracy", CurvePlot).display
        assert comparison.query_one("#compared-loss", CurvePlot).display
        verdict = comparison.query_one("#compared-verdict", Sentence)
        assert "A he_normal beats A declared by 0.577 of loss" in str(verdict.content)


async def test_an_engine_that_is_lost_does_not_compare(opened):
    keep(SHORT)
    keep(FASTER, 1)
    async with opened() as pilot:

        def call(request):
            raise EngineLost("The engine was restarted.")

        pilot.app.engine.call = call
        await pilot.press("R")
        await rest(pilot)
        await pilot.press("space", "space", "enter")
        await rest(pilot)
        verdict = pilot.app.screen.comparison.query_one("#compared-verdict", Sentence)
        assert "can't be compared now: The engine was restarted." in str(verdict.content)
