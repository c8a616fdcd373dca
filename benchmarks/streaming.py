"""How late the app's event loop is while it follows a sweep of which a hundred results come in each second.

Another process drives the sweep, whose two workers' trials wait a fiftieth of a second; the app has no terminal to
write to, and no engine.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

from benchmarks import simulated_trials
from initterm.experiments.sweep.board import SweepBoard
from initterm.experiments.sweep.sweep import Sweep
from initterm.experiments.sweep.workplace import Workplace
from initterm.store.place import VARIABLE
from initterm.store.runs import Runs
from initterm.store.stored import StoredRun
from initterm.theory.refusal import Refusal
from initterm.tui.app import InittermApp
from initterm.tui.messages import OpenedRun
from initterm.tui.sweep.pane import SweepPane
from tests.tui.fakes import FakeEngine

SWEEP = Sweep.parse("he_normal zeros --over learning_rate=0.001:0.1:20 --over hidden=8,16,32,64 --seeds 20 --epochs 5")
WORKERS, TRIAL_SECONDS = 2, "0.02"
TICK, GOAL = 0.002, 0.010
LOOK_SECONDS = 0.2
IDLE_TICKS = 1000


def main(part: str = "app") -> None:
    """Watch the app; as another part drive the sweep."""
    if part == "driver":
        drive()
        return
    with tempfile.TemporaryDirectory(prefix="initterm-streaming-") as folder:
        os.environ |= {VARIABLE: str(Path(folder) / "runs"), simulated_trials.SECONDS: TRIAL_SECONDS}
        driver = subprocess.Popen([sys.executable, "-m", "benchmarks.streaming", "driver"], stderr=subprocess.DEVNULL)
        try:
            idle, lags, results = asyncio.run(watched())
        finally:
            driver.terminate()
            driver.wait()
    before, late = (1000 * statistics.quantiles(one, n=100)[98] for one in (idle, lags))
    print(f"{results:.0f} results a second: the loop is late by {late:.1f} ms (p99)   (goal: under {1000 * GOAL:.0f})")
    print(f"  before it followed them: {before:.1f} ms, which is what else this machine does")


def drive() -> None:
    """Run the sweep, as its own process does."""
    from initterm.pipe.cluster.dask_pool import pool_of
    from initterm.pipe.kept_sweep import kept_sweep

    place = Workplace(workers=WORKERS)
    for _ in kept_sweep(SWEEP, place, pool_of=lambda place: pool_of(place, simulated_trials.done)):
        continue


async def watched() -> tuple[list[float], list[float], float]:
    """How late each tick of the app's loop was, in seconds, before it follows the sweep, and then to the last result.

    Also how many results came a second.
    """
    while not (run := begun()):
        await asyncio.sleep(LOOK_SECONDS)
    app = InittermApp(partial(FakeEngine))
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.press("6")
        pane = app.query_one(SweepPane)
        idle = [await lag() for _ in range(IDLE_TICKS)]
        pane.take(OpenedRun(run, SweepBoard.of(SWEEP), "running"))
        while not (pane.board and pane.board.over):
            await asyncio.sleep(LOOK_SECONDS)
        began, first, lags = time.perf_counter(), pane.board.over, []
        while pane.board.over < SWEEP.trial_count:
            lags.append(await lag())
        return idle, lags, (SWEEP.trial_count - first) / (time.perf_counter() - began)


async def lag() -> float:
    """How late the loop is, in seconds."""
    before = time.perf_counter()
    await asyncio.sleep(TICK)
    return time.perf_counter() - before - TICK


def begun() -> StoredRun | None:
    """The sweep's run, once there is one."""
    try:
        return Runs().find("last")
    except Refusal:
        return None


if __name__ == "__main__":
    main(*sys.argv[1:])
