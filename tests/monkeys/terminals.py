"""The app on terminals of all kinds, in odd circumstances, with odd input: it starts and ends clean, or says why not.

``python -m tests.monkeys.terminals`` tries them all; ``tests/system/test_terminals.py`` a chosen few.
"""

from __future__ import annotations

import argparse
import re
import shlex
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import psutil

from tests.terminal import APP_WITHOUT_TENSORFLOW, Terminal

Act = Callable[[Terminal], None]
ENDS_WITHIN = 30.0
REFUSED = 2


@dataclass(frozen=True)
class Case:
    """A terminal and what is done on it; ``redirected`` is what a shell is told before or after the command."""

    name: str
    status: int = 0
    environment: Mapping[str, str] = field(default_factory=dict)
    columns: int = 80
    lines: int = 24
    redirected: str = "{}"
    acts: Sequence[Act] = ()
    says: str = ""


def types(*texts: str | bytes) -> Act:
    """Type these one after another, each when the app has done with the one before."""

    def act(terminal: Terminal) -> None:
        for text in texts:
            terminal.type(text)
            rest(terminal)

    return act


def rest(terminal: Terminal, seconds: float = 0.4) -> None:
    """Wait until the app has drawn nothing for a while."""
    end, drawn = time.monotonic() + ENDS_WITHIN, -1
    while drawn < len(terminal.written) and time.monotonic() < end:
        drawn = len(terminal.written)
        terminal.read(seconds)


def ends_by(number: signal.Signals) -> Act:
    """Send a signal."""
    return lambda terminal: terminal.child.kill(number)


def is_stopped(terminal: Terminal) -> None:
    """Be stopped as no program can notice, and go on."""
    terminal.child.kill(signal.SIGSTOP)
    terminal.read(0.2)
    terminal.child.kill(signal.SIGCONT)
    rest(terminal)


def is_suspended(terminal: Terminal) -> None:
    """Ctrl+z, and ``fg`` in the shell; in between the terminal is the shell's."""
    terminal.type("\x1a")
    end = time.monotonic() + ENDS_WITHIN
    while terminal.drawn_over and time.monotonic() < end:
        terminal.read(0.05)
    if terminal.drawn_over:
        raise AssertionError("ctrl+z leaves the terminal to the app")
    app = psutil.Process(terminal.child.pid)
    while app.status() != psutil.STATUS_STOPPED and time.monotonic() < end:  # it gives the terminal back before
        terminal.read(0.05)
    terminal.child.kill(signal.SIGCONT)
    while not terminal.drawn_over and time.monotonic() < end:
        terminal.read(0.05)
    rest(terminal)


LATIN_1 = "café naïve".encode("latin-1")
HOMES = ("HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME")
TERMS = ("vt100", "linux", "screen", "tmux-256color", "xterm", "rubbish-42")
SIZES = ((1, 1), (2, 50), (200, 2), (10, 3), (20, 6), (40, 12), (132, 43), (300, 100))
ENVIRONMENTS: Mapping[str, Mapping[str, str]] = {
    "NO_COLOR": {"NO_COLOR": "1"},
    "LANG=C": {"LANG": "C", "LC_ALL": "C"},
    "an ASCII terminal": {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    "PYTHONIOENCODING=ascii": {"PYTHONIOENCODING": "ascii:strict"},
    "PYTHONIOENCODING=latin-1": {"PYTHONIOENCODING": "latin-1:strict"},
    "no home": dict.fromkeys(HOMES, "/proc/nowhere"),
    "a home that is a file": dict.fromkeys(HOMES, "/dev/null/x"),
}
TYPED: Mapping[str, Sequence[Act]] = {
    "a byte that isn't UTF-8": [types(b"\xff")],
    "a paste of Latin-1": [types("4", "/", b"\x1b[200~" + LATIN_1 + b"\x1b[201~", "\x1b[27u")],
    "typed Latin-1": [types("4", "/", LATIN_1, "\x1b[27u")],
    "half of a character": [types("4", "/", "é".encode()[:1], "x", "\x1b[27u")],
    "half of a pair": [types("4", "/", "\x1b[55296u", "\x1b[27u")],
    "sequences that mean nothing": [types("\x1b[99999999999u", "\x1b[97;5:3u", "\x1b[97;999999u", "\x1b[<9;9")],
    "a paste with controls": [types("4", "/", "\x1b[200~\x1b[2J\0\x07\x9b31m\x1b[201~", "\x1b[27u")],
    "a paste that never ends": [types("\x1b[200~abc", b"\x1b[201~")],
    "unhashable": [types("/", "constant({[]:1})", "\r", "\x1b[27u")],
    "no gain": [types("4", "/", "relu(threshold=40)", "\x1b[27u")],
}


def cases() -> Iterator[Case]:
    """Every case."""
    yield from (Case(f"TERM={term}", environment={"TERM": term}) for term in TERMS)
    yield Case("TERM=dumb", REFUSED, {"TERM": "dumb"}, says="TERM is dumb")
    yield Case("no TERM", REFUSED, redirected="unset TERM; {}", says="TERM is dumb")
    yield from (Case(f"{columns}x{lines}", columns=columns, lines=lines) for columns, lines in SIZES)
    yield from (Case(name, environment=environment) for name, environment in ENVIRONMENTS.items())
    yield Case("a full disk", redirected="ulimit -f 0; {}", acts=[types("2", "n", "3", "\x1b[27u")])
    yield Case("errors elsewhere", redirected="{} 2>/dev/null")
    yield Case("errors nowhere", redirected="{} 2>&-")
    yield Case("no input", REFUSED, redirected="{} <&-", says="needs a terminal")
    yield Case("no output", REFUSED, redirected="{} >&-", says="Standard output is closed")
    yield Case("output to a full disk", REFUSED, redirected="{} >/dev/full", says="needs a terminal")
    yield from (Case(name, acts=acts) for name, acts in TYPED.items())
    yield from endings()


def endings() -> Iterator[Case]:
    """How the app is stopped and ended, each after stops that it came back from."""
    stops: Mapping[str, Sequence[Act]] = {
        "": (),
        "a stop, ": (is_stopped,),
        "ctrl+z, ": (is_suspended,),
        "ctrl+z, two stops, ctrl+z, ": (is_suspended, is_stopped, is_stopped, is_suspended),
    }
    for name, before in stops.items():
        yield Case(f"{name}q", acts=before)
        yield Case(f"{name}ctrl+c", 128 + signal.SIGINT, acts=[*before, types("\x03")])
        for number in (signal.SIGTERM, signal.SIGHUP):
            yield Case(f"{name}{number.name}", 128 + number, acts=[*before, ends_by(number)])


def attempt(case: Case, command: Sequence[str] = APP_WITHOUT_TENSORFLOW) -> str:
    """Open the app, do what the case does, and quit; what is wrong then, empty where nothing is."""
    shell = ["/bin/sh", "-c", case.redirected.format(f"{shlex.join(command)}").strip()]
    if case.redirected == "{}":
        shell = list(command)
    with Terminal(shell, case.columns, case.lines, case.environment) as terminal:
        before = terminal.modes
        try:
            _wait(lambda: terminal.drawn_over or not terminal.child.isalive(), terminal)
            if terminal.child.isalive():
                rest(terminal, 1.0)
                for act in case.acts:
                    act(terminal)
            status = _ended(terminal)
        except AssertionError as problem:
            return str(problem)
        return _wrong(case, terminal, status, before)


def _wrong(case: Case, terminal: Terminal, status: int, before: list[int]) -> str:
    faults = (
        (status != case.status, f"ended with {status} instead of {case.status}"),
        (terminal.modes != before, "left the terminal with other modes"),
        (terminal.drawn_over, "left the alternate screen, or no cursor"),
        (b"Traceback" in terminal.written, "showed a traceback"),
        (case.says not in re.sub(r"\s+", " ", terminal.text), f"did not say {case.says!r}"),
    )
    found = "; ".join(words for fault, words in faults if fault)
    return f"{found}:\n{terminal.text.rstrip()}" if found else ""


def _ended(terminal: Terminal) -> int:
    """The exit status after q, pressed again and again: a key may fall into what takes time."""
    end = time.monotonic() + ENDS_WITHIN
    while terminal.child.isalive():
        if time.monotonic() > end:
            raise AssertionError(f"goes on after q:\n{terminal.text.rstrip()}")
        try:
            terminal.type("q")
        except OSError:
            break
        terminal.read(0.3)
    return terminal.exit_status()


def _wait(condition: Callable[[], bool], terminal: Terminal) -> None:
    end = time.monotonic() + ENDS_WITHIN
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"never started:\n{terminal.text.rstrip()}")
        terminal.read(0.05)


def main() -> int:
    """Try them all, or those whose name holds a text; 1 where one fails."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("part", nargs="?", default="", help="only those whose name holds this")
    part = parser.parse_args().part
    failed = tried = 0
    for case in (case for case in cases() if part in case.name):
        problem = attempt(case)
        tried, failed = tried + 1, failed + bool(problem)
        print(f"{'✗' if problem else '✓'} {case.name}" + (f": {problem}" if problem else ""), flush=True)
    print(f"{tried} terminals, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
