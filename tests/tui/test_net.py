"""No bug ends the app: what goes wrong is said, written down, and the app goes on."""

import asyncio
import threading

import pytest
from textual.message import Message
from textual.widgets import Static

from initterm.pipe.state import EngineState
from initterm.tui.app import InittermApp
from initterm.tui.commands import InittermCommands, Palette
from initterm.tui.messages import EngineChanged
from initterm.tui.net import CANT_DRAW, MOST_FAILED_DRAWS
from initterm.tui.widgets.plot import Plot
from tests.tui.conftest import notices, rest, type_at_once
from tests.tui.fakes import FakeEngine


@pytest.fixture
def panes():
    return ["guide"]


@pytest.fixture(autouse=True)
def _logs_under_tmp_path(monkeypatch, tmp_path):
    monkeypatch.setattr("platformdirs.user_log_dir", lambda name: str(tmp_path))


class Odd(Message):
    """Handled by ``Faulty``."""


class Faulty(Static):
    """Goes wrong wherever it is told to."""

    wrong = ""

    def on_odd(self):
        raise KeyError("handler")

    def render(self):
        if self.wrong == "render":
            raise ValueError("render [b]")
        return "fine"

    def fail(self):
        raise ZeroDivisionError("here")

    async def fail_later(self):
        raise ZeroDivisionError("here")


def in_handler(pilot, faulty):
    faulty.post_message(Odd())


def in_timer(pilot, faulty):
    faulty.set_timer(0.001, faulty.fail)


def in_callbacks(pilot, faulty):
    faulty.call_next(faulty.fail)
    faulty.call_later(faulty.fail)
    faulty.call_after_refresh(faulty.fail)


def in_worker(pilot, faulty):
    faulty.run_worker(faulty.fail_later())


def in_thread_worker(pilot, faulty):
    faulty.run_worker(faulty.fail, thread=True)


def in_watcher(pilot, faulty):
    faulty.watch(pilot.app, "activity", faulty.fail, init=False)
    pilot.app.activity = "something"


def in_render(pilot, faulty):
    faulty.wrong = "render"
    faulty.refresh(layout=True)


def in_loop(pilot, faulty):
    asyncio.get_running_loop().call_soon(faulty.fail)


def in_thread(pilot, faulty):
    threading.Thread(target=faulty.fail).start()


def in_action(pilot, faulty):
    pilot.app.action_help = faulty.fail
    type_at_once(pilot, "question_mark")


@pytest.mark.parametrize(
    "go_wrong",
    [
        *(in_handler, in_thread_worker, in_render, in_loop, in_action),
        *(
            pytest.param(one, marks=pytest.mark.slow)
            for one in (in_timer, in_callbacks, in_worker, in_watcher, in_thread)
        ),
    ],
)
async def test_an_error_becomes_a_sentence_and_the_app_goes_on(opened, go_wrong):
    async with opened(bugs_expected=True) as pilot:
        app = pilot.app
        faulty = Faulty()
        await app.query_one("#explore").mount(faulty)
        go_wrong(pilot, faulty)
        while not notices(app):
            await pilot.pause(0.01)
        (said,) = notices(app)
        assert type(app.bugs.errors[0]).__name__ in said
        assert str(app.bugs.log) in said
        assert "Traceback" in app.bugs.log.read_text()
        done = []
        faulty.call_later(done.append, "its loop goes on")
        await pilot.press("4", "slash", *"gelu")
        await pilot.pause()
        assert done
        assert app.query_one("#guide").chosen.activation.name == "gelu"


async def test_callbacks_after_one_that_fails_are_called(opened):
    async with opened(bugs_expected=True) as pilot:
        faulty, done = Faulty(), []
        await pilot.app.query_one("#explore").mount(faulty)
        in_callbacks(pilot, faulty)
        faulty.call_next(done.append, "next")
        faulty.call_later(done.append, "later")
        faulty.call_after_refresh(done.append, "refreshed")
        await rest(pilot)
        assert sorted(done) == ["later", "next", "refreshed"]


async def test_a_watcher_that_fails_keeps_no_other_from_the_new_value(opened):
    async with opened(bugs_expected=True, panes=["signal", "train", "audit"]) as pilot:
        for pane in ("explore", "signal", "train"):
            pilot.app.query_one(f"#{pane}").watch_engine_state = lambda: 1 / 0
        pilot.app.post_message(EngineChanged(EngineState("failed", "no engine: it is a test.")))
        await rest(pilot)
        assert pilot.app.query_one("#audit").engine_state.kind == "failed"
        assert "no engine: it is a test" in str(pilot.app.query_one("#status", Static).content)


async def test_the_same_error_is_said_once_and_counted(opened):
    async with opened(bugs_expected=True) as pilot:
        faulty = Faulty()
        await pilot.app.query_one("#explore").mount(faulty)
        for _ in range(200):
            faulty.post_message(Odd())
        await rest(pilot)
        assert len(notices(pilot.app)) == 1
        assert 1 < len(pilot.app.bugs.errors) < 50
        assert pilot.app.bugs.log.stat().st_size < 100_000


async def test_a_widget_that_cannot_draw_says_so_in_its_place(opened, monkeypatch):
    async with opened(size=(120, 36), bugs_expected=True) as pilot:
        faulty = Faulty()
        faulty.styles.dock = "top"
        await pilot.app.screen.mount(faulty)
        in_render(pilot, faulty)
        monkeypatch.setattr("initterm.tui.widgets.plot.painted", lambda *_: 1 / 0)
        await pilot.press("down")
        await rest(pilot)
        picture = "\n".join(strip.text for strip in pilot.app.screen._compositor.render_strips())
        assert f"{CANT_DRAW}ValueError: render [b]" in picture
        assert f"{CANT_DRAW}ZeroDivisionError" in picture
        assert "lecun_normal" in picture
        assert pilot.app.query(Plot)


async def test_the_last_error_is_copied_from_the_palette_and_from_the_help(opened):
    async with opened(bugs_expected=True) as pilot:
        app = pilot.app
        faulty = Faulty()
        await app.query_one("#explore").mount(faulty)
        in_handler(pilot, faulty)
        await rest(pilot)
        await pilot.press("ctrl+p", *"copythelasterror")
        await rest(pilot)
        await pilot.press("enter")
        await rest(pilot)
        assert "KeyError: 'handler'" in app.clipboard
        assert "Traceback" in app.clipboard
        app.copy_to_clipboard("")
        await pilot.press("question_mark")
        assert str(app.bugs.log) in app.screen._words
        await pilot.press("y")
        assert "KeyError: 'handler'" in app.clipboard


async def test_a_screen_that_cannot_be_drawn_any_more_ends_the_app(monkeypatch):
    app = InittermApp(FakeEngine)

    async def draws_no_more():
        async with app.run_test() as pilot:
            monkeypatch.setattr("textual._compositor.Compositor.render_update", lambda *_, **__: 1 / 0)
            for _ in range(MOST_FAILED_DRAWS):
                app.refresh()
                await pilot.pause()

    with pytest.raises(ZeroDivisionError):
        await draws_no_more()
    assert app.return_code == 1
    assert len(app.bugs.errors) == MOST_FAILED_DRAWS


async def test_a_screen_that_cannot_be_drawn_once_is_drawn_again(opened, monkeypatch):
    from textual._compositor import Compositor

    draw, left = Compositor.render_update, [1, 1]

    def fails_twice(self, *arguments, **options):
        if left:
            left.pop()
            raise ValueError("not now")
        return draw(self, *arguments, **options)

    async with opened(bugs_expected=True) as pilot:
        for _ in range(2 * MOST_FAILED_DRAWS):
            left[:] = [1, 1]
            with monkeypatch.context() as patch:
                patch.setattr(Compositor, "render_update", fails_twice)
                for _ in range(3):
                    pilot.app.refresh()
                    await pilot.pause()
        await pilot.press("4")
        assert pilot.app.pane == "guide"


@pytest.mark.parametrize("place", ["compose", "on_mount"])
async def test_an_error_at_the_very_start_ends_the_app(monkeypatch, place):
    monkeypatch.setattr(f"initterm.tui.weights.pane.ExplorePane.{place}", lambda self: 1 / 0)
    app = InittermApp(FakeEngine)

    async def opens():
        async with app.run_test() as pilot:
            await pilot.pause()

    with pytest.raises(ZeroDivisionError):
        await opens()
    assert app.return_code == 1


# The palette


async def test_a_provider_that_fails_is_a_bug_that_is_told(opened, monkeypatch):
    monkeypatch.setattr(InittermCommands, "_commands", lambda self: 1 / 0)
    async with opened(bugs_expected=True) as pilot:
        await pilot.press("ctrl+p", "x")
        await rest(pilot)
        assert isinstance(pilot.app.screen, Palette)
        assert [type(error) for error in pilot.app.bugs.errors][:1] == [ZeroDivisionError]
        await pilot.press("escape", "4")
        assert pilot.app.pane == "guide"
