"""However much is pasted or typed, an input holds what can be worked with, and says what it left out."""

import pytest
from textual import events
from textual.widgets import Input

from initterm.tui.around import LONGEST
from initterm.tui.commands import Palette
from tests.tui.conftest import notices, rest


@pytest.mark.slow
async def test_a_long_paste_is_shortened_in_every_input_and_that_is_said(opened):
    async with opened(size=(100, 30)) as pilot:
        inputs = [*pilot.app.query(Input)]
        assert len(inputs) >= 5
        for one in inputs:
            one.value = "ab"
            one.cursor_position = 1
            one.post_message(events.Paste("x" * 1_000_000))
        await rest(pilot)
        for one in inputs:
            assert (len(one.value), one.value[0], one.value[-1]) == (LONGEST, "a", "b")
            assert one.cursor_position == LONGEST - 1
        assert set(notices(pilot.app)) == {"The paste was shortened: an input holds 10,000 characters."}


async def test_a_long_paste_into_the_palette_is_shortened(opened):
    async with opened() as pilot:
        await pilot.press("ctrl+p")
        await rest(pilot)
        pilot.app.post_message(events.Paste("漢" * 1_000_000))
        await rest(pilot)
        assert isinstance(pilot.app.screen, Palette)
        assert pilot.app.screen.query_one(Input).value == "漢" * LONGEST
        assert len(notices(pilot.app)) == 1


async def test_what_is_pasted_over_a_selection_has_its_room(opened):
    async with opened() as pilot:
        one = pilot.app.query_one("#guide-filter", Input)
        one.value = "x" * LONGEST
        one.replace("gelu", 0, LONGEST)
        assert one.value == "gelu"
        one.replace("y" * LONGEST, 4, 0)
        assert one.value == "y" * LONGEST
        assert notices(pilot.app) == []


async def test_a_held_key_stops_where_the_input_is_full(opened):
    async with opened() as pilot:
        one = pilot.app.query_one("#guide-filter", Input)
        one.value = "x" * (LONGEST - 1)
        for _ in range(3):
            one.insert_text_at_cursor("z")
        await rest(pilot)
        assert one.value == "x" * (LONGEST - 1) + "z"
        assert notices(pilot.app) == []
        one.insert_text_at_cursor("more")
        await rest(pilot)
        assert one.value == "x" * (LONGEST - 1) + "z"
        assert len(notices(pilot.app)) == 1
