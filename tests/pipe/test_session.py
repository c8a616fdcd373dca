"""A session is an engine process with all it has started: counted, and ended with those that have left it."""

import contextlib
import os
import signal
import subprocess
import sys

import psutil
import pytest

from initterm.pipe.transport import MARK, Session
from tests.engines import PATIENCE

CHILD = "import subprocess, sys; child = subprocess.Popen(['sleep', '100'], start_new_session=LEAVES); \
print(child.pid, flush=True); sys.stdin.read()"


@pytest.fixture
def started():
    """Starts a leader with a child; gives the session and the child's process."""
    leaders = []

    def start(mark, leaves=False):
        script = CHILD.replace("LEAVES", str(leaves))
        leader = subprocess.Popen(
            [sys.executable, "-c", script],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
            env={**os.environ, MARK: mark},
        )
        leaders.append(leader)
        return Session(leader.pid, mark), psutil.Process(int(leader.stdout.readline()))

    yield start
    for leader in leaders:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(leader.pid, signal.SIGKILL)
        leader.communicate()


def test_memory_of_the_leader_and_of_others(started):
    session, _ = started("memory")
    assert session.memory_of_leader() > session.memory_of_others() > 0


def test_the_end_takes_the_group_along(started):
    session, child = started("group")
    session.end()
    child.wait(PATIENCE)


def test_who_left_the_group_is_known_by_the_mark_and_others_stay(started):
    session, stray = started("strays", leaves=True)
    _, other = started("another", leaves=True)
    session.end()
    assert stray.is_running()
    session.end_strays()
    stray.wait(PATIENCE)
    assert other.is_running()
    other.kill()


def test_what_has_ended_takes_no_memory_and_can_be_ended_again(started):
    session, child = started("ended")
    session.end()
    child.wait(PATIENCE)
    psutil.Process(session.pid).wait(PATIENCE)
    assert session.memory_of_leader() == session.memory_of_others() == 0
    session.end()


@pytest.mark.parametrize("pid", [0, 1])
def test_the_end_of_everything_is_never_asked_for(pid, monkeypatch):
    monkeypatch.setattr(os, "killpg", lambda *_: pytest.fail("killed"))
    Session(pid, "x").end()
