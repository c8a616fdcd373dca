"""What was closed or composed anew is let go of, however long the app is used."""

import asyncio
import gc
import weakref

import pytest
from textual.widgets import Static

from initterm.tui.widgets.title_line import TitleLine
from tests.tui.conftest import rest

OPENED = ("question_mark", "ctrl+p", "e", "k")


def _weak(things):
    return [weakref.ref(thing) for thing in things]


async def _left(weak):
    """What is left after the timers have ended that last a moment longer than what they were for."""
    for _ in range(20):
        gc.collect()
        if not any(ref() for ref in weak):
            break
        await asyncio.sleep(0.05)
    return [thing for ref in weak if (thing := ref()) is not None]


@pytest.mark.slow
async def test_nothing_is_left_of_a_screen_that_was_closed(opened):
    """Nor of what was drawn on it, which takes more than the screen."""
    async with opened() as pilot:
        for key in OPENED:
            await pilot.press(key)
            await rest(pilot)
            widgets = [*pilot.app.screen.walk_children(with_self=True)]
            gone = _weak([*widgets, *(widget._styles_cache for widget in widgets)])
            del widgets
            await pilot.press("escape", "down", "up")
            await rest(pilot)
            assert not await _left(gone), key


async def test_who_still_holds_a_closed_screen_holds_nothing_that_was_on_it(opened):
    """As a widget does to which it sent the last message."""
    async with opened() as pilot:
        await pilot.press("question_mark")
        await rest(pilot)
        held = pilot.app.screen
        gone = _weak(held.walk_children())
        await pilot.press("escape", "down", "up")
        await rest(pilot)
        assert not held.is_running
        assert not await _left(gone)


async def test_a_widget_does_not_hold_the_screen_that_was_at_work_when_it_was_mounted(opened):
    async with opened() as pilot:
        await pilot.press("question_mark")
        await rest(pilot)
        shown, mounted = pilot.app.screen, Static("mounted meanwhile")
        gone = _weak([shown])
        shown.call_later(pilot.app.screen_stack[0].mount, mounted)
        await rest(pilot)
        del shown
        await pilot.press("escape", "down", "up")
        mounted.refresh()
        await rest(pilot)
        assert mounted.is_running
        assert not await _left(gone)


async def test_a_screen_that_is_not_shown_lets_go_of_what_is_removed_from_it(opened):
    async with opened() as pilot:
        await pilot.press("P")
        await rest(pilot)
        line = pilot.app.screen.query_one(TitleLine)
        await pilot.press("1")
        line.refresh(recompose=True)
        await rest(pilot)
        gone = _weak(line.children)
        line.refresh(recompose=True)
        await rest(pilot)
        assert gone
        assert not await _left(gone)


async def test_an_app_that_has_ended_keeps_nothing_from_the_collector(opened, monkeypatch):
    """Where apps follow one another in a process, as in a test or a notebook, each would stay for ever."""
    calls = []
    for name in ("freeze", "unfreeze"):
        monkeypatch.setattr(gc, name, lambda name=name: calls.append(name))
    async with opened(panes=()):
        assert calls == ["freeze"]
    assert calls == ["freeze", "unfreeze"]
