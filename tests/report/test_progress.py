"""A run's progress is drawn on a terminal's standard error, and nowhere else; the board comes to its end."""

import io
import sys
from dataclasses import dataclass, replace

import pytest

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
