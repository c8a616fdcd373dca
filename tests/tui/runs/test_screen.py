"""The list of runs: found, marked, named, deleted, steered; and what is shown where there are none."""

from dataclasses import replace

import pytest
from textual.widgets import Input, Static

from initterm.experiments.audit.choice import ModelChoice
from initterm.experiments.papers.asked import PaperChoice
from initterm.experiments.training.experiment import Experiment
from initterm.experiments.training.network import NetworkSpec
from initterm.store.header import Label
from initterm.store.place import runs_folder
from initterm.store.runs import Runs
from initterm.store.wishes import Wishes
from initterm.tui.runs.dialogs import Confirmation, LineInput
from initterm.tui.runs.run_list import RunList
from initterm.tui.runs.screen import RunsScreen
from initterm.tui.widgets.key_line import KeyLine
from tests.kept_runs import keep, writer_of
from tests.tui.conftest import rest
from tests.tui.fakes import run_events

SHORT = Experiment(epochs=2)
DEEP = replace(SHORT, network=NetworkSpec(hidden=(64,) * 30))


def lines(screen):
    """What the list draws, line by line."""
    return [screen.list.render_line(y).text.rstrip() for y in range(len(screen.found))]


def hint(pilot):
    return pilot.app.screen.query_one(KeyLine).hint


@pytest.fixture
def shown(opened):
    """Opens the runs; gives the pilot and their screen."""

    async def show(pilot):
        await pilot.press("R")
        await rest(pilot)
        assert isinstance(pilot.app.screen, RunsScreen)
        return pilot.app.screen

    return show


async def test_where_there_are_none_it_says_what_is_kept_and_how_to_begin(opened, shown):
    async with opened() as pilot:
        screen = await shown(pilot)
        words = str(screen.query_one("#runs-empty", Static).content)
        assert "No runs are kept yet" in words
        assert str(runs_folder()) in words
        assert not screen.list.display
        await pilot.press("enter", "space", "delete", "e", "Y", "escape")
        assert pilot.app.screen.id != "runs-screen"


async def test_a_folder_that_cannot_be_read_is_said(opened, shown, monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("INITTERM_RUNS", str(tmp_path / "file"))
    async with opened() as pilot:
        screen = await shown(pilot)
        assert "can't be read" in screen.problem
        assert not str(screen.query_one("#runs-empty", Static).content)


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_a_run_has_a_line_and_the_one_under_the_cursor_a_few(opened, shown, size):
    keep(DEEP, note="the one for Tuesday", pinned=True)
    keep(PaperChoice("glorot2010"), 1)
    keep(ModelChoice("model.keras"), 2)
    keep(SHORT, 3, told=9, state="interrupted")
    async with opened(size) as pilot:
        screen = await shown(pilot)
        cut, audit, paper, training = lines(screen)
        assert "‖" in cut
        assert "audit model" in audit
        assert "paper glorot" in paper
        assert "7 of 7 claims hold" in paper
        assert "*”●" in training
        assert "64*30" in training
        assert "42 s" in training
        await pilot.press("end")
        await rest(pilot)
        card = str(screen.query_one("#run-card", Static).content)
        assert "he_normal, glorot_uniform" in card
        assert "the one for Tuesday" in card
        assert "finished after 42 s, pinned" in card


async def test_the_filter_finds_as_one_types_and_says_what_makes_no_sense(opened, shown):
    keep(DEEP)
    keep(SHORT, 1)
    async with opened() as pilot:
        screen = await shown(pilot)
        await pilot.press("slash", *"depth")
        await rest(pilot)
        assert len(screen.found) == 0
        await pilot.press(*">2")
        await rest(pilot)
        assert len(screen.found) == 2
        await pilot.press("0")
        await rest(pilot)
        assert [one.header.settings["depth"] for one in screen.found] == [30]
        await pilot.press("x")
        await rest(pilot)
        assert "is none" in screen.problem
        assert len(screen.found) == 1
        await pilot.press("enter")
        assert screen.list.has_focus
        await pilot.press("escape")
        await rest(pilot)
        assert screen.query_one("#runs-filter", Input).value == ""
        assert len(screen.found) == 2


async def test_a_run_is_named_noted_and_pinned(opened, shown):
    run = keep(SHORT)
    async with opened() as pilot:
        screen = await shown(pilot)
        for key, words in (("n", "deep one"), ("N", "for Tuesday")):
            await pilot.press(key)
            await rest(pilot)
            assert isinstance(pilot.app.screen, LineInput)
            pilot.app.screen.query_one(Input).value = words
            await pilot.press("enter")
            await rest(pilot)
        await pilot.press("asterisk")
        await rest(pilot)
        assert Label.read(run.folder) == Label("deep one", "for Tuesday", pinned=True)
        assert "deep one" in lines(screen)[0]
        await pilot.press("asterisk")
        await rest(pilot)
        assert not Label.read(run.folder).pinned


async def test_deleting_asks_first(opened, shown):
    first, second = keep(SHORT), keep(DEEP, 1)
    async with opened() as pilot:
        screen = await shown(pilot)
        await pilot.press("delete")
        assert isinstance(pilot.app.screen, Confirmation)
        await pilot.press("escape")
        await rest(pilot)
        assert second.folder.exists()
        await pilot.press("delete", "enter")
        await rest(pilot)
        assert [one.id for one in screen.found] == [first.id]
        assert not second.folder.exists()


async def test_marked_ones_are_deleted_together(opened, shown):
    for at in range(3):
        keep(SHORT, at)
    async with opened() as pilot:
        screen = await shown(pilot)
        await pilot.press("space", "space", "delete")
        await rest(pilot)
        assert "2 marked runs" in str(pilot.app.screen.query_one(Static).content)
        await pilot.press("enter")
        await rest(pilot)
        assert len(screen.found) == 1


async def test_a_run_of_another_process_is_paused_and_cancelled(opened, shown):
    writer = writer_of(SHORT)
    try:
        async with opened() as pilot:
            screen = await shown(pilot)
            assert screen.found[0].state == "running"
            await pilot.press("p")
            assert Wishes.read(writer.folder).paused
            await pilot.press("p", "x")
            assert Wishes.read(writer.folder) == Wishes(cancelled=True)
            await pilot.press("delete", "enter")
            await rest(pilot)
            assert "is under way; cancel it first" in screen.problem
    finally:
        writer.close()


@pytest.mark.slow
async def test_what_others_begin_and_end_is_seen(opened, shown):
    async with opened() as pilot:
        screen = await shown(pilot)
        writer = writer_of(SHORT)
        screen.look()
        await rest(pilot)
        assert [one.state for one in screen.found] == ["running"]
        for event in run_events(SHORT):
            writer.append(event)
        writer.end("finished", leader="he_normal", outcome="95%")
        screen.look()
        await rest(pilot)
        assert [one.state for one in screen.found] == ["finished"]
        Runs().remove(screen.found[0].run)
        screen.look()
        await rest(pilot)
        assert not screen.found


async def test_keys_that_can_do_nothing_say_why(opened, shown):
    keep(SHORT)
    async with opened() as pilot:
        await shown(pilot)
        for key, why in (("x", "It is finished"), ("r", "interrupted are resumed"), ("m", "space marks them")):
            await pilot.press(key)
            await rest(pilot)
            assert why in hint(pilot)


async def test_the_cursor_stays_on_its_run_and_esc_steps_back(opened, shown):
    for at in range(5):
        keep(SHORT, at)
    async with opened() as pilot:
        screen = await shown(pilot)
        assert isinstance(screen.list, RunList)
        await pilot.press("down", "down", "space")
        chosen = screen.chosen.id
        keep(SHORT, 9)
        screen.look()
        await rest(pilot)
        assert screen.chosen.id == chosen
        await pilot.press("pagedown")
        assert screen.list.cursor == 5
        await pilot.press("escape")
        assert not screen.list.marked
        await pilot.press("P")
        await rest(pilot)
        assert pilot.app.screen.id == "papers-screen"
        await pilot.press("R")
        await rest(pilot)
        assert isinstance(pilot.app.screen, RunsScreen)
        await pilot.press("escape")
        await rest(pilot)
        assert len(pilot.app.screen_stack) == 1


async def test_the_command_is_copied_and_a_run_is_exported(opened, shown, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run = keep(SHORT)
    async with opened() as pilot:
        await shown(pilot)
        await pilot.press("Y")
        assert pilot.app.clipboard == run.header.command
        await pilot.press("e")
        await rest(pilot)
        await pilot.press("enter")
        await rest(pilot)
        assert (tmp_path / f"initterm-train-{run.id}.csv").read_text().startswith("initializer")
