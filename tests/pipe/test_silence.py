"""An engine that hangs is noticed and can be replaced; one whose child holds its pipe has ended all the same."""

import os
import queue
import signal
import subprocess
import sys

import psutil
import pytest

from initterm.pipe import client, process
from initterm.pipe.client import Engine
from initterm.pipe.protocol import Stop
from initterm.pipe.state import EngineLost

PATIENCE = 60
BEATS = """
import os, time
from initterm.pipe import server
from initterm.pipe.protocol import Ready
server.BEAT_SECONDS = 0.02
server._load = lambda: Ready("CPU", {})
server.RunsUnderWay.answer = lambda *_: time.sleep(1000)
"""
SERVES = "server.main()"
FORKS = "if os.fork() == 0:\n    time.sleep(1000)\nserver.main()"


@pytest.fixture
def started(monkeypatch):
    """Starts an engine without TensorFlow; gives it, and what waits for a state."""
    monkeypatch.setattr(process, "TICK_SECONDS", 0.1)
    monkeypatch.setattr(client, "PATIENCE", 1.0)
    engines = []

    def start(script):
        states = queue.Queue()
        engine = Engine(states.put, (sys.executable, "-c", BEATS + script))
        engines.append(engine)
        engine.start()

        def until(kind):
            while (state := states.get(timeout=PATIENCE)).kind != kind:
                pass
            return state

        return engine, until

    yield start
    for engine in engines:
        engine.close()


def test_silence_is_told_and_counted_and_over_when_the_engine_answers_again(started):
    engine, until = started(SERVES)
    until("ready")
    os.kill(engine.pid, signal.SIGSTOP)
    silent = until("silent")
    assert silent.text == "no answer for 1 s"
    assert silent.trouble == "The engine gives no answer for 1 s; ctrl+r starts a fresh one."
    while until("silent").text != "no answer for 2 s":
        pass
    os.kill(engine.pid, signal.SIGCONT)
    assert until("ready")


def test_a_silent_engine_is_replaced_and_what_waited_for_it_let_go(started):
    engine, until = started(SERVES)
    until("ready")
    (_, answer), pid = engine.call(Stop(1)), engine.pid
    os.kill(pid, signal.SIGSTOP)
    until("silent")
    engine.restart()
    with pytest.raises(EngineLost, match="restarted"):
        answer.result(PATIENCE)
    until("restarting")
    until("ready")
    assert engine.pid != pid
    assert not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


def test_an_engine_that_could_not_be_started_can_be_asked_to_again(started):
    engine, until = started("raise SystemExit(3)")
    assert "ctrl+r tries again" in until("failed").trouble
    engine.restart()
    until("restarting")
    until("failed")


def test_an_engine_of_which_a_child_holds_the_pipe_has_ended_when_it_has_ended(started):
    engine, until = started(FORKS)
    until("ready")
    child = psutil.Process(engine.pid).children()[0]
    os.kill(engine.pid, signal.SIGKILL)
    until("restarting")
    until("ready")
    child.wait(PATIENCE)


def test_closing_ends_what_the_engine_has_started(started):
    engine, until = started(FORKS)
    until("ready")
    child = psutil.Process(engine.pid).children()[0]
    engine.close()
    child.wait(PATIENCE)


@pytest.mark.slow
def test_an_app_that_was_stopped_itself_does_not_blame_its_engine():
    script = (
        "import sys, time\nfrom initterm.pipe import client\nfrom initterm.pipe.client import Engine\n"
        f"engine = Engine(lambda state: print(state.kind, flush=True), (sys.executable, '-c', {BEATS + SERVES!r}))\n"
        "client.PATIENCE = 2.0\nengine.start()\nsys.stdin.read()\nengine.close()\n"
    )
    app = subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    while app.stdout.readline() != "ready\n":
        pass
    os.kill(app.pid, signal.SIGSTOP)
    with pytest.raises(subprocess.TimeoutExpired):
        app.wait(4)
    os.kill(app.pid, signal.SIGCONT)
    with pytest.raises(subprocess.TimeoutExpired):
        app.wait(2)
    told, _ = app.communicate("", timeout=PATIENCE)
    assert "silent" not in told


def test_a_call_to_an_engine_that_has_ended_is_refused():
    ended = process.EngineProcess(command=(sys.executable, "-c", ""))
    assert ended.wait(PATIENCE)
    with pytest.raises(EngineLost):
        ended.call(Stop(1))
