"""A run's progress is drawn on a terminal's standard error, and nowhere else; the board comes to its end."""

import io
import sys
from dataclasses import dataclass, replace
from functools import partial

import pytest
from rich.console import Console

from initterm.report import progress
from initterm.report.progress import followed


@dataclass(frozen=True)
class Counting:
    total: int
    done: int = 0

    @property
    def share_done(self):
        return self.done / self.total

    @property
    def doing(self):
        return f"step {self.done}"

    def after(self, event):
        return replace(self, done=self.done + event)


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.mark.parametrize(("stream", "drawn"), [(Terminal, True), (io.StringIO, False)])
def test_the_last_board_is_given_and_what_happens_said_to_a_terminal(monkeypatch, stream, drawn):
    monkeypatch.setattr(sys, "stderr", stream())
    monkeypatch.setenv("TERM", "xterm")
    assert followed(Counting(3), [1, 1, 1]) == Counting(3, 3)
    assert ("step 3" in sys.stderr.getvalue()) == drawn


def test_an_error_of_the_run_is_its_callers(monkeypatch):
    monkeypatch.setattr(sys, "stderr", Terminal())

    def events():
        yield 1
        raise ValueError("a bug")

    with pytest.raises(ValueError, match="a bug"):
        followed(Counting(3), events())
    assert "\x1b[?25h" in sys.stderr.getvalue()  # the cursor is there again


def test_a_notebook_shows_a_bar_and_keeps_nothing_of_it(monkeypatch):
    shown = []

    class Shown:
        def update(self, drawn):
            shown.append(drawn.data)

    monkeypatch.setattr(progress, "Console", partial(Console, force_jupyter=True))
    monkeypatch.setattr("IPython.display.display", lambda drawn, display_id: Shown())
    monkeypatch.setattr("initterm.report.notebook.SECONDS", 0.0)
    followed(Counting(2), [1, 1])
    assert shown[0].startswith('<progress value="0.5" max="1">')
    assert shown[0].endswith("step 1")
    assert shown[-1] == ""


def test_a_log_has_a_line_now_and_then(capsys):
    followed(Counting(2), [1, 1], line_each=1e-9)
    assert capsys.readouterr().err.splitlines() == [" 50%  step 1", "100%  step 2"]
