"""A result is opened in the app, in the terminal that a script runs in, and the script goes on afterwards."""

import sys

from initterm.experiments.training.experiment import Experiment
from tests.kept_runs import keep
from tests.terminal import Terminal

SCRIPT = """
import sys
import initterm

initterm.runs["last"].open()
print("goes on without TensorFlow and Textual:", not {"tensorflow", "textual"} & sys.modules.keys())
"""


def test_a_script_shows_a_run_in_the_app_and_goes_on():
    keep(Experiment(epochs=2, seeds=3), name="deep one")
    with Terminal([sys.executable, "-c", SCRIPT]) as terminal:
        before = terminal.modes
        terminal.until("deep one")
        assert terminal.drawn_over
        terminal.type("q")
        terminal.until("goes on without TensorFlow and Textual: True")
        assert not terminal.drawn_over
        assert terminal.modes == before
