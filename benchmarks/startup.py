"""Process start to the first frame, and to the law drawn, against a blank Textual app in the same pty."""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
from pathlib import Path

from tests.terminal import Terminal

BLANK = """
from textual.app import App
from textual.widgets import Static

class Blank(App):
    def compose(self):
        yield Static("a blank app")

Blank().run()
"""
RUNS = 15
FIRST_FRAME_GOAL, LAW_GOAL = 1.3, 2.2
SCRIPT = Path(sys.executable).with_name("initterm")
COMMAND = [str(SCRIPT)] if SCRIPT.exists() else [sys.executable, "-m", "initterm"]
"""What a person runs; where it isn't installed, what it does."""


def main() -> None:
    """Alternate both programs, and print medians and ratios."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_CONFIG_HOME"] = folder  # no settings of the person's, read or written
        script = Path(folder) / "blank.py"
        script.write_text(BLANK)
        blank, first, law = [], [], []
        for run in range(RUNS + 1):
            with Terminal([sys.executable, str(script)]) as terminal:
                seconds_blank = terminal.until("a blank app")
            with Terminal(COMMAND) as terminal:
                seconds_first, seconds_law = terminal.until("he_normal"), terminal.until("cut at")
            if run:  # the first of each warms the disk's cache
                blank.append(seconds_blank)
                first.append(seconds_first)
                law.append(seconds_law)
    base = statistics.median(blank)
    print(f"blank Textual app, first frame   {base:.3f} s")
    for name, seconds, goal in (("first frame", first, FIRST_FRAME_GOAL), ("law drawn", law, LAW_GOAL)):
        median = statistics.median(seconds)
        print(f"initterm, {name:<22} {median:.3f} s   {median / base:.2f}x   (goal: at most {goal}x)")


if __name__ == "__main__":
    main()
