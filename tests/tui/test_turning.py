"""The focus is in the pane that is shown, however fast the keys come."""

import pytest
from textual import events

from initterm.tui.app import InittermApp
from initterm.tui.catalogue import PANES
from initterm.tui.turning import TurningApp
from tests.tui.conftest import rest
from tests.tui.fakes import FakeEngine


def type_at_once(app, keys):
    for key in keys.split():
        app.post_message(events.Key(key, {"slash": "/"}.get(key, key)))


def has_focus(app):
    """The id of the pane in which the focus is."""
    return app.focused and next(node.id for node in app.focused.ancestors if node.id in ("explore", "guide", "train"))


@pytest.mark.parametrize("keys", ["4 slash g", "slash 4", "4 1 slash 4 slash", "2 1 4 slash", "4 slash x"])
async def test_keys_that_come_at_once_leave_the_focus_in_the_pane_that_is_shown(opened, keys):
    async with opened() as pilot:
        type_at_once(pilot.app, keys)
        await rest(pilot)
        assert has_focus(pilot.app) == pilot.app.pane


@pytest.mark.parametrize("keys", ["4 slash", "4 slash g"])
async def test_keys_that_come_while_panes_are_mounted_leave_the_focus_in_the_pane_that_is_shown(keys):
    app = InittermApp(FakeEngine)
    async with app.run_test() as pilot:
        while not app.query("#guide"):
            await pilot.pause(0.001)
        type_at_once(app, keys)
        while app.starting:
            await pilot.pause(0.01)
        await rest(pilot)
        assert has_focus(app) == app.pane


def test_the_app_begins_with_the_first_pane_of_the_list():
    assert TurningApp.pane._default == PANES[0].id == InittermApp(FakeEngine).pane
