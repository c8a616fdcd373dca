"""What a terminal sends becomes keys and pastes, whatever it sends; and what it can't take any more ends the app."""

import os
import signal
import termios
from types import SimpleNamespace

import pytest
from rich.color import ColorSystem
from rich.segment import Segment
from textual import events
from textual.geometry import Offset, Size
from textual.strip import Strip

from initterm.tui import around, driver, line
from initterm.tui.driver import TerminalDriver, _Keys, _received, kept_terminal
from initterm.tui.line import TerminalLine
from initterm.tui.textual_privates import Repaint
from initterm.tui.traffic import Traffic


def keys_of(*texts):
    keys = _Keys(debug=False)
    return [message for text in texts for message in keys.of(text)]


def characters(*texts):
    return [message.character for message in keys_of(*texts) if isinstance(message, events.Key)]


@pytest.fixture
def hung_up(monkeypatch):
    """The signals that the process would have sent itself."""
    sent = []
    monkeypatch.setattr(line.os, "kill", lambda pid, number: sent.append((pid, number)))
    return sent


def test_letters_are_keys():
    assert characters("aé") == ["a", "é"]


@pytest.mark.parametrize("odd", ["\x1b[99999999999u", "\x1b[97;999999u", "\x1b[<9;9"])
def test_after_a_sequence_that_means_nothing_keys_are_keys_again(odd):
    assert characters(odd, "\x1b[97u", "b")[-1] == "b"


def test_half_of_a_pair_is_no_key():
    assert characters("\x1b[55296u", "x") == ["x"]


def test_a_paste_comes_without_its_controls():
    (paste,) = [one for one in keys_of("\x1b[200~a\x07b\x9bc\td\x1b[201~") if isinstance(one, events.Paste)]
    assert paste.text == "abc\td"


def test_a_pipe_at_its_end_is_a_line_that_is_gone():
    reader, writer = os.pipe()
    os.write(writer, b"x")
    assert _received(reader) == b"x"
    os.close(writer)
    assert _received(reader) is None
    os.close(reader)
    assert _received(reader) is None


def test_an_end_of_input_on_a_terminal_is_nothing_that_was_typed():
    master, slave = os.openpty()
    os.write(master, b"\x04")
    assert _received(slave) == b""
    os.close(master)
    os.close(slave)


def test_a_terminal_that_cannot_be_written_is_told_to_the_app(hung_up, tmp_path):
    with (tmp_path / "screen").open("w") as file:
        terminal = TerminalLine(file, lambda late, seconds: None)
        assert terminal.write("abc") == 3
        assert terminal.fileno() == file.fileno()
        assert hung_up == []
    terminal.write("abc")
    terminal.flush()
    assert hung_up == [(os.getpid(), signal.SIGHUP)] * 2


def test_attributes_are_put_back_whatever_happens(monkeypatch):
    master, slave = os.openpty()
    before = termios.tcgetattr(slave)
    monkeypatch.setattr(driver.sys, "stdin", os.fdopen(os.dup(slave)))

    def change_and_fail():
        changed = termios.tcgetattr(slave)
        changed[3] &= ~termios.ECHO
        termios.tcsetattr(slave, termios.TCSANOW, changed)
        raise ValueError("a bug")

    with pytest.raises(ValueError, match="a bug"), kept_terminal():
        change_and_fail()
    assert termios.tcgetattr(slave) == before
    driver.sys.stdin.close()
    os.close(master)
    os.close(slave)


def test_where_there_is_no_terminal_nothing_is_kept(monkeypatch, tmp_path):
    with (tmp_path / "file").open("w+") as file:
        monkeypatch.setattr(driver.sys, "stdin", file)
        with kept_terminal():
            pass


def test_the_driver_keeps_what_textuals_has():
    for name in ("start_application_mode", "stop_application_mode", "run_input_thread", "process_message"):
        assert callable(getattr(TerminalDriver, name))


class DrawingDriver(TerminalDriver):
    """One that keeps what it writes, which the line takes when the test says so."""

    def __init__(self):
        self._line, self._has_terminal, self._picture = SimpleNamespace(writings=0), True, None
        self._traffic, self._writings, self._answers = Traffic(), 0, 0
        self.texts, self.posted = [], []

    def write(self, data):
        self._writings += 1
        self.texts.append(data)

    def show(self, text):
        pieces = iter([(0, 0, Strip([Segment(text)]))])
        self.draw(Repaint(pieces, Size(len(text), 1), Offset(0, 0), ColorSystem.TRUECOLOR, ("<", ">")))

    def taken(self):
        self._line.writings = self._writings
        self._written(0, 0.0)

    def later(self, callback):
        callback()

    def once_in(self, seconds, callback):
        pass


def test_pictures_that_come_while_the_line_is_busy_are_dropped_but_for_the_last():
    terminal = DrawingDriver()
    for text in ("aaa", "bbb", "ccc"):
        terminal.show(text)
    assert len(terminal.texts) == 1
    terminal.taken()
    assert ["aaa" in terminal.texts[0], "bbb" in terminal.texts[1], "ccc" in terminal.texts[1]] == [True, False, True]
    terminal.taken()
    assert len(terminal.texts) == 2


def test_a_terminal_that_has_not_read_what_it_was_sent_is_sent_no_more_until_it_has():
    terminal = DrawingDriver()
    answer = events.CursorPosition(0, 0)
    for size, written in ((3, 1), (20_000, 2), (20_001, 2)):
        terminal.show(size * "a")
        terminal.taken()
        assert len(terminal.texts) == written
        if written == 1:
            terminal.process_message(answer)
    terminal.process_message(answer)
    assert len(terminal.texts) == 3


def test_after_a_change_of_size_all_is_drawn_anew():
    terminal = DrawingDriver()
    terminal.show("aaa")
    terminal.taken()
    terminal.resized(Size(3, 1))
    assert terminal.texts[0] == terminal.texts[1]


async def test_sizes_before_the_last_are_not_laid_out():
    laid_out = []

    class Screen:
        class app:  # noqa: N801
            size = Size(80, 24)

        outer_size = Size(10, 10)

    async def resize(screen, event):
        laid_out.append(event.size)

    class Resize:
        stopped = False

        def __init__(self, size):
            self.size = size

        def stop(self):
            self.stopped = True

    old, latest = Resize(Size(20, 10)), Resize(Size(80, 24))
    for event in (old, latest):
        await around.with_latest_size(resize)(Screen, event)
    assert laid_out == [(80, 24)]
    assert (old.stopped, latest.stopped) == (True, False)
