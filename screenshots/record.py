"""Records the real program in a real terminal, at the keys of a short script, as one animated SVG.

The engine is real, the images are the embedded digits: nothing is downloaded. What takes long is shown faster.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from screenshots.cells import Rows, rows_of_terminal
from screenshots.svg import Frame, film
from tests.terminal import Terminal

FILE = Path(__file__).parent / "recording.svg"
APP = [sys.executable, "-m", "initterm"]
COLUMNS, LINES = 110, 32
DOWN = "\x1b[B"
NO_PROXY = "http://127.0.0.1:9"
"""Where nobody answers, so that MNIST's download fails at once and the digits are taken."""

TICK, LAST = 0.2, 2.0
"""Seconds: between two pictures, and how long the last one stands."""

PATIENCE = 120.0
MOMENT, MOST_MOMENTS = 0.03, 10


@dataclass(frozen=True)
class Keys:
    """Type these, one after the other, and look a while at what each does."""

    typed: tuple[str, ...]
    seconds: float


@dataclass(frozen=True)
class Wait:
    """Until the text stands on the screen; it takes so long at most in the film."""

    text: str
    seconds: float = 0.5


Step: TypeAlias = Keys | Wait

SCRIPT: Sequence[Step] = (
    Wait("Consistent with"),
    Keys((), 1.2),
    Keys((" ", DOWN, DOWN, DOWN), 0.4),
    Wait("Consistent with U"),
    Keys((" ", DOWN, " "), 0.5),
    Keys((), 1.6),
    Keys(("t",), 1.2),
    Keys(("+", "r"), 0.7),
    Wait("val acc"),
    Keys((), 1.6),
    Keys(("v",), 0.6),
    Wait("test accuracy", seconds=4.0),
    Keys((), 1.6),
    Keys(("v",), 1.2),
    Keys(("3",), 0.8),
    Wait("Dead units: "),
    Keys((), 1.2),
    Keys(("v", "v"), 1.6),
)


class Recorder:
    """What the terminal showed, and when by the film's clock."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        self._rows: Rows = ()
        self.frames: list[Frame] = []
        self.clock = 0.0

    def follow(self, step: Step) -> None:
        """Do a step of the script, and take a picture of each change."""
        if isinstance(step, Wait):
            self._watch(lambda: step.text in self._terminal.text, PATIENCE, step.seconds)
            return
        for keys in step.typed or ("",):
            self._terminal.type(keys)
            self._watch(lambda: False, step.seconds, step.seconds)

    def _watch(self, over: Callable[[], bool], patience: float, longest: float) -> None:
        """Look at the terminal until it is over, or for so many seconds; what takes longer is shown faster."""
        taken: list[Frame] = []
        began = time.perf_counter()
        while (passed := time.perf_counter() - began) < patience and not over():
            self._read(min(TICK, patience - passed))
            rows = rows_of_terminal(self._terminal.screen)
            if rows != self._rows and self._terminal.text.strip():
                taken.append((time.perf_counter() - began, rows))
                self._rows = rows
        pace = min(1.0, longest / passed) if passed else 1.0
        for at, rows in taken:
            self._add(self.clock + pace * at, rows)
        self.clock += pace * passed

    def _read(self, seconds: float) -> None:
        """Take in what is written, until nothing more comes for a moment: no picture is half of one."""
        self._terminal.read(seconds)
        for _ in range(MOST_MOMENTS):
            before = len(self._terminal.written)
            self._terminal.read(MOMENT)
            if len(self._terminal.written) == before:
                return

    def _add(self, at: float, rows: Rows) -> None:
        """A picture, in place of the last where that would be gone at once."""
        if self.frames and at - self.frames[-1][0] < TICK / 2:
            at = self.frames.pop()[0]
        self.frames.append((at, rows))


def surroundings(folder: str) -> dict[str, str]:
    """A home of its own, true colour, and no network."""
    proxies = {f"{kind}_proxy": NO_PROXY for kind in ("http", "https", "all")}
    homes = dict.fromkeys(("HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "KERAS_HOME", "INITTERM_RUNS"), folder)
    root = str(FILE.parents[1])
    return {**proxies, **homes, "COLORTERM": "truecolor", "INITTERM_MNIST": "", "PYTHONPATH": root}


def recorded(script: Sequence[Step] = SCRIPT, program: Sequence[str] = APP) -> Iterator[Frame]:
    """The pictures, from the first on that has anything to see."""
    with tempfile.TemporaryDirectory() as folder, Terminal(program, COLUMNS, LINES, surroundings(folder)) as terminal:
        recorder = Recorder(terminal)
        for step in script:
            recorder.follow(step)
        first = recorder.frames[0][0]
        yield from ((at - first, rows) for at, rows in recorder.frames)


if __name__ == "__main__":
    os.environ.pop("NO_COLOR", None)
    frames = [*recorded()]
    seconds = frames[-1][0] + LAST
    FILE.write_text(film(frames, round(seconds, 1)), encoding="utf-8")
    print(f"{FILE.name}: {seconds:.1f} s, {len(frames)} pictures, {FILE.stat().st_size / 1000:.0f} kB")
