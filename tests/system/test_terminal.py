"""The real command in a real pty: the main job, and every way to end it."""

import os
import signal
import sys
import termios
import time
from contextlib import suppress

import psutil
import pytest

from initterm.store.place import Keeping, runs_folder
from tests.terminal import Terminal

APP = [sys.executable, "-m", "initterm"]
ENGINE = "initterm.pipe"
ENTER = "\r"
ESCAPE = "\x1b"
DOWN = "\x1b[B"
QUIT_SECONDS = 10.0

FAULTY = """
from textual._compositor import Compositor
from initterm.tui import launch, app
from initterm.tui.weights.pane import ExplorePane

def fail(*arguments, **options):
    raise RuntimeError("a bug of the app")

class Faulty(app.InittermApp):
    CSS_PATH = app.__file__.replace("app.py", "initterm.tcss")
    def action_help(self):
        fail()
    async def action_show_pane(self, pane):
        if not pane.startswith("papers"):
            return await super().action_show_pane(pane)
        Compositor.render_update = Compositor.render_full_update = fail
        self.refresh()

app.InittermApp = Faulty
START
raise SystemExit(launch.launch())
"""


@pytest.fixture
def terminal():
    """The app in a terminal; an engine that would finish a run without it is ended with the test, in any case."""
    with Terminal(APP) as opened:
        yield opened
        engines = engines_of(opened) if opened.child.isalive() else []
    for engine in engines:
        with suppress(psutil.NoSuchProcess):
            engine.kill()


@pytest.fixture
def nothing_kept():
    """Runs aren't kept, so that none goes on without the app."""
    Keeping(keeps=False).write(runs_folder())


def engines_of(terminal):
    """The engine processes that the program has started."""
    children = psutil.Process(terminal.child.pid).children(recursive=True)
    return [child for child in children if ENGINE in " ".join(child.cmdline())]


def wait_for_engine(terminal):
    terminal.until("cut at")
    while not (engines := engines_of(terminal)):
        terminal.read(0.05)
    return engines[0]


def loading(terminal):
    return wait_for_engine(terminal)


def begin_run(terminal, *settings):
    terminal.until("ready")
    terminal.type("2")
    terminal.until("Activ.")
    for keys in (*settings, "s", 6 * DOWN, ENTER, 16 * DOWN, "digits", ENTER, "r"):
        terminal.type(keys)
        terminal.read(0.2)
    terminal.until("compiling")


def compiling(terminal):
    begin_run(terminal)
    return engines_of(terminal)[0]


def training(terminal):
    begin_run(terminal, "s", 4 * DOWN, "9999", ENTER)
    terminal.until("s left")
    return engines_of(terminal)[0]


def modes(terminal):
    """How the line discipline is set: echo, canonical input and the like."""
    return termios.tcgetattr(terminal.child.child_fd)[:4]


@pytest.mark.slow
def test_the_main_job(terminal):
    """Open, choose, train, look up, take it to Explore, quit."""
    before = modes(terminal)
    terminal.until("he_normal · 784x256")
    terminal.until("loading")
    terminal.until("ready")
    terminal.until("Consistent with N(0")
    terminal.type(3 * DOWN)
    terminal.until("glorot_uniform · 784x256")
    terminal.until("0.0759555")
    engine = compiling(terminal)
    terminal.until("One seed can't tell")
    terminal.until("test accuracy")
    assert "Not MNIST" in terminal.text
    terminal.type("4")
    terminal.until("Conventions")
    terminal.type("/")
    terminal.until_gone("to Train")
    terminal.type("gelu")
    terminal.until_gone("Conventions")
    terminal.type(ENTER)
    terminal.until("to Train")
    terminal.type(ENTER)
    terminal.until("variance_scaling(scale=2.352) · 784x256")
    terminal.type("q")
    assert terminal.exit_status(QUIT_SECONDS) == 0
    engine.wait(QUIT_SECONDS)
    assert "Traceback" not in terminal.text
    assert modes(terminal) == before


ENDINGS = {
    "q": (lambda terminal: terminal.type("q"), 0),
    "ctrl+c": (lambda terminal: terminal.type("\x03"), 128 + signal.SIGINT),
    "SIGTERM": (lambda terminal: terminal.child.kill(signal.SIGTERM), 128 + signal.SIGTERM),
    "SIGHUP": (lambda terminal: terminal.child.kill(signal.SIGHUP), 128 + signal.SIGHUP),
}
QUICK = ((loading, "q"),)
"""The slow tests meet all endings with all that the engine may be busy with."""


@pytest.mark.parametrize(
    ("busy", "ending"),
    [
        pytest.param(busy, ending, marks=[pytest.mark.slow] * ((busy, ending) not in QUICK))
        for busy in (loading, compiling, training)
        for ending in ENDINGS
    ],
)
def test_every_ending_is_quick_and_leaves_nothing_behind(nothing_kept, terminal, busy, ending):
    end, status = ENDINGS[ending]
    before = modes(terminal)
    engine = busy(terminal)
    end(terminal)
    assert terminal.exit_status(QUIT_SECONDS) == status
    engine.wait(QUIT_SECONDS)
    assert "Traceback" not in terminal.text
    assert modes(terminal) == before
    assert not terminal.screen.cursor.hidden


@pytest.mark.slow
def test_a_killed_app_leaves_no_engine(terminal):
    engine = loading(terminal)
    terminal.child.kill(signal.SIGKILL)
    assert terminal.exit_status(QUIT_SECONDS) == 128 + signal.SIGKILL
    engine.wait(5)


def test_a_dropped_line_ends_app_and_engine(terminal):
    engine = loading(terminal)
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, terminal.child.child_fd)  # closes our end of the line, and leaves pexpect something to close
    os.close(nothing)
    assert terminal.exit_status(QUIT_SECONDS) == 128 + signal.SIGHUP
    engine.wait(5)


@pytest.mark.slow
def test_a_killed_engine_ends_its_run_and_the_app_goes_on(terminal):
    compiling(terminal).kill()
    terminal.until("SIGKILL")
    terminal.until("ready")
    terminal.type("r")
    terminal.until("One seed can't tell")
    terminal.type("q")
    assert terminal.exit_status(QUIT_SECONDS) == 0


@pytest.mark.slow
def test_cancelling_while_loading_and_while_compiling(terminal):
    loading(terminal)
    terminal.type("2")
    terminal.until("Activ.")
    terminal.type("r")
    terminal.until("as soon as TensorFlow is there")
    began = time.perf_counter()
    terminal.type("x")
    terminal.until("Cancelled")
    assert time.perf_counter() - began < 1
    compiling(terminal)
    began = time.perf_counter()
    terminal.type("x")
    terminal.until("Cancelled")
    assert time.perf_counter() - began < 1
    terminal.type("r")  # "ready" may stand behind what the title line tells of the run that was cancelled
    terminal.until("One seed can't tell")


@pytest.mark.slow
def test_cancelling_in_the_middle_of_an_epoch_keeps_the_engine(terminal):
    engine = training(terminal)
    began = time.perf_counter()
    terminal.type("x")
    terminal.until("Cancelled")
    assert time.perf_counter() - began < 1
    terminal.read(1.5)
    assert engine.is_running()


def faulty(start=""):
    return Terminal([sys.executable, "-c", FAULTY.replace("START", start)], 100, 50)


@pytest.mark.slow
def test_an_error_is_said_and_the_app_goes_on():
    with faulty() as terminal:
        loading(terminal)
        terminal.type("?")
        terminal.until("RuntimeError: a bug of the app")
        terminal.type("4")
        terminal.until("Conventions")
        terminal.type("q")
        assert terminal.exit_status(QUIT_SECONDS) == 0


@pytest.mark.slow
def test_a_screen_that_cannot_be_drawn_restores_the_terminal_and_can_be_read():
    with faulty() as terminal:
        before = modes(terminal)
        engine = loading(terminal)
        terminal.type("P")
        assert terminal.exit_status(10 * QUIT_SECONDS) == 1
        assert "RuntimeError: a bug of the app" in terminal.text
        engine.wait(QUIT_SECONDS)
        assert modes(terminal) == before


def test_an_error_at_the_very_start_can_be_read():
    with faulty("ExplorePane.compose = fail") as terminal:
        assert terminal.exit_status(10 * QUIT_SECONDS) == 1
        assert "RuntimeError: a bug of the app" in terminal.text


def test_a_terminal_that_cannot_move_the_cursor_is_refused():
    with Terminal(APP, environment={"TERM": "dumb"}) as terminal:
        assert terminal.exit_status() == 2
        assert "TERM is dumb" in terminal.text
