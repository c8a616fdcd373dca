"""Monkeys let loose on initterm: ``python -m tests.monkeys [NAME ...] [--seconds 600] [--seed 1]``.

The time is shared out among those that are named, all of them without a name. The status is 1 where one broke
something; what is printed then ends with the command that does the same again.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from pathlib import Path

from tests.monkeys.cages import MONKEYS
from tests.monkeys.hunting import Broken, Catch, hunt

SECONDS = 600


def main() -> int:
    """Let them loose, or repeat what one has done; the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.monkeys", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(MONKEYS))
    parser.add_argument("--seconds", type=float, default=SECONDS, help="for all together")
    parser.add_argument("--seed", type=int, default=random.randrange(10**6), help="what they do is drawn from it")
    parser.add_argument("--steps", help="do these steps, or those of a .json file, of the one that is named")
    told = parser.parse_args()
    if unknown := [name for name in told.names if name not in MONKEYS]:
        parser.error(f"there is no monkey {unknown[0]!r}; there are {', '.join(MONKEYS)}")
    names = told.names or list(MONKEYS)
    if told.steps:
        return _repeat(names[0], told.steps)
    print(f"seed {told.seed}, {told.seconds:.0f} seconds for {', '.join(names)}", flush=True)
    broken = [_let_loose(name, told.seed, told.seconds / len(names)) for name in names]
    return int(any(broken))


def _let_loose(name: str, seed: int, seconds: float) -> bool:
    """Whether the monkey broke something; prints what, or what it has done."""
    began = time.monotonic()
    caught = hunt(MONKEYS[name], seed, seconds)
    if isinstance(caught, Catch):
        print(f"\n{name} broke something. {caught}\n", flush=True)
        return True
    print(f"{name}: {caught:,} steps in {time.monotonic() - began:.0f} s, nothing broke", flush=True)
    return False


def _repeat(name: str, steps: str) -> int:
    try:
        told = json.loads(Path(steps).read_text() if steps.endswith(".json") else steps)
        MONKEYS[name].done([tuple(step) for step in told], time.monotonic() + 3600)
    except Broken as broken:
        print(broken)
        return 1
    print("Nothing broke.")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
