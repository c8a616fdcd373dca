"""The floors hold at run time too: what is imported stays as light as its floor."""

import subprocess
import sys

import pytest

HEAVY = ("tensorflow", "keras", "sklearn", "scipy", "matplotlib")

LIGHT_MODULES = [
    "initterm.theory.laws",
    "initterm.theory.guide",
    "initterm.theory.phases",
    "initterm.engine.experiment",
    "initterm.engine.signal_board",
    "initterm.engine.papers",
    "initterm.engine.paper_board",
    "initterm.engine.protocol",
    "initterm.engine.client",
    "initterm.engine.scoreboard",
    "initterm.engine.audit_board",
    "initterm.engine.model_choice",
    "initterm.engine.state",
    "initterm.tui.app",
    "initterm.tui.help",
    "initterm.tui.panes.explore",
    "initterm.tui.panes.train",
    "initterm.tui.panes.signal",
    "initterm.tui.panes.guide",
    "initterm.tui.papers.gallery",
    "initterm.tui.launch",
    "initterm.cli",
]

DRAWN_LAW = """
import asyncio, sys
from initterm.tui.app import InittermApp

async def main():
    app = InittermApp()
    async with app.run_test(size=(80, 24)) as pilot:
        while app.engine is None or "plotext" not in sys.modules:
            await pilot.pause(0.01)
        print(*sys.modules)

asyncio.run(main())
"""


def modules_after(script):
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60)
    return set(result.stdout.split())


@pytest.mark.parametrize("module", LIGHT_MODULES)
def test_no_tensorflow_below_the_faces_and_in_the_app(module):
    loaded = modules_after(f"import {module}, sys; print(*sys.modules)")
    assert not loaded.intersection(HEAVY)


@pytest.mark.parametrize(
    "module",
    [
        "initterm.engine.training",
        "initterm.engine.weights",
        "initterm.engine.propagation",
        "initterm.engine.replication",
        "initterm.engine.server",
    ],
)
def test_the_engine_draws_nothing(module):
    loaded = modules_after(f"import {module}, sys; print(*sys.modules)")
    assert not loaded.intersection(("textual", "plotext", "click"))


def test_theory_is_numpy_and_the_standard_library():
    loaded = modules_after(
        "import initterm.theory.laws, initterm.theory.guide, initterm.theory.phases, sys; print(*sys.modules)"
    )
    assert not loaded.intersection((*HEAVY, "textual", "rich", "msgspec", "click", "plotext"))


def test_the_first_frame_needs_neither_numpy_nor_plotext():
    loaded = modules_after("import initterm.tui.launch, initterm.tui.app, sys; print(*sys.modules)")
    assert not loaded.intersection(("numpy", "plotext", "msgspec", "click"))


def test_the_law_is_drawn_without_anything_heavy():
    loaded = modules_after(DRAWN_LAW)
    assert {"numpy", "plotext"} <= loaded
    assert not loaded.intersection(HEAVY)
