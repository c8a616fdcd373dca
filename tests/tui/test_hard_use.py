"""No key, click, paste or size ends the app, however often and fast it comes."""

import asyncio

import pytest
from textual import events
from textual.widgets import Input, LoadingIndicator, OptionList

from initterm.pipe.state import EngineState
from initterm.tui.commands import Palette
from initterm.tui.messages import EngineChanged, Sent
from tests.tui.conftest import notices, rest, type_at_once
from tests.tui.fakes import READY

HELD = (
    ("f", "enter enter enter"),
    ("f", "escape escape"),
    ("question_mark", "escape escape question_mark question_mark"),
    ("e", "escape escape"),
    ("P", "escape escape escape"),
    ("P", "escape P escape P"),
    ("ctrl+p", "escape escape"),
    ("ctrl+p", "down enter enter enter"),
    ("ctrl+p", "x escape escape"),
    ("1", "ctrl+p escape escape escape"),
    ("1", "ctrl+p z escape"),
    ("1", "P P escape question_mark escape escape"),
)
"""What is pressed first, and what follows before the app has looked at the first of it."""

ODD_TEXTS = ("[b]", "[/]", "[@click=app.quit]x[/]", "\x00\x1b[31m\u202e", "\ud800", "🎲" * 5, "x" * 1_000_000)


# Keys and clicks that come twice


@pytest.mark.slow
async def test_a_held_key_closes_once_what_it_closes(opened):
    async with opened() as pilot:
        for before, at_once in HELD:
            await pilot.press("1", before)
            await rest(pilot)
            type_at_once(pilot, *at_once.split())
            await rest(pilot)
            assert len(pilot.app.screen_stack) in (1, 2), (before, at_once)
            await pilot.press("escape", "escape", "4")
            assert pilot.app.pane == "guide", (before, at_once)


async def test_a_click_beside_the_palette_and_escape_in_one_frame(opened):
    async with opened() as pilot:
        await pilot.press("ctrl+p")
        await rest(pilot)
        for event in (events.MouseDown, events.MouseUp):
            pilot.app.post_message(event(None, 1, 0, 0, 0, 1, False, False, False, screen_x=1, screen_y=0))
        type_at_once(pilot, "escape", "escape")
        await rest(pilot)
        assert len(pilot.app.screen_stack) == 1


async def test_a_click_beside_the_screen_that_became_smaller_under_the_palette(opened):
    async with opened() as pilot:
        await pilot.press("ctrl+p")
        await rest(pilot)
        palette = pilot.app.screen
        await pilot.resize_terminal(40, 12)
        palette.post_message(events.Click(palette, 115, 35, 0, 0, 1, False, False, False, screen_x=115, screen_y=35))
        await rest(pilot)
        assert pilot.app.screen is palette


async def test_the_palette_is_found_to_be_busy_on_its_way_out(opened):
    async with opened() as pilot:
        await pilot.press("ctrl+p")
        await rest(pilot)
        palette = pilot.app.screen
        palette.dismiss()
        while palette.query(LoadingIndicator):
            await asyncio.sleep(0)
        palette._show_busy = not palette._show_busy
        await rest(pilot)
        assert not pilot.app.bugs.report


async def test_a_time_that_has_passed_already_is_waited_for_no_more(opened):
    """As that of a notice may have, to the microsecond, that is shown on another screen."""
    async with opened() as pilot:
        for delay in (-2e-5, -1.0, 0.0):
            told = asyncio.Event()
            pilot.app.set_timer(delay, told.set)
            await asyncio.wait_for(told.wait(), 5)


@pytest.mark.slow
async def test_the_palette_opens_again_while_the_one_before_is_on_its_way_out(opened):
    async with opened() as pilot:
        for _ in range(10):
            pilot.app.action_command_palette()
            assert isinstance(pilot.app.screen, Palette)
            pilot.app.screen.dismiss()
        await rest(pilot)
        await pilot.press("4")
        assert pilot.app.pane == "guide"


async def test_a_held_enter_runs_a_command_of_the_palette_once(opened):
    async with opened() as pilot:
        await pilot.press("ctrl+p", *"anothersample")
        await rest(pilot)
        before = pilot.app.query_one("#explore").choice.seed
        type_at_once(pilot, "enter", "enter", "enter")
        await rest(pilot)
        assert pilot.app.query_one("#explore").choice.seed == before + 1


async def test_a_file_that_is_written_under_the_palette_closes_the_question(opened, tmp_path):
    """The question goes as soon as it is on top again."""
    async with opened() as pilot:
        await pilot.press("e")
        question = pilot.app.screen
        await pilot.press("ctrl+p")
        await rest(pilot)
        question.dismiss()
        await pilot.press("escape")
        await rest(pilot)
        assert len(pilot.app.screen_stack) == 1


# Lists without room


@pytest.mark.parametrize("size", [(80, 4), *(pytest.param(size, marks=pytest.mark.slow) for size in ((5, 3), (1, 1)))])
async def test_paging_through_a_list_without_room(opened, size):
    async with opened(size=size) as pilot:
        for keys in ("4", "2", "3", "5", "ctrl+p", "P", "2 a enter"):
            await pilot.press("escape", "escape", *keys.split())
            await rest(pilot)
            for widget in pilot.app.screen.query(OptionList):
                widget.action_page_down()
                widget.action_page_up()
            await pilot.press("pagedown", "pagedown", "pageup", "end", "pageup", "home", "down", "up")
            await rest(pilot)


# What looks like markup


async def test_what_is_said_is_shown_as_it_is(opened):
    async with opened(size=(100, 30)) as pilot:
        app = pilot.app
        for text in ODD_TEXTS[:-1]:
            app.query_one("#explore").notify(text, title=text)
            app.notify(text)
            app.copy_to_clipboard(text)
        await rest(pilot)
        assert set(notices(app)) == set(ODD_TEXTS[:-1])
        assert not any(notice.markup for notice in app._notifications)


@pytest.mark.slow
async def test_odd_text_pasted_into_every_input(opened):
    async with opened(size=(100, 30)) as pilot:
        app = pilot.app
        for pane in ("1", "2", "3", "4", "5"):
            await pilot.press("escape", pane)
            for text in ODD_TEXTS:
                for one in app.query_one(f"#{app.pane}").query(Input):
                    one.value = ""
                    one.post_message(events.Paste(text))
                await pilot.pause()


async def test_an_experiment_that_is_sent_under_the_help_turns_to_its_pane(opened):
    from initterm.experiments.training.experiment import Experiment

    async with opened() as pilot:
        await pilot.press("P", "question_mark")
        pilot.app.post_message(Sent("train", Experiment()))
        await rest(pilot)
        await pilot.press("escape", "escape")
        await rest(pilot)
        assert pilot.app.pane == "train"


async def test_the_engine_may_be_in_any_state_at_any_moment(opened):
    async with opened() as pilot:
        for kind in ("failed", "loading", "restarting", "ready", "ready", "failed"):
            pilot.app.post_message(EngineChanged(EngineState(kind, f"[b] {kind} [/]")))
        pilot.app.post_message(EngineChanged(READY))
        await rest(pilot)
