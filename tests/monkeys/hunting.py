"""How each monkey hunts: sequence after sequence until its time is up, and the smallest failing one said."""

from __future__ import annotations

import json
import random
import shlex
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

from tests.monkeys.shrinking import shrunk

Steps = list[tuple[str | int | float, ...]]

SHRINKING = 120.0
"""Seconds for making a failing sequence small."""


@dataclass(frozen=True)
class Monkey:
    """What one kind of monkey does.

    Args:
        name: as ``python -m tests.monkeys`` takes it.
        steps: draws a sequence of steps, each of which JSON can hold.
        problem: does the steps from a fresh start, and tells what broke; empty where nothing did. The second argument
            is the moment (of ``time.monotonic``) after which no further step is done.
    """

    name: str
    steps: Callable[[random.Random], Steps]
    problem: Callable[[Steps, float], str]


@dataclass(frozen=True)
class Catch:
    """What a monkey broke, by the smallest sequence that was found."""

    monkey: str
    steps: Steps
    problem: str

    def __str__(self) -> str:
        again = shlex.join(["python", "-m", "tests.monkeys", self.monkey, "--steps", json.dumps(self.steps)])
        return f"{self.problem}\nIt takes {len(self.steps)} steps; again with:\n  {again}"


def hunt(monkey: Monkey, seed: int, seconds: float) -> Catch | int:
    """What the monkey broke within so many seconds, or how many steps it has done."""
    end, chance, count = time.monotonic() + seconds, random.Random(f"{monkey.name} {seed}"), 0
    while time.monotonic() < end:
        steps = monkey.steps(chance)
        if problem := monkey.problem(steps, end):
            print(f"{monkey.name}: {problem.splitlines()[0]} Making it small ...", file=sys.stderr, flush=True)
            return Catch(monkey.name, *_smallest(monkey, steps, problem))
        count += len(steps)
    return count


def _smallest(monkey: Monkey, steps: Steps, problem: str) -> tuple[Steps, str]:
    """The smallest part of the steps that breaks something, and what."""
    problems = [problem]

    def fails(part: Steps) -> bool:
        told = monkey.problem(part, time.monotonic() + SHRINKING)
        if told:
            problems.append(told)
        return bool(told)

    return shrunk(steps, fails, SHRINKING), problems[-1]
