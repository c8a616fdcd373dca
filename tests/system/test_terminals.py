"""Odd terminals and odd input in a real pty: a chosen few of ``tests/monkeys/terminals.py``."""

import sys

import pytest

from tests.monkeys.terminals import attempt, cases
from tests.terminal import Terminal

CHOSEN = (
    "1x1",
    "PYTHONIOENCODING=ascii",
    "a home that is a file",
    "a full disk",
    "errors nowhere",
    "no input",
    "no output",
    "typed Latin-1",
    "sequences that mean nothing",
    "unhashable",
    "no gain",
    "a stop, q",
    "ctrl+z, two stops, ctrl+z, SIGTERM",
)
QUICK = ("no output",)
CASES = {case.name: case for case in cases()}

CRASHING = """
from initterm.pipe import client
from initterm.tui import driver, launch
from tests.tui.fakes import FakeEngine

def received(descriptor):
    raise RuntimeError("a bug of the driver")

client.Engine, driver._received = FakeEngine, received
raise SystemExit(launch.launch())
"""


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.slow] * (name not in QUICK)) for name in CHOSEN]
)
def test_the_app_starts_and_ends_clean_or_says_why_not(name):
    assert attempt(CASES[name]) == ""


def test_a_crash_of_the_drivers_thread_ends_with_status_1_and_can_be_read():
    with Terminal([sys.executable, "-c", CRASHING], 100, 50) as terminal:
        before = terminal.modes
        terminal.until("cut at")
        terminal.type("x")
        assert terminal.exit_status() == 1
        assert "RuntimeError: a bug of the driver" in terminal.text
        assert terminal.modes == before
        assert not terminal.drawn_over
