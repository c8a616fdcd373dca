"""Keys that come in one read go where they would go if each were typed after the one before."""

import asyncio
import time
from typing import ClassVar

import pytest
from textual.binding import Binding
from textual.containers import Vertical
from textual.events import Key, MouseDown, MouseUp, Paste
from textual.widgets import Button, Input

from initterm.tui import type_ahead
from initterm.tui.commands import InittermCommands
from initterm.tui.training.pane import TrainPane
from initterm.tui.type_ahead import MANY, TypingApp
from tests.tui.conftest import rest, type_at_once


@pytest.fixture
def panes():
    return ["train", "guide"]


async def test_a_whole_task_in_one_read(opened):
    async with opened((120, 36)) as pilot:
        type_at_once(pilot, "4", "slash", *"gelu", "enter", "t")
        await rest(pilot)
        assert pilot.app.query_one("#guide-filter", Input).value == "gelu"
        assert pilot.app.pane == "train"
        assert pilot.app.query_one(TrainPane).entered.network.activation == "gelu"


async def test_a_command_of_the_palette_and_what_follows_it(opened):
    async with opened() as pilot:
        type_at_once(pilot, "ctrl+p", *"guide selu", "enter", "2")
        await rest(pilot)
        assert len(pilot.app.screen_stack) == 1
        assert pilot.app.query_one("#guide").chosen.activation.title == "SELU"
        assert pilot.app.pane == "train"


async def test_a_number_typed_into_the_first_setting(opened):
    async with opened() as pilot:
        type_at_once(pilot, "2", "s", *"12x48", "enter", "4")
        await rest(pilot)
        assert pilot.app.query_one(TrainPane).entered.network.hidden == (48,) * 12
        assert pilot.app.pane == "guide"


async def test_a_paste_goes_where_the_keys_before_it_lead(opened):
    async with opened() as pilot:
        type_at_once(pilot, "2", "s")
        pilot.app.post_message(Paste("9x48"))
        type_at_once(pilot, "enter")
        await rest(pilot)
        assert pilot.app.query_one(TrainPane).entered.network.hidden == (48,) * 9


async def test_what_a_terminal_types_instead_of_pasting_is_looked_for_at_once(opened, monkeypatch):
    searched = []
    search = InittermCommands.search

    def counted(self, query):
        searched.append(query)
        return search(self, query)

    monkeypatch.setattr(InittermCommands, "search", counted)
    async with opened() as pilot:
        type_at_once(pilot, "ctrl+p", *"guide", *" selu" * 60, "escape", "4", "slash", *"gelu", "enter")
        await rest(pilot)
        assert pilot.app.query_one("#guide-filter", Input).value == "gelu"
    assert "guide" + " selu" * 60 in [query.strip() for query in searched]
    assert len(searched) < MANY


class Slow(Input):
    """Takes each key after a while, or never."""

    seconds = 0.0

    async def _on_key(self, event: Key) -> None:
        if event.key == "h":
            await asyncio.sleep(self.seconds)
        self.app.handled.append(event.key)


class App(TypingApp):
    BINDINGS: ClassVar = [Binding("ctrl+q", "quit", priority=True)]

    def __init__(self):
        super().__init__()
        self.handled = []

    def compose(self):
        with Vertical():
            yield Slow()
            yield Input(id="other")
            yield Button("press")

    def on_button_pressed(self):
        self.handled.append("pressed")


async def test_a_key_that_hangs_holds_up_the_others_for_a_while_only(monkeypatch):
    monkeypatch.setattr(type_ahead, "STUCK_SECONDS", 0.05)
    app = App()
    async with app.run_test() as pilot:
        slow = app.query_one(Slow)
        slow.seconds = 60.0
        slow.focus()
        await pilot.pause()
        type_at_once(pilot, "h")
        await pilot.pause()
        app.query_one("#other").focus()
        began = time.monotonic()
        type_at_once(pilot, *"abc")
        while app.query_one("#other", Input).value != "abc" and time.monotonic() < began + 5:
            await asyncio.sleep(0.01)
        assert app.query_one("#other", Input).value == "abc"
        slow._task.cancel()


async def test_what_leads_out_of_a_key_that_hangs_waits_for_nothing(monkeypatch):
    app = App()
    async with app.run_test() as pilot:
        slow = app.query_one(Slow)
        slow.seconds = 60.0
        slow.focus()
        await pilot.pause()
        type_at_once(pilot, "h", "a", "ctrl+q")
        await pilot.pause()
        assert app.return_code == 0
        slow._task.cancel()


async def test_a_click_waits_for_the_keys_before_it():
    app = App()
    async with app.run_test() as pilot:
        slow = app.query_one(Slow)
        slow.seconds = 0.05
        slow.focus()
        await pilot.pause()
        x, y = app.query_one(Button).region.center
        at = {"delta_x": 0, "delta_y": 0, "button": 1, "shift": False, "meta": False, "ctrl": False}
        type_at_once(pilot, "h")
        app.post_message(MouseDown(None, int(x), int(y), **at))
        app.post_message(MouseUp(None, int(x), int(y), **at))
        type_at_once(pilot, "tab")
        while len(app.handled) < 2:
            await asyncio.sleep(0.01)
        assert app.handled == ["h", "pressed"]


async def test_what_was_typed_for_screens_that_are_gone_is_for_nobody(opened):
    async with opened() as pilot:
        app = pilot.app
    assert not app.screen_stack
    await app.on_event(Key("a", "a"))
    app._waiting.append(Key("b", "b"))
    await app._begin_next()
