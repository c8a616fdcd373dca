"""How each monkey hunts: sequence after sequence until its time is up, and the smallest failing one said."""

from __future__ import annotations

import json
import random
import shlex
import sys
import tempfile
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.monkeys.shrinking import shrunk

Steps = list[tuple[str | int | float, ...]]

SHRINKING = 120.0
"""Seconds for making a failing sequence small."""

MOST_SHOWN = 20
"""Longer sequences are written to a file."""

TRIES = 3
"""How often a part of a failing sequence may go well before it counts as one that does."""


@dataclass(frozen=True)
class Monkey:
    """What one kind of monkey does.

    Args:
        name: as ``python -m tests.monkeys`` takes it.
        steps: draws a sequence of steps, each of which JSON can hold.
        done: does the steps from a fresh start, and raises ``Broken``. The second argument is the moment (of
            ``time.monotonic``) after which no further step is done. The answer is how many were done.
    """

    name: str
    steps: Callable[[random.Random], Steps]
    done: Callable[[Steps, float], int]


class Broken(Exception):
    """Something that must hold doesn't.

    Args:
        problem: what, in a line or with what is on the screen.
        steps: those that did it, as far as that is known: all since the last fresh start.
    """

    def __init__(self, problem: str, steps: Steps | None = None) -> None:
        super().__init__(problem)
        self.steps = steps


@dataclass(frozen=True)
class Catch:
    """What a monkey broke, by the smallest sequence that was found."""

    monkey: str
    steps: Steps
    problem: str

    def __str__(self) -> str:
        written = json.dumps(self.steps)
        if len(self.steps) > MOST_SHOWN:
            file = Path(tempfile.gettempdir()) / f"{self.monkey}-{zlib.crc32(written.encode()):08x}.json"
            file.write_text(written)
            written = str(file)
        again = shlex.join(["python", "-m", "tests.monkeys", self.monkey, "--steps", written])
        return f"{self.problem}\nIt takes {len(self.steps)} steps; again with:\n  {again}"


def hunt(monkey: Monkey, seed: int, seconds: float) -> Catch | int:
    """What the monkey broke within so many seconds, or how many steps it has done."""
    end, chance, count = time.monotonic() + seconds, random.Random(f"{monkey.name} {seed}"), 0
    while time.monotonic() < end:
        steps = monkey.steps(chance)
        try:
            count += monkey.done(steps, end)
        except Broken as broken:
            print(f"{monkey.name}: {str(broken).splitlines()[0]} Making it small ...", file=sys.stderr, flush=True)
            return _smallest(monkey, broken.steps or steps, broken)
    return count


def _smallest(monkey: Monkey, steps: Steps, broken: Broken) -> Catch:
    """The smallest part of the steps that breaks something, and what."""
    problems, end = [broken], time.monotonic() + SHRINKING

    def fails(part: Steps) -> bool:
        for _ in range(TRIES):
            try:
                monkey.done(part, time.monotonic() + SHRINKING)
            except Broken as again:
                problems.append(again)
                return True
            if time.monotonic() > end:
                break
        return False

    return Catch(monkey.name, shrunk(steps, fails, SHRINKING), str(problems[-1]))
