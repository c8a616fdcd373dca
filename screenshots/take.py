"""Takes the pictures of README and the pages from the running app: the real engine, the embedded digits, seed 42.

The sweep's map takes minutes, so that it is shown as ``python -m screenshots.measure`` has measured it.
Each as SVG on a dark and on a light ground. ``python -m screenshots.take explore train`` takes some of them.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import cast

from textual.pilot import Pilot

from initterm.experiments.training.contender import Contender
from initterm.experiments.training.experiment import Experiment
from initterm.experiments.training.network import NetworkSpec
from initterm.theory.initializers import InitializerSpec
from initterm.tui.app import InittermApp
from initterm.tui.audit.pane import AuditPane
from initterm.tui.messages import OpenedRun
from initterm.tui.papers.screen import PapersScreen
from initterm.tui.runs.screen import RunsScreen
from initterm.tui.signal.pane import SignalPane
from initterm.tui.sweep.pane import SweepPane
from initterm.tui.training.pane import TrainPane
from initterm.tui.weights.pane import ExplorePane
from initterm.tui.widgets.field import Field
from initterm.tui.widgets.path_field import PathField
from screenshots.cells import rows_of_app
from screenshots.measure import kept_run
from screenshots.svg import still

FOLDER = Path(__file__).parent
SIZE = (120, 36)
THEMES = {"textual-dark": "", "light": "-light"}
"""What the files of each end in."""

Scene = Callable[[Pilot[None]], Awaitable[None]]


async def explore(pilot: Pilot[None]) -> None:
    """A kernel and its law."""
    while pilot.app.query_one(ExplorePane).sample is None:
        await pilot.pause(0.05)


async def compare(pilot: Pilot[None]) -> None:
    """The notebook's five initializers beside each other."""
    for _ in range(5):
        await pilot.press("space", "down")
    while not all(one.sample for one in pilot.app.query_one(ExplorePane).compared):
        await pilot.pause(0.05)


async def train(pilot: Pilot[None]) -> None:
    """The notebook's comparison with a third contender and five seeds, done."""
    contenders = (*Experiment.contenders, Contender(InitializerSpec("random_normal")))
    pilot.app.query_one(TrainPane).take(Experiment(contenders, seeds=5, data="digits"))
    await pilot.press("2", "r")
    while pilot.app.query_one(TrainPane).running:
        await pilot.pause(0.05)


async def signal(pilot: Pilot[None]) -> None:
    """The first chain, measured."""
    await pilot.press("3")
    while not (board := pilot.app.query_one(SignalPane).board) or not board.complete:
        await pilot.pause(0.05)


async def guide(pilot: Pilot[None]) -> None:
    """The lookup table."""
    await pilot.press("4")


async def audit(pilot: Pilot[None]) -> None:
    """A model with faults, fixed and audited again."""
    await pilot.press("5")
    pilot.app.query_one("#audit-model", PathField).set_text("screenshots.models:detector")
    pilot.app.query_one(AuditPane).action_why()
    while (pane := pilot.app.query_one(AuditPane)).board is None or pane.running:
        await pilot.pause(0.05)
    pane.focus_first()


async def papers(pilot: Pilot[None]) -> None:
    """A classic result, replicated."""
    await pilot.press("P")
    await pilot.pause(0.5)
    screen = cast(PapersScreen, pilot.app.screen)
    screen.query_one("#paper-data", Field).set_text("digits")
    await pilot.pause(0.2)
    await pilot.press("down", "down", "enter")
    while not screen.chosen.board.over:
        await pilot.pause(0.05)


async def runs(pilot: Pilot[None]) -> None:
    """Trainings that are kept, listed."""
    pane, short = pilot.app.query_one(TrainPane), Experiment(epochs=5, seeds=3, data="digits")
    deep, selu = NetworkSpec((64,) * 20), NetworkSpec((128, 64), "selu")
    for experiment in (short, replace(short, network=deep), replace(short, network=selu, optimizer="sgd")):
        pane.take(experiment)
        await pilot.press("2", "r")
        while pane.running:
            await pilot.pause(0.05)
    await pilot.press("R")
    while not isinstance(screen := pilot.app.screen, RunsScreen) or len(screen.found) < 3:
        await pilot.pause(0.05)


async def sweep(pilot: Pilot[None]) -> None:
    """The map of trainable depth as it was measured, with the line that theory predicts."""
    run = kept_run()
    board, _ = run.board()
    pane = pilot.app.query_one(SweepPane)
    await pilot.press("6")
    pane.take(OpenedRun(run, board, run.state))
    while not (pane.view and pane.view.theory_words):
        await pilot.pause(0.05)
    await pilot.press("v", *["down"] * 7, *["right"] * 3)  # the whole map, on the ridge
    await pilot.pause(0.5)


SCENES: dict[str, Scene] = {
    "explore": explore, "compare": compare, "train": train, "signal": signal, "guide": guide,
    "audit": audit, "papers": papers, "runs": runs, "sweep": sweep,
}  # fmt: skip


async def take(name: str) -> None:
    """Open the app, and take a scene on each ground."""
    app = InittermApp()
    async with app.run_test(size=SIZE) as pilot:
        while not app.engine_state.ready or not app.query("#train"):
            await pilot.pause(0.05)
        await SCENES[name](pilot)
        for theme, ending in THEMES.items():
            app.theme = theme
            await pilot.pause(0.5)
            svg = FOLDER / f"{name}{ending}.svg"
            svg.write_text(still(rows_of_app(app)), encoding="utf-8")
            print(f"screenshots/{svg.name}")


if __name__ == "__main__":
    os.environ.pop("NO_COLOR", None)
    os.environ["COLORTERM"] = "truecolor"
    for scene in sys.argv[1:] or SCENES:
        with tempfile.TemporaryDirectory() as settings:
            os.environ |= {"XDG_CONFIG_HOME": settings, "INITTERM_RUNS": f"{settings}/runs"}
            asyncio.run(take(scene))
