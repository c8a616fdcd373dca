"""The app on a screen in memory, complete and at rest."""

import asyncio
import gc
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from functools import partial

import pytest
from textual import app as textual_app
from textual import events, pilot
from textual._context import active_app
from textual.css.model import RuleSet
from textual.css.stylesheet import Stylesheet
from textual.pilot import Pilot
from textual.screen import Screen
from textual.timer import Timer
from textual.worker import WorkerCancelled

from initterm.report import palette
from initterm.theory.initializer_rows import FAMILIES
from initterm.tui import app as app_module
from initterm.tui.app import InittermApp
from initterm.tui.catalogue import PANES
from initterm.tui.pane import Pane
from tests.tui.fakes import FakeEngine


@pytest.fixture(autouse=True)
def _collected_at_the_end():
    """An app freezes what it made, for its life; here many follow one another, and each goes when its test ends."""
    gc.freeze()
    gc.disable()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gc, "freeze", lambda: None)
        patch.setattr(gc, "unfreeze", lambda: None)
        patch.setattr(gc, "enable", lambda: None)
        yield
    gc.enable()
    gc.collect()


_in_threads: set[asyncio.Future] = set()
_undrawn: list[bool] = []
_parsed: dict[tuple, list] = {}
BEGIN_IN_A_THREAD = asyncio.BaseEventLoop.run_in_executor
DRAW = Screen._compositor_refresh
TICK = Timer._tick
PARSE = Stylesheet._parse_rules
THREAD_SECONDS = 0.1
"""How long what a thread does is waited for; a run that is held takes longer."""


async def _idle(min_sleep=0.0, max_sleep=1.0):
    """Wait until no task can go on, each waits for a key or for later, and what changed is on the screen."""
    app = active_app.get()
    end = asyncio.get_running_loop().time() + max_sleep
    for _ in range(2):
        await _nothing_runs(end)
        while _in_threads:
            await asyncio.wait(_in_threads, timeout=THREAD_SECONDS)
            _in_threads.clear()
            await _nothing_runs(end)
        if app.screen_stack:
            app._check_resize()
            if app.screen._compositor._dirty_regions:
                app.screen._dirty_widgets.add(app.screen)  # so that what was left out is drawn
            app.screen._on_timer_update()
    await _nothing_runs(end)


@contextmanager
def _nothing_drawn():
    """What changes is drawn when something is waited for outside of this."""
    _undrawn.append(True)
    try:
        yield
    finally:
        _undrawn.pop()


async def _idle_between_keys(min_sleep=0.0, max_sleep=1.0):
    """The same, but for the picture, which the next key would change: that follows the last of them."""
    with _nothing_drawn():
        await _idle(min_sleep, max_sleep)


def _drawn(screen):
    if not _undrawn:
        DRAW(screen)


async def _nothing_runs(end):
    loop = asyncio.get_running_loop()
    await asyncio.sleep(0)
    while loop._ready and loop.time() < end:
        await asyncio.sleep(0)


async def _screen_idle(pilot, timeout=30.0):
    await _idle_between_keys(max_sleep=timeout)
    return True


def _begun_in_a_thread(loop, *arguments):
    future = BEGIN_IN_A_THREAD(loop, *arguments)
    _in_threads.add(future)
    return future


async def _ticked(timer, **options):
    """Draw nothing that nobody looks at, while there is more to do: pictures are half of what an app costs."""
    if timer.name != "screen_update" or not asyncio.get_running_loop()._ready:
        await TICK(timer, **options)


@pytest.fixture(autouse=True)
def _quick_pilot(monkeypatch):
    """Textual's own pilot waits for a while in which the process does little, and asks each widget."""
    monkeypatch.setattr(textual_app, "wait_for_idle", _idle_between_keys)
    monkeypatch.setattr(pilot, "wait_for_idle", _idle)
    monkeypatch.setattr(Pilot, "_wait_for_screen", _screen_idle)
    monkeypatch.setattr(asyncio.BaseEventLoop, "run_in_executor", _begun_in_a_thread)
    monkeypatch.setattr(Timer, "_tick", _ticked)
    monkeypatch.setattr(Screen, "_compositor_refresh", _drawn)
    monkeypatch.setattr(app_module, "PATIENCE", 0.01)  # for a first picture, which nobody draws here
    yield
    _in_threads.clear()


@pytest.fixture
def panes():
    """The panes that a test needs beside the first; a file whose tests need fewer says so, as each costs a while."""
    return [pane.id for pane in PANES]


@pytest.fixture(autouse=True)
def _only_panes_needed(panes, monkeypatch):
    _let_follow(panes, monkeypatch)


def _let_follow(panes, monkeypatch):
    monkeypatch.setattr(app_module, "LATER", [pane for pane in PANES[1:] if pane.id in panes])


def _parsed_once(stylesheet, css, *arguments, **options):
    key = (css, tuple(stylesheet._variables.items()), arguments, tuple(options.items()))
    if key not in _parsed:
        _parsed[key] = PARSE(stylesheet, css, *arguments, **options)
    return _parsed[key]


@pytest.fixture(autouse=True)
def _styles_parsed_once(monkeypatch):
    """Apps of one theme share what their stylesheets say, which no app changes.

    A rule's place among all of them is its identity, which Textual asks each for in Python, for every widget.
    """
    monkeypatch.setattr(Stylesheet, "_parse_rules", _parsed_once)
    monkeypatch.setattr(RuleSet, "__hash__", object.__hash__)


@pytest.fixture(autouse=True)
def _fresh_looks(monkeypatch):
    """Colours go to initializers in the order they are met, which tests before have no part in."""
    catalogue = list(palette._PLACE_OF.items())[: len(FAMILIES)]
    monkeypatch.setattr(palette, "_PLACE_OF", dict(catalogue))


@pytest.fixture(autouse=True)
def _all_colours(monkeypatch):
    """Pictures are those of a terminal with all colours, whatever the tests run in."""
    monkeypatch.setenv("COLORTERM", "truecolor")


async def complete(pilot):
    """Wait until all panes are there; each that comes would change the picture."""
    with _nothing_drawn():
        while pilot.app.starting:
            await pilot.pause(0.01)
    await rest(pilot)


async def rest(pilot):
    """Wait until the app has nothing left to do, what threads have only just told and what it draws soon included."""
    with _nothing_drawn():
        for _ in range(3):
            await _worked(pilot)
    await pilot.pause()


async def _worked(pilot):
    """Wait for the workers that are there, and let panes draw what they have put off."""
    with suppress(WorkerCancelled):  # by a newer one
        await pilot.app.workers.wait_for_complete()
    await pilot.pause()
    for pane in _about_to_draw(pilot.app):
        pane.call_next(pane.redraw)


def _about_to_draw(app):
    """Panes that put off drawing what has changed."""
    nodes = (node for screen in app.screen_stack for node in screen.walk_children(Pane, with_self=True))
    return [pane for pane in nodes if pane._redraw_timer]


def type_at_once(pilot, *keys):
    """Keys as they come from a held key, all of them before the app has looked at the first."""
    for key in keys:
        pilot.app.post_message(events.Key(key, key if len(key) == 1 else None))


def notices(app):
    return [notice.message for notice in app._notifications]


@pytest.fixture
def opened(monkeypatch):
    """Opens the app with a fake engine; gives the pilot. What the net catches fails the test."""

    @asynccontextmanager
    async def open_app(size=(80, 24), *, bugs_expected=False, panes=None, opens="", **options):
        if panes is not None:
            _let_follow(panes, monkeypatch)
        app = InittermApp(partial(FakeEngine, **options), opens=opens)
        async with AsyncExitStack() as running:
            with _nothing_drawn():
                pilot = await running.enter_async_context(app.run_test(size=size))
            await complete(pilot)
            yield pilot
        if app.bugs.errors and not bugs_expected:
            raise app.bugs.errors[0]

    return open_app
