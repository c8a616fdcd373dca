"""A child is two streams and an end: what it prints goes to its log, and how it ended can be told."""

import signal
import sys

import pytest

from initterm.pipe.transport import Child

ECHO = "import sys\nfor line in sys.stdin: print(line.upper(), end='', flush=True)"


@pytest.fixture
def child(tmp_path):
    """Starts a child that runs a script; what is left of it is ended."""
    started = []

    def start(script):
        started.append(Child((sys.executable, "-c", script), tmp_path / "log"))
        return started[-1]

    yield start
    for one in started:
        one.end()
        one.wait()
        one.hang_up()
        one.replies.close()


def test_lines_go_to_and_fro_and_hanging_up_ends_it(child):
    echo = child(ECHO)
    echo.send(b"one")
    assert echo.replies.readline() == b"ONE\n"
    echo.hang_up()
    echo.wait()
    assert (echo.how_it_ended, echo.killed) == ("exit status 0", False)


def test_what_it_prints_is_in_its_log(child, tmp_path):
    child("import sys; print('words', file=sys.stderr)").wait()
    assert (tmp_path / "log").read_text() == "words\n"


def test_a_line_to_one_that_has_ended_is_no_error(child):
    ended = child("raise SystemExit(3)")
    ended.wait()
    ended.send(b"x" * 2**20)
    assert ended.how_it_ended == "exit status 3"


@pytest.mark.parametrize(
    ("number", "out_of_time"), [(signal.SIGKILL, False), (signal.SIGXCPU, True), (signal.SIGSEGV, False)]
)
def test_a_signal_is_told_by_its_name(child, number, out_of_time):
    ended = child(f"import os; os.kill(os.getpid(), {int(number)})")
    ended.wait()
    assert (ended.killed, ended.out_of_time) == (True, out_of_time)
    assert ended.how_it_ended == f"signal {number.name}"


def test_its_end_takes_what_it_has_started_along(child):
    parent = child("import subprocess; subprocess.run(['sleep', '100'])")
    parent.end()
    parent.wait()
    assert parent.killed


def test_what_cannot_be_started_says_so(tmp_path):
    with pytest.raises(OSError, match="nowhere"):
        Child(("/nowhere/at/all",), tmp_path / "log")
