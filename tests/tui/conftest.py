"""The app on a screen in memory, complete and at rest."""

import asyncio
import gc
from contextlib import asynccontextmanager, suppress
from functools import partial

import pytest
from textual import _wait, events
from textual.worker import WorkerCancelled

from initterm.report import palette
from initterm.theory.initializer_rows import FAMILIES
from initterm.tui.app import InittermApp
from initterm.tui.pane import Pane
from tests.tui.fakes import FakeEngine


@pytest.fixture(autouse=True)
def _collected_at_the_end():
    """An app freezes what it made, for its life; here many follow one another, and each goes when its test ends."""
    gc.freeze()
    gc.disable()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gc, "freeze", lambda: None)
        patch.setattr(gc, "enable", lambda: None)
        yield
    gc.enable()
    gc.collect()


@pytest.fixture
def fast_keys(monkeypatch):
    """Keys that don't wait for all that follows: Textual's pilot asks twice for each, fifty times a second at most."""
    monkeypatch.setattr(_wait, "SLEEP_GRANULARITY", 1 / 400)
    monkeypatch.setattr(_wait, "SLEEP_IDLE", 1 / 1000)


@pytest.fixture(autouse=True)
def _fresh_looks(monkeypatch):
    """Colours go to initializers in the order they are met, which tests before have no part in."""
    catalogue = list(palette._LOOK_OF.items())[: len(FAMILIES)]
    monkeypatch.setattr(palette, "_LOOK_OF", dict(catalogue))


async def rest(pilot):
    """Wait until the app has nothing left to do, what threads have only just told included."""
    for _ in range(3):
        await asyncio.sleep(0.01)
        while _will_draw(pilot.app):
            await asyncio.sleep(0.01)
        with suppress(WorkerCancelled):  # by a newer one
            await pilot.app.workers.wait_for_complete()
        await pilot.pause()


def _will_draw(app):
    """Whether a pane puts off drawing what has changed."""
    nodes = (node for screen in app.screen_stack for node in screen.walk_children(Pane, with_self=True))
    return any(pane._redraw_timer for pane in nodes)


def type_at_once(pilot, *keys):
    """Keys as they come from a held key, all of them before the app has looked at the first."""
    for key in keys:
        pilot.app.post_message(events.Key(key, key if len(key) == 1 else None))


def notices(app):
    return [notice.message for notice in app._notifications]


@pytest.fixture
def opened():
    """Opens the app with a fake engine; gives the pilot. What the net catches fails the test."""

    @asynccontextmanager
    async def open_app(size=(80, 24), *, bugs_expected=False, **options):
        app = InittermApp(partial(FakeEngine, **options))
        async with app.run_test(size=size) as pilot:
            while not app.query("#audit").nodes:
                await pilot.pause(0.01)
            await rest(pilot)
            yield pilot
        if app.bugs.errors and not bugs_expected:
            raise app.bugs.errors[0]

    return open_app
