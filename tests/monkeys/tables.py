"""What is known to be odd, all of it in a random order: functions that misbehave, and terminals of all kinds."""

from __future__ import annotations

import contextlib
import os
import random
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from unittest import mock

from tests.monkeys.hunting import Broken, Monkey, Steps
from tests.monkeys.terminals import attempt, cases
from tests.pipe.ill_behaved import ROWS, audit_each, write_module

FUNCTIONS = {row.name: row for row in ROWS}
TERMINALS = {case.name: case for case in cases()}


def functions(told: Sequence[tuple[str | int | float, ...]], until: float) -> int:
    """Audit the functions that are named, each in a process of its own, until time is up; how many were.

    Raises:
        Broken: an audit ended otherwise than it should, or left something behind.
    """
    rows = tuple(FUNCTIONS[str(name)] for _, name in told)
    count = 0
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        write_module(Path(folder))
        with mock.patch.dict(os.environ, PYTHONPATH=os.pathsep.join(sys.path)):
            for row, wrong in audit_each(rows):
                count += 1
                if wrong:
                    raise Broken(f"{row.name}: {wrong}", [("function", row.name)])
                if time.monotonic() > until:
                    break
    return count


def terminals(told: Sequence[tuple[str | int | float, ...]], until: float) -> int:
    """Start and end the app on the terminals that are named, until time is up; on how many it was.

    Raises:
        Broken: it didn't start or end as it should.
    """
    for count, (_, name) in enumerate(told, 1):
        if wrong := attempt(TERMINALS[str(name)]):
            raise Broken(f"{name}: {wrong}", [("terminal", name)])
        if time.monotonic() > until:
            return count
    return len(told)


def _shuffled(kind: str, names: Sequence[str], chance: random.Random) -> Steps:
    return [(kind, name) for name in chance.sample(names, len(names))]


MONKEYS = (
    Monkey("functions", lambda chance: _shuffled("function", [*FUNCTIONS], chance), functions),
    Monkey("terminals", lambda chance: _shuffled("terminal", [*TERMINALS], chance), terminals),
)
