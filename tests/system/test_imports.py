"""The floors hold at run time too: what is imported stays as light as its floor."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import initterm
from initterm.tui.catalogue import PANES

HEAVY = ("tensorflow", "keras", "sklearn", "scipy", "matplotlib")

ROOT = Path(initterm.__file__).parent
LIGHT_FLOORS = sorted({path.parent.name for path in ROOT.glob("*/__init__.py")} - {"engine"})

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


def modules_after_all_of(floor):
    """What is loaded once each module of a floor is."""
    files = sorted(path.relative_to(ROOT.parent).with_suffix("") for path in (ROOT / floor).rglob("*.py"))
    names = [".".join(path.parts).removesuffix(".__init__") for path in files]
    loaded = modules_after(f"import {', '.join(names)}, sys; print(*sys.modules)")
    assert loaded.issuperset(names)
    return loaded


@pytest.mark.parametrize("floor", LIGHT_FLOORS)
def test_no_tensorflow_outside_the_engine(floor):
    assert not modules_after_all_of(floor).intersection(HEAVY)


@pytest.mark.parametrize("floor", [pytest.param("engine", marks=pytest.mark.slow), "experiments", "pipe"])
def test_what_asks_and_measures_draws_nothing(floor):
    screens = {"textual", "plotext"} if floor == "pipe" else {"textual", "plotext", "click"}  # Dask brings click along
    assert not modules_after_all_of(floor) & screens


def test_theory_is_numpy_and_the_standard_library():
    loaded = modules_after_all_of("theory")
    assert not loaded.intersection((*HEAVY, "textual", "rich", "msgspec", "click", "plotext"))


def test_the_first_frame_needs_neither_numpy_nor_plotext():
    loaded = modules_after(
        "import initterm.tui.launch, initterm.tui.app, sys; initterm.tui.app.FIRST.load(); print(*sys.modules)"
    )
    assert not loaded.intersection(("numpy", "plotext", "msgspec", "click"))
    assert [row.id for row in PANES if f"initterm.tui.{row.room}.pane" in loaded] == ["explore"]


def test_the_law_is_drawn_without_anything_heavy():
    loaded = modules_after(DRAWN_LAW)
    assert {"numpy", "plotext"} <= loaded
    assert not loaded.intersection(HEAVY)


def test_one_file_imports_plotext():
    lines = re.compile(r"^\s*(import|from) plotext", re.MULTILINE)
    assert len([path for path in ROOT.rglob("*.py") if lines.search(path.read_text())]) == 1


@pytest.mark.parametrize("floor", ["report", "tui"])
def test_every_room_of_a_face_stands_in_its_contract(floor):
    contracts = tomllib.loads((ROOT.parent / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    layers = next(one["layers"] for one in contracts if one.get("containers") == [f"initterm.{floor}"])
    named = {room for layer in layers for room in layer.split(" | ")}
    assert named == {path.parent.name for path in (ROOT / floor).glob("*/__init__.py")}


def test_the_engine_that_tests_of_the_interface_have_is_none_of_tensorflow_s():
    assert not modules_after("import sys, tests.tui.fakes; print(*sys.modules)").intersection(("tensorflow", "keras"))


@pytest.mark.slow
def test_what_measures_and_photographs_the_program_knows_where_things_stand():
    files = sorted(path for folder in ("benchmarks", "screenshots") for path in (ROOT.parent / folder).glob("*.py"))
    names = [".".join(path.relative_to(ROOT.parent).with_suffix("").parts) for path in files]
    assert modules_after(f"import {', '.join(names)}, sys; print(*sys.modules)").issuperset(names)
