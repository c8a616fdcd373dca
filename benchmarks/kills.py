"""Runs that are killed at random moments: the engine, the app, both, or a command, by several signals.

Each is a run of 6 trials of 5 epochs, killed up to three times, and resumed; it must come to what an uninterrupted run
comes to, number for number. Exits with status 1 where one doesn't.
"""

from __future__ import annotations

import os
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

MOMENTS = 200


def main(moments: int = MOMENTS, seed: int | None = None) -> int:
    """Kill so many runs, and tell what came of them."""
    seed = random.randrange(2**32) if seed is None else seed
    folder = Path(tempfile.mkdtemp(prefix="initterm-kills-"))
    os.environ |= {name: str(folder / "home") for name in ("HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME")}
    from tests.forks import prepare
    from tests.killing import Moment, Reference

    prepare()
    print(f"{moments} runs, seed {seed}, in {folder}", flush=True)
    reference = Reference.made_in(folder / "reference")
    began, kills, wrong = time.perf_counter(), Counter[str](), 0
    for index in range(moments):
        moment = Moment(folder / str(index), random.Random(f"{seed} {index}"), reference)
        moment.live_through()
        kills.update(" ".join(kill.split(" ")[:3]) for kill in moment.kills)
        if moment.wrong:
            wrong += 1
            print(f"run {index}: {', then '.join(moment.kills)}: {'; '.join(moment.wrong)}", flush=True)
        else:
            shutil.rmtree(folder / str(index), ignore_errors=True)
    seconds = time.perf_counter() - began
    print(f"{kills.total()} kills in {seconds:.0f} s: " + ", ".join(f"{n} {kill}" for kill, n in sorted(kills.items())))
    print(f"{moments - wrong} of {moments} runs came to what an uninterrupted one comes to, number for number")
    if not wrong:
        shutil.rmtree(folder, ignore_errors=True)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
