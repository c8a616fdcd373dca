"""The real program is left with a run under way: by a line that drops, by a kill, by a person who is asked."""

import os
import signal

import psutil
import pytest

from initterm.store.following import FollowedRun
from initterm.store.runs import Runs
from tests.system.test_terminal import APP, DOWN, ENTER, ESCAPE, QUIT_SECONDS, begin_run, engines_of
from tests.terminal import Terminal

PATIENCE = 120
A_WHILE, FOR_EVER = "200", "9999"
"""Epochs."""

pytestmark = pytest.mark.slow


@pytest.fixture
def terminal():
    with Terminal(APP) as opened:
        yield opened


def training(terminal, epochs):
    """A training has got somewhere; the process of its engine."""
    begin_run(terminal, "s", 4 * DOWN, epochs, ENTER)
    terminal.until("s left", PATIENCE)
    (engine,) = engines_of(terminal)
    return engine


def drop_line(terminal):
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, terminal.child.child_fd)
    os.close(nothing)


def kill(terminal):
    terminal.child.kill(signal.SIGKILL)


def end(terminal):
    terminal.child.kill(signal.SIGTERM)


@pytest.mark.parametrize("leave", [drop_line, kill, end])
def test_the_run_is_finished_its_engine_ends_and_the_next_start_tells_of_it(terminal, leave):
    engine = training(terminal, A_WHILE)
    leave(terminal)
    terminal.exit_status(QUIT_SECONDS)
    assert Runs().find("last").state == "running"
    engine.wait(PATIENCE)
    run = Runs().find("last")
    assert run.state == "finished"
    assert {record.epochs_done for record in run.board()[0].records} == {int(A_WHILE)}
    with Terminal(APP, 120, 36) as again:
        again.until("1 run finished · R", PATIENCE)


def test_a_run_that_is_let_go_on_is_under_way_until_somebody_else_ends_it(terminal):
    engine = training(terminal, FOR_EVER)
    terminal.type("q")
    terminal.until("Shall it go on", PATIENCE)
    terminal.type(ENTER)
    assert terminal.exit_status(PATIENCE) == 0
    assert psutil.pid_exists(engine.pid)
    with Terminal(APP, 120, 36) as again:
        again.until("1 run under way · R", PATIENCE)
        FollowedRun(Runs().find("last")).cancel()
        engine.wait(PATIENCE)
        again.until("1 run cancelled · R", PATIENCE)


def test_who_is_asked_stays_or_stops_it(terminal):
    engine = training(terminal, FOR_EVER)
    terminal.type("q")
    terminal.until("Shall it go on", PATIENCE)
    terminal.type(ESCAPE)
    terminal.until_gone("Shall it go on", PATIENCE)
    terminal.until("s left", PATIENCE)
    terminal.type("q")
    terminal.until("Shall it go on", PATIENCE)
    terminal.type("x")
    assert terminal.exit_status(PATIENCE) == 0
    engine.wait(QUIT_SECONDS)
    assert Runs().find("last").state == "cancelled"
    assert Runs().unseen() == []
