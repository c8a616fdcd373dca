"""What a message calls forth is followed through messages and callbacks, and no further."""

import asyncio

from textual.message import Message
from textual.widget import Widget
from textual.widgets import Static

from initterm.tui.called_forth import CalledForth
from initterm.tui.net import NettedApp


class Asked(Message):
    pass


class Answered(Message):
    pass


class Asker(Static):
    def on_asked(self):
        self.call_next(self.app.query_one("#other").post_message, Answered())


class Other(Static):
    def on_answered(self):
        self.app.call_later(self.app.seen.append, "answered")
        self.set_timer(60.0, print)


class App(NettedApp):
    def __init__(self):
        super().__init__()
        self.seen = []

    def compose(self):
        yield Asker()
        yield Other(id="other")


async def until_handled(widget: Widget, app: App):
    called_forth = CalledForth(lambda: app.seen.append("handled"))
    called_forth.add()
    with called_forth.handling():
        widget.post_message(Asked())
    while "handled" not in app.seen:
        await asyncio.sleep(0)


async def test_it_is_handled_when_what_was_posted_last_is_and_waits_for_no_timer():
    app = App()
    async with app.run_test():
        await asyncio.wait_for(until_handled(app.query_one(Asker), app), 5)
        assert app.seen == ["answered", "handled"]


async def test_what_fails_is_handled_too(monkeypatch):
    monkeypatch.setattr(Other, "on_answered", lambda self: 1 / 0)
    app = App()
    async with app.run_test():
        await asyncio.wait_for(until_handled(app.query_one(Asker), app), 5)
    assert [type(error) for error in app.bugs.errors] == [ZeroDivisionError]
