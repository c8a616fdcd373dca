"""A command's exit status tells what became of it, with at most one line and never a traceback."""

import errno
import io
import sys

import pytest

from initterm.report.streams import INTERRUPTED, UNREAD, UNUSABLE, replace_unknown, status_of
from initterm.theory.refusal import Refusal


def raises(error):
    def work():
        raise error

    return work


@pytest.mark.parametrize("status", [0, 1, 2])
def test_work_that_ends_gives_its_own_status(status, capsys):
    assert status_of(lambda: status) == status
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("error", "status", "line"),
    [
        (Refusal("No such thing."), UNUSABLE, "initterm: No such thing.\n"),
        (KeyboardInterrupt(), INTERRUPTED, "initterm: interrupted.\n"),
        (BrokenPipeError(), UNREAD, ""),
        (
            OSError(errno.ENOSPC, "No space left on device"),
            UNUSABLE,
            "initterm: Output can't be written: No space left on device; send it to where there is room.\n",
        ),
        (OSError(errno.EIO, "I/O error", "/x"), UNUSABLE, "initterm: /x can't be used: I/O error.\n"),
    ],
)
def test_what_ends_early_is_one_line(error, status, line, capsys):
    assert status_of(raises(error)) == status
    assert capsys.readouterr().err == line


def test_an_interrupt_in_a_persons_own_code_is_no_fault_of_that_code(capsys):
    def work():
        try:
            raises(KeyboardInterrupt())()
        except BaseException as error:
            raise Refusal("my:model() raised KeyboardInterrupt.") from error

    assert status_of(work) == INTERRUPTED
    assert capsys.readouterr().err == "initterm: interrupted.\n"


def test_a_bug_is_its_own_traceback():
    with pytest.raises(ZeroDivisionError):
        status_of(raises(ZeroDivisionError()))


def test_output_that_has_no_room_is_said_when_it_is_written_out(monkeypatch, capsys):
    class Full(io.StringIO):
        def flush(self):
            raise OSError(errno.ENOSPC, "No space left on device")

        def fileno(self):
            raise OSError

    monkeypatch.setattr(sys, "stdout", Full())
    assert status_of(lambda: 0) == UNUSABLE
    assert "No space left" in capsys.readouterr().err


def test_characters_that_a_stream_lacks_are_replaced():
    content = io.BytesIO()
    stream = io.TextIOWrapper(content, encoding="ascii", errors="strict")
    replace_unknown(stream)
    print("σ_w", file=stream, flush=True)
    assert content.getvalue() == b"?_w\n"
    replace_unknown(io.StringIO())
