"""The app in a real pty with its real engine, at the mercy of a monkey, and what must hold whatever it does."""

from __future__ import annotations

import contextlib
import os
import random
import select
import signal
import sys
import termios
import time
from collections.abc import Sequence
from itertools import takewhile
from pathlib import Path
from types import TracebackType

import psutil

from initterm.store.place import Keeping
from tests.monkeys import fence
from tests.monkeys.footprints import SPAN, WARM_UP, Footprint, excess, growth
from tests.monkeys.gestures import Step, gesture
from tests.monkeys.hunting import Broken
from tests.monkeys.planted_models import plant
from tests.terminal import Terminal

APP = (sys.executable, "-m", "initterm")
ENGINE = "initterm.pipe"
COLUMNS, LINES = 80, 24

PATIENCE = 30.0
"""Seconds within which the app must answer a key, and end when it is told to, on a busy machine."""

ENDINGS = {"q": 0, "ctrl+q": 0, "ctrl+c": 130, "SIGTERM": 128 + signal.SIGTERM, "SIGHUP": 128 + signal.SIGHUP}
QUITTING = (0, 130)
"""How the app may end by itself: by the palette or the footer, which a monkey finds as well."""

BETWEEN_LOOKS = 100

ALONE = 0.3
"""Seconds around an escape so that it is a key, and not the beginning of a sequence, on a busy machine as well."""

STACKS = 6000
"""The last so many characters of what an app writes as it aborts."""

HELP = "esc closes"
ESCAPE, END_OF_PASTE = b"\x1b", b"\x1b[201~"
ALTERNATE_SCREEN = 1049 << 5
"""How pyte calls this private mode."""


class Session:
    """One start of the app after another, as often as it is ended, in one folder."""

    def __init__(self, folder: Path) -> None:
        self.footprints: list[Footprint] = []
        self._folder = folder
        self._terminal: Terminal | None = None

    def __enter__(self) -> Session:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._terminal:
            self._terminal.__exit__(kind, error, trace)

    @property
    def is_open(self) -> bool:
        """Whether the app runs, as far as was noticed."""
        return self._terminal is not None

    def do(self, step: Step) -> None:
        """Do a step, and look whether the app bears it.

        Raises:
            Broken: it doesn't.
        """
        self._opened()
        kind, *what = step
        getattr(self, f"_{kind}")(*what)
        terminal = self._terminal
        if terminal is None:  # it was ended
            return
        terminal.read(0.004)
        if not terminal.child.isalive():
            status = terminal.exit_status()
            self._closed(f"after {step!r}"[:80], QUITTING, status)

    def look(self) -> None:
        """See that the app answers: out of whatever is open, the key for help shows it.

        Raises:
            Broken: it doesn't, within ``PATIENCE``, or takes more than it may.
        """
        terminal = self._opened()
        self._resize(COLUMNS, LINES)
        with contextlib.suppress(psutil.Error):
            if psutil.Process(terminal.child.pid).status() == psutil.STATUS_STOPPED:  # by the palette's suspend
                terminal.child.kill(signal.SIGCONT)
        end = time.monotonic() + PATIENCE
        while not self._shows_help(terminal):
            if not terminal.child.isalive():
                return self._closed("when help was asked for", QUITTING, terminal.exit_status())
            if time.monotonic() > end:
                raise Broken(f"The key for help shows none for {PATIENCE:.0f} seconds:\n{self._stuck(terminal)}")
        self._send(ESCAPE)
        terminal.read(ALONE)  # a key that came with it would be one with Alt
        if not self._waits_for(terminal, shown=False):
            raise Broken(f"Help doesn't close:\n{self._stuck(terminal)}")
        if "Traceback" in terminal.text:
            raise Broken(f"There is a traceback on the screen:\n{terminal.text}")
        self.footprints.append(self._footprint())
        if taken := excess(self.footprints[-1]):
            raise Broken(f"It takes {taken}:\n{terminal.text}")
        if more := growth(self.footprints):
            raise Broken(f"It takes {more} more after {len(self.footprints)} looks than after {WARM_UP + SPAN}")
        return None

    def end(self, how: str) -> None:
        """End the app, and see that it leaves the terminal as it was, and no process.

        Raises:
            Broken: it doesn't end so, or doesn't leave things so.
        """
        self.look()
        if self._terminal is None:  # the look found it ended
            return
        if how in ("SIGTERM", "SIGHUP"):
            self._terminal.child.kill(signal.Signals[how])
        else:
            self._send({"q": b"q", "ctrl+q": b"\x11", "ctrl+c": b"\x03"}[how])
        try:
            status = self._terminal.exit_status(PATIENCE)
        except AssertionError as error:
            raise Broken(f"{how} doesn't end it: {error}") from None
        self._closed(f"after {how}", (ENDINGS[how],), status)

    def _opened(self) -> Terminal:
        if self._terminal is None:
            work = self._folder / "work"
            if not work.exists():
                work.mkdir()
                plant(work)
            environment = {**fence.environment(self._folder), "PYTHONFAULTHANDLER": "1"}
            Keeping(keeps=False).write(Path(environment["INITTERM_RUNS"]))  # a run that is kept outlives the app
            self._terminal = Terminal(APP, COLUMNS, LINES, environment, str(work))
            self._before = termios.tcgetattr(self._terminal.child.child_fd)
            os.set_blocking(self._terminal.child.child_fd, False)
            self.footprints = []
        return self._terminal

    def _closed(self, when: str, allowed: tuple[int, ...], status: int) -> None:
        """Judge how the app ended, and what it left behind."""
        terminal, self._terminal = self._terminal, None
        assert terminal is not None
        screen, now = terminal.screen, termios.tcgetattr(terminal.child.child_fd)
        said = f" {when}, with status {status}:\n{terminal.text}"
        terminal.child.close(force=True)
        if status not in allowed or terminal.last_words:
            raise Broken(f"It ended{said}\n{terminal.last_words}")
        if now != self._before or screen.cursor.hidden or ALTERNATE_SCREEN in screen.mode:
            raise Broken(f"It leaves the terminal otherwise than it was{said}")
        if left := fence.left_behind(self._folder):
            raise Broken(f"It left {', '.join(left)} behind{said}")
        if tried := fence.tried(self._folder, downloads=True):  # as of MNIST, which a person may ask for
            raise Broken(f"It tried {tried}{said}")

    def _shows_help(self, terminal: Terminal) -> bool:
        """Step out of whatever is open, press the key for help, and wait for it a while."""
        self._rest(terminal)
        self._send(END_OF_PASTE)
        for _ in range(4):
            terminal.read(ALONE)
            self._send(ESCAPE)
        self._rest(terminal)
        if not self._waits_for(terminal, shown=False):
            return False
        self._send(b"?")
        return self._waits_for(terminal, shown=True)

    def _stuck(self, terminal: Terminal) -> str:
        """The screen of an app that doesn't answer, and where its threads stand, which it tells as it aborts."""
        shown, before = terminal.text, len(terminal.written)
        terminal.child.kill(signal.SIGABRT)
        terminal.read(1.0)
        return f"{shown}\n{terminal.written[before:].decode(errors='replace')[-STACKS:]}"

    def _rest(self, terminal: Terminal) -> None:
        """Wait until the app has drawn all that was asked of it, or goes on drawing by itself."""
        end, before = time.monotonic() + PATIENCE / 10, b""
        while (now := bytes(terminal.written[-LINES * COLUMNS :])) != before and time.monotonic() < end:
            before = now
            terminal.read(ALONE)

    def _waits_for(self, terminal: Terminal, *, shown: bool) -> bool:
        """Whether help comes, or goes, in a third of the time that there is."""
        end = time.monotonic() + PATIENCE / 3
        while (HELP in terminal.text) is not shown:
            if time.monotonic() > end or not terminal.child.isalive():
                return False
            terminal.read(0.02)
        return True

    def _footprint(self) -> Footprint:
        assert self._terminal is not None
        app = psutil.Process(self._terminal.child.pid)
        with app.oneshot():
            return Footprint(
                app.memory_info().rss, app.num_fds(), app.num_threads(), len(fence.processes(self._folder))
            )

    def _engines(self) -> list[psutil.Process]:
        assert self._terminal is not None
        with contextlib.suppress(psutil.Error):
            children = psutil.Process(self._terminal.child.pid).children()
            return [child for child in children if ENGINE in " ".join(child.cmdline())]
        return []

    def _send(self, content: bytes) -> None:
        """Type bytes, and take in meanwhile what the app writes, which waits for that."""
        assert self._terminal is not None
        end = time.monotonic() + PATIENCE
        while content and self._terminal.child.isalive():
            descriptor = self._terminal.child.child_fd
            if select.select([], [descriptor], [], 0.02)[1]:
                with contextlib.suppress(BlockingIOError, OSError):
                    content = content[os.write(descriptor, content[:256]) :]
            self._terminal.read(0.001)
            if time.monotonic() > end:
                raise Broken(f"It doesn't read its keys for {PATIENCE:.0f} seconds:\n{self._terminal.text}")

    def _type(self, characters: str) -> None:
        self._send(characters.encode("latin-1"))

    def _look(self) -> None:
        self.look()

    def _end(self, how: str) -> None:
        self.end(how)

    def _resize(self, columns: int, lines: int) -> None:
        assert self._terminal is not None
        self._terminal.resize(columns, lines)

    def _storm(self, count: int) -> None:
        """So many changes of size at once, the last of which is back to what was."""
        assert self._terminal is not None
        columns, lines = self._terminal.screen.columns, self._terminal.screen.lines
        for number in range(count):
            self._terminal.resize(columns + number % 7, lines + number % 3)
        self._terminal.resize(columns, lines)

    def _stop(self, who: str, seconds: float) -> None:
        """Stop a process for a while, as a machine under load or a debugger does, and let it go on."""
        assert self._terminal is not None
        stopped = [psutil.Process(self._terminal.child.pid)] if who == "app" else self._engines()
        for number in (signal.SIGSTOP, signal.SIGCONT):
            for process in stopped:
                with contextlib.suppress(psutil.Error):
                    process.send_signal(number)
            self._terminal.read(seconds if number == signal.SIGSTOP else 0.0)

    def _kill(self) -> None:
        for engine in self._engines():
            with contextlib.suppress(psutil.Error):
                engine.kill()


def steps(chance: random.Random, count: int = 2000) -> list[Step]:
    """So many gestures, with a look at the app now and then."""
    drawn: list[Step] = []
    while len(drawn) < count:
        drawn += [*(gesture(chance) for _ in range(BETWEEN_LOOKS)), ("look",)]
    return drawn


def done(steps: Sequence[Step], until: float) -> int:
    """Open the app, do these steps as far as time allows, and end it; how many were done.

    Raises:
        Broken: the app doesn't bear it.
    """
    count, since_start = 0, list[Step]()
    with fence.fenced() as folder, Session(folder) as session:
        try:
            for step in takewhile(lambda _: time.monotonic() < until, steps):
                count += 1
                if not session.is_open:
                    since_start.clear()
                since_start.append(step)
                session.do(step)
            session.end("q")
        except Broken as broken:
            raise Broken(str(broken), since_start) from None
    return count
