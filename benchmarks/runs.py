"""How soon thousands of kept runs are listed in the app, and how soon its filter answers.

Beside it stands a bare loop that opens every folder's ``run.json`` and reads it, without a screen.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
from textual.events import Key
from textual.pilot import Pilot

from initterm.experiments.training.contender import Contender
from initterm.experiments.training.experiment import Experiment
from initterm.experiments.training.network import NetworkSpec
from initterm.store.place import VARIABLE
from initterm.store.runs import Runs
from initterm.store.writer import header_of
from initterm.tui.app import InittermApp
from initterm.tui.runs.listed import SeenRun
from initterm.tui.runs.screen import RunsScreen
from tests.tui.fakes import FakeEngine

COUNT = 10_000
LIST_GOAL, FILTER_GOAL, LAG_GOAL = 0.300, 0.050, 0.050
FILTER = "depth>20 data:mnist glorot"
NAMES = ("he_normal", "glorot_uniform", "lecun_normal", "orthogonal", "random_normal")
TICK = 0.001
PATIENCE = 60.0


def make(folder: Path, count: int) -> None:
    """So many folders of runs that have ended, a run every ten minutes."""
    chance = random.Random(1)
    header = header_of("", Experiment())  # what doesn't depend on what was asked is looked up once
    for index in range(count):
        began = time.time() - 600 * (count - index)
        contenders = tuple(map(Contender.parse, chance.sample(NAMES, 2)))
        network = NetworkSpec((64,) * chance.choice((3, 10, 30)))
        asked = Experiment(contenders, network, learning_rate=chance.choice((0.001, 0.01)))
        run = f"{time.strftime('%Y%m%d-%H%M%S', time.gmtime(began))}-{index:04x}"
        (folder / run).mkdir()
        told = msgspec.structs.replace(
            header,
            id=run,
            asked=msgspec.Raw(msgspec.json.encode(asked)),
            command=" ".join(["initterm train", *map(str, contenders)]),
            names=tuple(map(str, contenders)),
            settings={"depth": len(network.hidden), "width": 64, "seeds": 1, "learning_rate": asked.learning_rate},
            data=chance.choice(("MNIST", "digits")),
            began=began,
            ended=began + 60,
            state="finished",
            leader=str(contenders[0]),
            outcome="97.1%, one seed",
        )
        (folder / run / "run.json").write_bytes(msgspec.json.encode(told))


def bare(folder: Path) -> float:
    """Seconds of the bare loop."""
    began = time.perf_counter()
    for entry in os.scandir(folder):
        if entry.is_dir():
            with (Path(entry) / "run.json").open("rb") as file:
                json.loads(file.read())
    return time.perf_counter() - began


async def until(holds: Callable[[], object]) -> float:
    """Wait until it does; the seconds that took."""
    began = time.perf_counter()
    while not holds():
        if time.perf_counter() - began > PATIENCE:
            raise TimeoutError
        await asyncio.sleep(TICK)
    return time.perf_counter() - began


def drawn(app: InittermApp) -> bool:
    """Whether the first line of the list that is wanted stands on the screen."""
    screen = app.screen
    if not isinstance(screen, RunsScreen) or not screen.found:
        return False
    strips = screen._compositor.render_strips()
    first = screen.found[0].header.names[0]
    return any(first in "".join(segment.text for segment in strip) for strip in strips)


async def measured(count: int) -> tuple[float, float, list[float], float]:
    """Seconds from the key to the list, and to all runs; of each key of the filter; the longest wait of the loop."""
    app = InittermApp(FakeEngine)
    async with app.run_test(size=(120, 36)) as pilot:
        await until(lambda: not app.starting)
        lag = asyncio.create_task(longest_lag(stopped := asyncio.Event()))
        app.post_message(Key("R", "R"))
        first = await until(lambda: drawn(app))
        screen = app.screen
        assert isinstance(screen, RunsScreen)
        whole = first + await until(lambda: len(screen.found) == count)
        await pilot.press("slash")
        keys = [await of_key(pilot, screen, sign) for sign in FILTER]
        stopped.set()
        return first, whole, keys, await lag


async def of_key(pilot: Pilot[None], screen: RunsScreen, sign: str) -> float:
    """Seconds until the filter's answer to a key is shown; until it is said that what was typed makes no sense yet."""
    shown: list[Sequence[SeenRun]] = []
    show, screen.list.show = screen.list.show, shown.append  # type: ignore[method-assign]
    screen.problem = ""
    began = time.perf_counter()
    pilot.app.post_message(Key(sign, sign))
    await until(lambda: shown or screen.problem)
    screen.list.show = show  # type: ignore[method-assign]
    for runs in shown:
        show(runs)
    return time.perf_counter() - began


async def longest_lag(stopped: asyncio.Event) -> float:
    """The longest time that the event loop was late."""
    longest = 0.0
    while not stopped.is_set():
        began = time.perf_counter()
        await asyncio.sleep(TICK)
        longest = max(longest, time.perf_counter() - began - TICK)
    return longest


def told(seconds: float, goal: float) -> str:
    """A time, and what it shall be at most."""
    return f"{seconds * 1000:.0f} ms (goal {goal * 1000:.0f})"


def main() -> None:
    """Print both times, for the first start, which has no index yet, and for the next one."""
    with tempfile.TemporaryDirectory() as home:
        folder = Path(home) / "runs"
        folder.mkdir()
        os.environ |= {"XDG_CONFIG_HOME": home, "XDG_STATE_HOME": home, VARIABLE: str(folder)}
        make(folder, COUNT)
        loop = min(bare(folder) for _ in range(3))
        for start in ("first", "next"):
            first, whole, keys, lag = asyncio.run(measured(COUNT))
            print(f"{start} start: {COUNT} runs are listed {told(first, LIST_GOAL)} after the key,")
            print(
                f"  all of them after {whole * 1000:.0f} ms, {whole / loop:.2f} of a bare loop's {loop * 1000:.0f} ms"
            )
            median = statistics.median(keys)
            print(f"  filter {told(median, FILTER_GOAL)} a key, {median / loop:.2f} of that loop")
            print(f"  event loop late by at most {told(lag, LAG_GOAL)}")
        rows = time.perf_counter()
        Runs().rows()
        print(f"  read without a screen: {(time.perf_counter() - rows) * 1000:.0f} ms")


if __name__ == "__main__":
    main()
