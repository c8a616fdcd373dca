"""A key that is held over a modal ends with it."""

import pytest
from textual.events import Key

from initterm.tui import modal
from initterm.tui.modal import FIRST_REPEAT, NEXT_REPEAT, HeldKey
from tests.tui.conftest import rest, type_at_once

KEYBOARD_WAITS, REPEATS = 0.66, 0.03
"""Seconds until a keyboard first repeats a key, and between two repetitions, as X11 has it."""


def _key(name, seconds=0.0):
    """A key that came so many seconds from now."""
    event = Key(name, None)
    event.time += seconds
    return event


async def test_a_held_q_closes_the_help_and_does_not_quit(opened):
    async with opened() as pilot:
        app = pilot.app
        type_at_once(pilot, "question_mark", *"qqqqqq")
        await rest(pilot)
        await pilot.press("question_mark")
        await rest(pilot)
        type_at_once(pilot, *"qqqq")
        await rest(pilot)
        assert len(app.screen_stack) == 1
        assert app.is_running
        await pilot.press("4")
        assert app.pane == "guide"
        await pilot.press("q")
        assert app.return_code == 0


async def test_a_held_enter_runs_a_command_of_the_palette_and_takes_no_row_of_the_pane(opened):
    async with opened() as pilot:
        await pilot.press("4", "ctrl+p", *"copy")
        await rest(pilot)
        type_at_once(pilot, "enter", "enter", "enter")
        await rest(pilot)
        assert len(pilot.app.screen_stack) == 1
        assert pilot.app.pane == "guide"


def test_a_key_is_held_until_it_was_let_go_of_for_a_while():
    held = HeldKey()
    assert not held.has(_key("q"), over_pane=True)
    comes = [KEYBOARD_WAITS + number * REPEATS for number in range(100)]
    assert all(held.has(_key("q", seconds), over_pane=False) for seconds in comes)
    assert not held.has(_key("q", comes[-1] + NEXT_REPEAT + REPEATS), over_pane=False)


def test_who_presses_a_key_again_and_again_is_heard():
    held = HeldKey()
    assert not held.has(_key("q"), over_pane=True)
    assert held.has(_key("q", FIRST_REPEAT / 2), over_pane=False)
    assert not held.has(_key("q", FIRST_REPEAT / 2 + 1.1 * NEXT_REPEAT), over_pane=False)


def test_a_key_that_waited_longer_than_that_for_a_busy_app_is_held_as_well(monkeypatch):
    held, later = HeldKey(), _key("q", 10.0)
    monkeypatch.setattr(modal.time, "monotonic", lambda: later.time)
    assert not held.has(_key("q"), over_pane=True)
    assert held.has(_key("q", 5.0), over_pane=False)


@pytest.mark.parametrize("other", ["4", "enter", "ctrl+q"])
def test_another_key_lets_go_of_it(other):
    held = HeldKey()
    held.has(_key("q"), over_pane=True)
    assert not held.has(_key(other), over_pane=False)
    assert not held.has(_key("q"), over_pane=False)
