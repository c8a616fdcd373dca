"""Bytes that the app writes to a terminal, and how soon keys are on the screen at the end of a slow line.

The terminal has 120 columns, 36 lines and true colour. The slow line takes 20 kB a second, and each byte 300 ms.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import json
import os
import statistics
import sys
import tempfile
import time
from collections import deque
from dataclasses import replace
from pathlib import Path

from initterm.experiments.training.contender import Contender
from initterm.theory.initializers import InitializerSpec
from initterm.tui.app import InittermApp
from initterm.tui.driver import TerminalDriver
from initterm.tui.training.pane import TrainPane
from tests.terminal import Terminal

APP = [sys.executable, "-m", "initterm", "--fresh"]
COLUMNS, LINES = 120, 36
COLOURS = {"COLORTERM": "truecolor"}
DOWN = "\x1b[B"
KEYS, KEY_SECONDS, REST_SECONDS, RUNS = 20, 0.05, 1.0, 3
PATIENCE = 300.0
RATE, DELAY, TICK = 20_000, 0.3, 0.0025
START_GOAL, KEY_GOAL, TRAINING_GOAL, LATE_GOAL = 60_000, 6_000, 15_000, 1.0
ASKED, ANSWER = b"\x1b[6n", b"\x1b[1;1R"
CONTENDERS = ("he_normal", "glorot_uniform", "lecun_normal", "random_normal")
SEEDS = 3


class CountedTerminal(Terminal):
    """A terminal that knows how many bytes had come when; one that answers what it is asked, or not."""

    answers = False

    def __init__(self, command: list[str]) -> None:
        super().__init__(command, COLUMNS, LINES, environment=COLOURS)
        self.child.delaybeforesend = None
        self.bytes = 0
        self.counts: list[tuple[float, int]] = []

    def read(self, seconds: float = 0.01) -> None:
        """Take in what the program writes for a while."""
        os.set_blocking(self.child.child_fd, False)
        end = time.perf_counter() + seconds
        while time.perf_counter() < end:
            with contextlib.suppress(OSError):  # nothing has come, or the program has ended
                self._take(time.perf_counter())
            time.sleep(TICK)

    def _take(self, now: float) -> None:
        self._arrive(now, os.read(self.child.child_fd, 65536))

    def _arrive(self, now: float, written: bytes) -> None:
        self.written += written
        self.bytes += len(written)
        self.counts.append((now, self.bytes))
        self._stream.feed(written)
        if self.answers and (count := written.count(ASKED)):
            self.type(count * ANSWER)

    def rest(self) -> None:
        """Read until nothing has come for a while."""
        count = -1
        while count != self.bytes:
            count = self.bytes
            self.read(REST_SECONDS)


class SlowTerminal(CountedTerminal):
    """A terminal at the end of a slow line."""

    def __init__(self, command: list[str], *, answers: bool) -> None:
        super().__init__(command)
        self.answers = answers
        self._taken_at = time.perf_counter()
        self._way: deque[tuple[float, bytes]] = deque()

    def _take(self, now: float) -> None:
        while self._way and self._way[0][0] <= now:
            self._arrive(now, self._way.popleft()[1])
        room, self._taken_at = int((now - self._taken_at) * RATE), now
        self._way.append((now + DELAY, os.read(self.child.child_fd, room)))


class Training(InittermApp):
    """The app, which trains several contenders with several seeds each, writes down from when to when, and ends."""

    CSS_PATH = str(Path(__file__).parents[1] / "initterm" / "tui" / "initterm.tcss")

    def __init__(self, report: Path) -> None:
        super().__init__()
        self._report = report

    def on_ready(self) -> None:
        """Begin with the first frame."""
        self.run_worker(self._drive())

    async def _drive(self) -> None:
        while not self.engine_state.ready or not self.query(TrainPane):
            await asyncio.sleep(0.05)
        self.pane = "train"
        train = self.query_one(TrainPane)
        contenders = tuple(Contender(InitializerSpec(name)) for name in CONTENDERS)
        train.take(replace(train.experiment(), contenders=contenders, seeds=SEEDS, data="digits"))
        while train.board is None:
            train.action_run()
            await asyncio.sleep(0.05)
        while train.board.compiling or not train.board.data:
            await asyncio.sleep(0.05)
        began = time.perf_counter()
        while not train.board.over:
            await asyncio.sleep(0.05)
        self._report.write_text(json.dumps((began, time.perf_counter())))
        self.exit()


def main() -> None:
    """Measure all, and print it."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"XDG_CONFIG_HOME": folder, "INITTERM_RUNS": f"{folder}/runs"}  # nothing of the person's
        screen = _measure_explore()
        _measure_training(Path(folder) / "times.json")
        for answers in (False, True):
            _measure_slow_line(screen, answers=answers)


def _measure_explore() -> str:
    with CountedTerminal(APP) as terminal:
        terminal.until("Consistent with N(0", PATIENCE)
        _print("start to the sample drawn", terminal.bytes, START_GOAL)
        terminal.rest()
        sizes = []
        for _ in range(KEYS):
            before = terminal.bytes
            terminal.type(DOWN)
            terminal.rest()
            sizes.append(terminal.bytes - before)
        _print("a key in Explore, the mean", sum(sizes) / KEYS, KEY_GOAL)
        _print("a key in Explore, the most", max(sizes), KEY_GOAL)
        before = terminal.bytes
        terminal.read(3)
        _print("three seconds of nothing", terminal.bytes - before, 0)
        return terminal.text


def _measure_training(report: Path) -> None:
    with CountedTerminal([sys.executable, "-m", "benchmarks.line", "--inside", str(report)]) as terminal:
        while not report.exists():
            terminal.read(0.2)
        terminal.read(0.5)
        began, ended = json.loads(report.read_text())
        sent = [count for at, count in terminal.counts if began <= at <= ended]
        _print("a second of training", (sent[-1] - sent[0]) / (ended - began), TRAINING_GOAL)


def _measure_slow_line(screen: str, *, answers: bool) -> None:
    late = statistics.median(_seconds_late(screen, answers=answers) for _ in range(RUNS))
    kind = "that answers" if answers else "that answers nothing"
    print(f"{KEYS} keys, {RATE // 1000} kB/s, a terminal {kind:<20} {late:6.2f} s   (goal: at most {LATE_GOAL} s)")


def _seconds_late(screen: str, *, answers: bool) -> float:
    """How long after the last of many keys the screen is what it is to be."""
    with SlowTerminal(APP, answers=answers) as terminal:
        terminal.until("Consistent with N(0", PATIENCE)
        terminal.rest()
        for _ in range(KEYS):
            last = time.perf_counter()
            terminal.type(DOWN)
            terminal.read(KEY_SECONDS)
        while terminal.text != screen and time.perf_counter() < last + 10 * LATE_GOAL:
            terminal.read(TICK)
        return time.perf_counter() - last


def _print(name: str, size: float, goal: float) -> None:
    print(f"{name:<40} {size / 1000:8.1f} kB   (goal: at most {goal / 1000:.0f} kB)", flush=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--inside"]:
        gc.disable()  # as the app's own start does; the app enables it again
        app = Training(Path(sys.argv[2]))
        app.driver_class = TerminalDriver
        app.run()
    else:
        main()
