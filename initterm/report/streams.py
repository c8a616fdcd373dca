"""A command's standard streams and its exit status: whatever becomes of them, at most one line, never a traceback."""

from __future__ import annotations

import io
import os
import signal
import sys
from collections.abc import Callable
from typing import TextIO

from initterm.theory.refusal import Refusal

UNUSABLE = 2
INTERRUPTED = 128 + signal.SIGINT
UNREAD = 128 + signal.SIGPIPE
"""What a shell reports for a tool that SIGPIPE ended, as ``head`` ends most: neither done nor a check that failed."""


def status_of(work: Callable[[], int]) -> int:
    """Do a command's work and write out what it printed; its exit status, or that of what came in between.

    What can't be used as asked, and output that can't be written, is one line on standard error and status 2. A reader
    that has left gets no line. Characters that a stream's encoding lacks are replaced.
    """
    try:
        _prepare()
        status = work()
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        return status
    except Refusal as refusal:
        return _end("interrupted.", INTERRUPTED) if _was_interrupted(refusal) else _end(str(refusal), UNUSABLE)
    except BrokenPipeError:
        return _end("", UNREAD)
    except OSError as error:
        return _end(_written(error), UNUSABLE)
    except KeyboardInterrupt:
        return _end("interrupted.", INTERRUPTED)


def _was_interrupted(error: BaseException | None) -> bool:
    """Whether a person's own code was under way at Ctrl-C, of which whoever called it only knows that it raised."""
    return error is not None and (isinstance(error, KeyboardInterrupt) or _was_interrupted(error.__cause__))


def _prepare() -> None:
    """Give closed streams something to be, and let no character be an error.

    A descriptor that is closed would be the next file's that is opened, which then holds what is meant for the stream.
    """
    closed = sys.stdout is None
    while (descriptor := os.open(os.devnull, os.O_RDWR)) <= 2:
        continue
    os.close(descriptor)
    sys.stdin = sys.stdin or os.fdopen(0, "r", closefd=False)
    sys.stdout = sys.stdout or os.fdopen(1, "w", closefd=False)
    sys.stderr = sys.stderr or os.fdopen(2, "w", closefd=False)
    for stream in (sys.stdout, sys.stderr):
        replace_unknown(stream)
    if closed:
        raise Refusal("Standard output is closed; send it to a file, to a terminal, or to /dev/null.")


def replace_unknown(stream: TextIO) -> None:
    """Let a stream write ``?`` for characters that its encoding lacks."""
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors="replace")


def _end(sentence: str, status: int) -> int:
    """Say why, where that can be said, and leave nothing that the interpreter would try to write at its end."""
    try:
        if sentence:
            print(f"initterm: {sentence}", file=sys.stderr)
        sys.stderr.flush()
    except (OSError, ValueError):
        _abandon(sys.stderr)
    try:
        sys.stdout.flush()
    except (OSError, ValueError):
        _abandon(sys.stdout)
    return status


def _abandon(stream: TextIO) -> None:
    try:
        descriptor, nothing = stream.fileno(), os.open(os.devnull, os.O_WRONLY)
    except (OSError, ValueError):
        return
    os.dup2(nothing, descriptor)
    os.close(nothing)


def _written(error: OSError) -> str:
    reason = error.strerror or str(error) or type(error).__name__
    if isinstance(error.filename, (str, bytes)) and error.filename:
        return str(Refusal(f"{os.fsdecode(error.filename)} can't be used: {reason}."))
    return str(Refusal(f"Output can't be written: {reason}; send it to where there is room."))
