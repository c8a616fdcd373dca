"""Styles are looked up for widgets that stand somewhere, and what changes the layout is painted once."""

import asyncio

from textual.events import Ready
from textual.widgets import Input

from initterm.tui import app as app_module
from initterm.tui.app import LATER_STYLES, FirstScreen, InittermApp
from initterm.tui.around import where_it_stands
from initterm.tui.catalogue import PANES
from tests.tui.conftest import rest


async def test_a_widget_gets_its_styles_when_it_is_mounted(opened):
    async with opened() as pilot:
        field = Input("1", compact=True)
        await pilot.app.screen.mount(field)
        assert field.styles.height.value == 1
        field.remove_class("-textual-compact")
        assert field.styles.height.value == 3


async def test_none_are_looked_up_before():
    looked_up = []
    update = where_it_stands(lambda widget, animate: looked_up.append(widget))
    nowhere, somewhere = Input(), Input()
    somewhere._attach(Input())
    update(nowhere)
    update(somewhere)
    assert looked_up == [somewhere]


async def test_however_long_the_first_screen_takes_there_are_styles_before_the_panes_that_follow(opened, monkeypatch):
    def later(app, message):
        if not isinstance(message, Ready):
            return post(app, message)
        asyncio.get_running_loop().call_later(0.2, post, app, message)
        return True

    post, read, read_styles = InittermApp.post_message, [], InittermApp._read_styles
    monkeypatch.setattr(app_module, "PATIENCE", 0.001)
    monkeypatch.setattr(InittermApp, "post_message", later)
    monkeypatch.setattr(InittermApp, "_read_styles", lambda self, path: read.append(path) or read_styles(self, path))
    async with opened(panes=["train"]):
        assert read == [LATER_STYLES, *(row.styles for row in PANES[:2])]


async def test_the_first_picture_is_styled_once_and_again_after_another_screen(opened, monkeypatch):
    styled, update = [], FirstScreen.update_node_styles
    monkeypatch.setattr(
        FirstScreen, "update_node_styles", lambda self, animate=True: styled.append(self) or update(self, animate)
    )
    async with opened() as pilot:
        assert not styled
        await pilot.press("question_mark", "escape")
        await rest(pilot)
        assert styled


async def test_a_screen_that_is_laid_out_anew_is_painted_once(opened, monkeypatch):
    async with opened() as pilot:
        painted, screen = [], pilot.app.screen
        show = pilot.app._display
        monkeypatch.setattr(pilot.app, "_display", lambda *shown: (painted.append(shown), show(*shown)))
        screen.refresh(layout=True)
        await pilot.pause()
        assert len(painted) == 1
