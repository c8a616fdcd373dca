"""The places in Textual that the app puts something around are there, and what is put around them is called."""

import pytest
from textual.app import App

from initterm.tui import textual_privates as privates

PLACES = [name for name in dir(privates) if name.isupper()]


class Greeter:
    def greet(self, name):
        return f"hello {name}"


def loud(greet):
    return lambda self, name: greet(self, name).upper()


def test_what_is_put_around_is_called_instead():
    privates.replace(((Greeter, "greet"),), loud)
    assert Greeter().greet("you") == "HELLO YOU"


@pytest.mark.parametrize("places", PLACES)
def test_textual_has_every_place(places):
    found = getattr(privates, places)
    assert found
    assert all(callable(getattr(owner, name)) for owner, name in found)


async def test_the_running_app_is_the_one_that_runs():
    assert privates.running_app() is None
    app, seen = App(), []
    async with app.run_test() as pilot:
        app.call_later(lambda: seen.append(privates.running_app()))
        await pilot.pause()
    assert seen == [app]
