"""The app with its engine on another machine: runs, paths and files are those of that one; a lost line comes back."""

import time

import pytest
from textual.widgets import Input

from initterm.store.following import FollowedRun
from initterm.tui.export import ExportScreen
from initterm.tui.training.pane import TrainPane
from initterm.tui.widgets.path_field import PathField
from initterm.tui.widgets.sentence import Problem
from initterm.tui.widgets.title_line import TitleLine
from tests.pipe.box.boxes import light_box
from tests.tui.conftest import notices

PATIENCE = 90


@pytest.fixture
def box(tmp_path, monkeypatch):
    with light_box(tmp_path, monkeypatch) as light:
        monkeypatch.setattr("tests.tui.conftest.FakeEngine", light.engine)
        yield light


async def until(pilot, holds):
    """Wait until something is so; a run that goes on keeps the app from coming to rest."""
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end, pilot.app.screen
        await pilot.pause(0.02)


async def begun(pilot):
    """Train with a run under way on the box."""
    await until(pilot, lambda: pilot.app.engine_state.ready)
    await pilot.press("2", "r")
    pane = pilot.app.query_one(TrainPane)
    await until(pilot, lambda: pane.running and pane.run_kept and pane.board.data)
    return pane


def title(app):
    return "\n".join(app.query_one(TitleLine)._states())


async def test_a_lost_line_is_said_and_the_run_is_shown_again(box, opened):
    async with opened((120, 30), panes=["train"]) as pilot:
        pane = await begun(pilot)
        assert "me@box" in title(pilot.app)
        kept = pane.run_kept
        box.cut()
        await until(pilot, lambda: pilot.app.engine_state.kind == "restarting")
        assert "reconnecting" in title(pilot.app)
        await until(pilot, lambda: pane.problem)
        assert (
            pane.problem == "The line to me@box was lost; what is kept goes on there, and is shown again with the line."
        )
        await until(pilot, lambda: pane.running)
        assert isinstance(pane._run, FollowedRun)
        assert pane.run_kept == kept
        assert not pane.problem
        (box.home / "go").touch()
        await until(pilot, lambda: not pane.running)
        assert pane.board.finished
        await until(pilot, lambda: not box.runs.unseen())


async def test_runs_are_those_of_the_box_and_are_ended_there(box, opened):
    async with opened((120, 30), panes=["train"]) as pilot:
        pane = await begun(pilot)
        await pilot.press("R")
        await until(pilot, lambda: getattr(pilot.app.screen, "found", ()))
        runs = pilot.app.screen
        assert [one.id for one in runs.found] == [pane.run_kept]
        assert str(runs.runs.folder) == str(box.runs.folder)
        await pilot.press("x")
        await until(pilot, lambda: not pane.running)
        await until(pilot, lambda: runs.found and runs.found[0].state == "cancelled")
        await pilot.press("asterisk")
        await until(pilot, lambda: box.runs.find("last").label.pinned)
        await pilot.press("enter")
        await until(pilot, lambda: pane.opened)
        assert pane.board.data
        await pilot.press("R", "delete", "enter")
        await until(pilot, lambda: not box.runs.ids())


async def test_paths_and_commands_are_those_of_the_box_and_files_go_where_they_are_named(box, opened):
    (box.home / "nets").mkdir()
    async with opened((120, 30), panes=["train"]) as pilot:
        pane = await begun(pilot)
        (box.home / "go").touch()
        await until(pilot, lambda: not pane.running)
        field = pilot.app.query(PathField).first()
        assert await field._matching("ne") == ["nets/"]
        await pilot.press("Y")
        await until(pilot, lambda: notices(pilot.app))
        assert notices(pilot.app)[-1].startswith("initterm --host me@box --python ")
        await pilot.press("e")
        await until(pilot, lambda: isinstance(pilot.app.screen, ExportScreen))
        screen = pilot.app.screen
        assert "of this machine, or of me@box as me@box:path?" in screen._question()
        path = box.home / "nets" / "out.csv"
        path.write_text("before")
        screen.query_one(Input).value = "me@box:nets/out.csv"
        await pilot.press("enter")
        await until(pilot, lambda: "is there already" in screen.query_one(Problem).sentence)
        assert path.read_text() == "before"
        await pilot.press("enter")
        await until(pilot, lambda: pilot.app.screen is not screen)
        assert path.read_text().startswith("initializer,")
        assert notices(pilot.app)[-1] == f"me@box:{path}"
