"""The list of panes says what there is, and each of them is as the app and its help need it."""

from collections.abc import Callable
from pathlib import Path

import pytest
from textual.binding import Binding

from initterm.tui import catalogue
from initterm.tui.app import InittermApp
from initterm.tui.catalogue import PANES, SCREENS
from initterm.tui.messages import Taker
from initterm.tui.pane import Pane
from initterm.tui.run_pane import RunPane
from tests.tui.conftest import rest

ROWS = (*PANES, *SCREENS)


def test_every_pane_stands_in_the_list_once():
    root = Path(catalogue.__file__).parent
    files = {path.parent.name for name in ("pane", "screen") for path in root.glob(f"*/{name}.py")}
    assert sorted(row.room for row in ROWS) == sorted(files)
    assert len({row.id for row in ROWS}) == len({row.key for row in ROWS}) == len(ROWS)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_a_pane_is_one_and_its_help_names_it(row):
    pane = row.load()
    assert issubclass(pane, Pane)
    assert row.help.startswith(f"# {row.title.title()}\n")
    for binding in Binding.make_bindings(pane.BINDINGS):
        action = binding.action.partition("(")[0]
        owner = InittermApp if action.startswith("app.") else pane
        assert isinstance(getattr(owner, f"action_{action.removeprefix('app.')}"), Callable), binding


def test_those_that_others_send_to_take_what_is_sent():
    takers = {row.id for row in ROWS if issubclass(row.load(), Taker)}
    assert takers == {"explore", "train", "signal", "guide", "audit", "sweep", "papers-screen", "watch-screen"}


def test_those_that_follow_a_run_take_its_events():
    followers = [row.load() for row in ROWS if issubclass(row.load(), RunPane)]
    assert len(followers) == 4
    for pane in followers:
        assert pane.advance is not RunPane.advance
        assert pane.end is not RunPane.end


async def test_each_key_shows_its_pane(opened):
    async with opened() as pilot:
        for screen in SCREENS:
            await pilot.press(screen.key)
            await rest(pilot)
            assert pilot.app.screen.id == screen.id
        for row in PANES:
            await pilot.press("escape", row.key)
            assert pilot.app.pane == row.id
            assert pilot.app.query_one(f"#{row.id}").display
            assert row.title in str(pilot.app.query_one("#panes").content)


@pytest.mark.slow
async def test_a_click_on_a_panes_name_shows_it(opened):
    async with opened() as pilot:
        for row in PANES:
            names = str(pilot.app.query_one("#panes").content)
            await pilot.click("#panes", offset=(names.index(row.title), 0))
            await rest(pilot)
            assert pilot.app.pane == row.id
