"""The app ends when it has started, however early it is asked to, and its engine with it."""

import pytest
from textual.widgets import Static

from initterm.tui.endings import INTERRUPTED, EndingApp


class Engine:
    closed = 0

    def close(self):
        self.closed += 1


class App(EndingApp):
    def compose(self):
        yield Static("it starts")


@pytest.mark.parametrize("when", ["before it has started", "after"])
async def test_who_asks_it_to_end_gets_the_status_and_the_engine_is_closed(when):
    app, engine = App(), Engine()
    async with app.run_test() as pilot:
        app.engine = engine
        if when == "after":
            app.end_start()
        app.action_interrupt()
        await pilot.pause()
        assert (app.exit_wanted is not None) is (when != "after")
        app.end_start()
    assert app.return_code == INTERRUPTED
    assert engine.closed == 1


async def test_it_goes_on_after_a_start_in_which_nobody_asked():
    app = App()
    async with app.run_test() as pilot:
        app.end_start()
        await pilot.pause()
        assert app.return_code is None
        app.exit()
    assert app.return_code == 0
