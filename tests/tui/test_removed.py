"""What was closed or composed anew is let go of, however long the app is used."""

import asyncio
import gc
import weakref

from textual.widgets import Footer

from tests.tui.conftest import rest

OPENED = ("question_mark", "ctrl+p", "e", "f")


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


async def test_the_footer_lets_go_of_keys_that_it_has_shown_before(opened):
    async with opened() as pilot:
        keys = _weak(pilot.app.query_one(Footer).children)
        assert keys
        await pilot.press("2", "1", "2", "1")
        await rest(pilot)
        assert not await _left(keys)
