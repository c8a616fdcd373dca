"""What went wrong in the app itself: said once per kind, written to a log, kept to be copied for a report."""

from __future__ import annotations

import contextlib
import time
import traceback
from collections import Counter
from pathlib import Path

import initterm
from initterm.theory.refusal import shown

OURS = str(Path(initterm.__file__).parent)
LONGEST_TEXT = 200
MOST_LOGGED = 20
"""How often a kind is written to the log; after that it is only counted."""


class Bugs:
    """The errors that no code of the app expected, the latest last.

    ``log`` is where they are written, with their tracebacks; None while there are none, or where it can't be written.
    """

    def __init__(self) -> None:
        self.errors: list[BaseException] = []
        self.log: Path | None = None
        self._counts: Counter[str] = Counter()
        self._report = ""

    def add(self, error: BaseException) -> str:
        """Write an error down; a sentence that says what happened, empty where its kind was met before."""
        where = _where(error)
        kind = f"{type(error).__name__} {where}"
        self._counts[kind] += 1
        count = self._counts[kind]
        if count <= MOST_LOGGED:
            self.errors.append(error)
            told = "".join(traceback.format_exception(error))
            self._report = f"initterm {initterm.__version__}, {time.strftime('%Y-%m-%d %H:%M:%S')}\n{told}"
            self._write(self._report)
        return f"{words_of(error)} ({where})." if count == 1 else ""

    @property
    def report(self) -> str:
        """The last one with its traceback, for a bug report; empty where there is none."""
        return f"{self._report}\nIts log: {self.log}\n" if self.log else self._report

    def _write(self, text: str) -> None:
        with contextlib.suppress(OSError):
            if self.log is None:
                from initterm.pipe.native_output import new_log

                self.log = new_log("app")
            with self.log.open("a", encoding="utf-8", errors="backslashreplace") as log:
                log.write(f"{text}\n")


def ended_by(error: Exception) -> str:
    """What is said where something ended early, beside what the net says."""
    return f"A bug of initterm ended it: {words_of(error)}."


def words_of(error: BaseException) -> str:
    """An error's type and text in one line, without what can't be shown."""
    with contextlib.suppress(Exception):  # its text may be what is wrong with it
        text = "".join(letter if letter.isprintable() else " " for letter in str(error)[: 2 * LONGEST_TEXT])
        words = " ".join(f"{type(error).__name__}: {text}".split()).rstrip(": .")
        return shown(words, LONGEST_TEXT)
    return type(error).__name__


def _where(error: BaseException) -> str:
    """File and line of the last code of ours that the error came through; of any code where there is none."""
    frames = [(frame.f_code.co_filename, line) for frame, line in traceback.walk_tb(error.__traceback__)]
    ours = [frame for frame in frames if frame[0].startswith(OURS) and not frame[0].endswith("net.py")]
    file, line = (ours or frames or [("nowhere", 0)])[-1]
    return f"{Path(file).name}, line {line}"
