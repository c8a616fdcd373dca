"""Textual's driver, for whatever a terminal sends."""

from __future__ import annotations

import os
import re
import selectors
import sys
import termios
import time
import tty
from codecs import getincrementaldecoder
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from textual import events
from textual.app import App
from textual.geometry import Offset, Size
from textual.message import Message

from initterm.report.streams import replace_unknown
from initterm.tui.line import TerminalLine, hang_up
from initterm.tui.picture import Picture
from initterm.tui.textual_privates import HookedDriver, Repaint, XTermParser
from initterm.tui.traffic import QUESTION, Traffic

if TYPE_CHECKING:
    from initterm.tui.net import NettedApp

READ_BYTES, WAIT_SECONDS = 4096, 0.1
LATE_SECONDS, ANSWER_SECONDS = 0.02, 1.0
SEQUENCES = re.compile("(?=\x1b)")
CONTROLS = r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]"


@contextmanager
def kept_terminal() -> Iterator[None]:
    """Leave the terminal's attributes as they were, whatever happens in between."""
    try:
        descriptor = sys.stdin.fileno()
        attributes = termios.tcgetattr(descriptor)
    except (termios.error, OSError, ValueError):
        yield
        return
    try:
        yield
    finally:
        with suppress(termios.error):
            termios.tcsetattr(descriptor, termios.TCSANOW, attributes)


class TerminalDriver(HookedDriver):
    """Takes any bytes, and comes back from any stop.

    Bytes that aren't UTF-8 are read as replacement characters, and sequences that Textual's parser fails on are left
    out. What else goes wrong in its thread ends the app as any crash does. Standard output is drawn on where standard
    error leads elsewhere.
    """

    def __init__(self, app: App[Any], **options: Any) -> None:
        super().__init__(app, **options)
        screen = sys.__stderr__ if sys.__stderr__ and sys.__stderr__.isatty() else sys.__stdout__
        self._line = TerminalLine(screen, lambda *taken: self.later(partial(self._written, *taken))) if screen else None
        if screen:
            replace_unknown(screen)
            self.draw_on(self._line)
        self._has_terminal = False
        self._picture: Picture | None = None
        self._cursor, self._marks = Offset(), ("", "")
        self._traffic = Traffic()
        self._writings = self._answers = 0

    def draw(self, repaint: Repaint) -> None:
        """Have the terminal show it, or what follows it, as soon as the line is free."""
        if self._picture is None:
            self._picture = Picture(repaint.colours, erases=_erases())
        if repaint.size and repaint.size != self._picture.size:
            self._picture.resize(repaint.size)
        self._picture.take(repaint.pieces)
        self._cursor, self._marks = repaint.cursor, repaint.marks
        self._write_changes()

    def resized(self, size: Size) -> None:
        """Draw all of it anew: what a terminal shows after a change of its size isn't known, even of one and back."""
        if self._picture:
            self._picture.forget()
            if self._picture.size == size:
                self._write_changes()

    def _write_changes(self) -> None:
        """Write what the terminal doesn't show yet, unless the line is busy: then as soon as it isn't."""
        if not (self._picture and self._picture.has_changes and self._has_terminal and self._is_written):
            return
        if seconds := self._traffic.seconds_until_free(time.monotonic()):
            self.once_in(seconds, self._write_changes)
        elif changes := self._picture.changes(self._cursor):
            before, after = self._marks
            self._send(f"{before}{changes}{after}")

    def _send(self, picture: str) -> None:
        """Write a picture, and ask the terminal to say when it has come that far."""
        self._traffic.send(len(picture.encode(errors="replace")), time.monotonic())
        self.write(f"{picture}{QUESTION}")

    def write(self, data: str) -> None:
        """Write, in a thread."""
        self._writings += 1
        super().write(data)

    @property
    def _is_written(self) -> bool:
        """Whether nothing is left for the thread to write."""
        return not self._line or self._line.writings >= self._writings

    def _written(self, taken: int, seconds: float) -> None:
        """The line has taken what was written; while it was full it took so much in so many seconds."""
        if seconds > LATE_SECONDS:
            self._traffic.was_full(taken, seconds, time.monotonic())
        self._write_changes()

    def process_message(self, message: Message) -> None:
        """Post it; an answer is for the driver alone."""
        if isinstance(message, events.CursorPosition):
            self._answers += 1
            self.later(self._answered)
        else:
            if isinstance(message, events.Key):
                self._traffic.typed(time.monotonic())
            super().process_message(message)

    def _answered(self) -> None:
        self._traffic.answered(time.monotonic())
        self._write_changes()

    def start_application_mode(self) -> None:
        """Take the terminal; attributes that are the app's own, as after a SIGCONT, aren't those to go back to."""
        self._traffic, self._answers = Traffic(), 0
        self._writings = self._line.writings if self._line else 0
        if self._picture:
            self._picture.forget()
        kept = self.attrs_before
        super().start_application_mode()  # type: ignore[no-untyped-call]
        self._has_terminal = True
        if self.writes:
            self._send("")  # how long an answer takes at least
        if kept and self.attrs_before and not self.attrs_before[tty.LFLAG] & termios.ICANON:
            self.attrs_before = kept

    def stop_application_mode(self) -> None:
        """Give the terminal back, with all that it was asked answered: to a shell that would be something typed."""
        self._has_terminal = False
        end = time.monotonic() + ANSWER_SECONDS
        while 0 < self._answers < self._traffic.asked and time.monotonic() < end:
            time.sleep(ANSWER_SECONDS / 100)
        super().stop_application_mode()

    def continued(self) -> None:
        """Go on after ctrl+z as Textual does; after a SIGSTOP, which gave no time to give the terminal back, anew."""
        if self._has_terminal:
            self.later(self._take_again)
        else:
            super().continued()

    def _take_again(self) -> None:
        if self._has_terminal:
            self.take_terminal_again()

    def read_input(self) -> None:
        """Read until told to stop; a bug in that ends the app."""
        try:
            self.run_input_thread()
        except Exception as error:
            self.app.call_later(cast("NettedApp[Any]", self.app).end_by, error)

    def run_input_thread(self) -> None:
        """Read, decode and post what the terminal sends, until told to stop or the line is gone."""
        decode = getincrementaldecoder("utf-8")("replace").decode
        keys = _Keys(debug=self.debug)
        with selectors.SelectSelector() as selector:
            selector.register(self.fileno, selectors.EVENT_READ)
            while not self.exit_event.is_set():
                if selector.select(WAIT_SECONDS):
                    received = _received(self.fileno)
                    if received is None:
                        hang_up()
                        return
                    self._post_all(keys.of(decode(received)))
                self._post_all(keys.overdue())

    def _post_all(self, messages: Iterable[Message]) -> None:
        for message in messages:
            self.process_message(message)


class _Keys:
    """Textual's parser of keys, mouse and pastes, begun anew after a sequence on which it fails."""

    def __init__(self, *, debug: bool) -> None:
        self._debug = debug
        self._parser = XTermParser(debug)

    def of(self, text: str) -> Iterator[Message]:
        """What the text says, as far as it says something."""
        for sequence in SEQUENCES.split(text):
            if sequence:
                yield from self._usable(self._parser.feed(sequence))

    def overdue(self) -> Iterator[Message]:
        """What is taken as it is, since nothing followed in time, such as a lone escape."""
        yield from self._usable(self._parser.tick())

    def _usable(self, messages: Iterable[Message]) -> Iterator[Message]:
        """The messages, pasted text without controls, until the parser fails."""
        try:
            for message in messages:
                if isinstance(message, events.Paste):
                    yield events.Paste(re.sub(CONTROLS, "", message.text))
                elif not isinstance(message, events.Key) or not _is_half(message.character):
                    yield message
        except (ValueError, OverflowError, ArithmeticError, LookupError, TypeError):
            self._parser = XTermParser(self._debug)


def _erases() -> bool:
    """Whether the terminal, by what is written down of its kind, erases to the background that it would write on."""
    try:
        import curses

        curses.setupterm(fd=sys.__stdout__.fileno() if sys.__stdout__ else -1)
    except Exception:  # curses.error, where it has no words for this kind, or no library for itself
        return False
    return curses.tigetflag("bce") == 1 and curses.tigetstr("ech") is not None


def _received(descriptor: int) -> bytes | None:
    """What has come; None where the line is gone, which is more than an end of what is typed."""
    try:
        if received := os.read(descriptor, READ_BYTES):
            return received
        termios.tcgetattr(descriptor)
    except (OSError, termios.error):
        return None
    return b""


def _is_half(character: str | None) -> bool:
    """Whether it is half of a surrogate pair, which can't be encoded."""
    return character is not None and any("\ud800" <= sign <= "\udfff" for sign in character)
