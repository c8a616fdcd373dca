"""What the README tells a newcomer to type works, and what it names is there."""

import re
import shlex
from pathlib import Path

import pytest

from initterm.tui.catalogue import PANES

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```sh\n(.*?)```", README, flags=re.DOTALL)
COMMANDS = [line for block in BLOCKS for line in block.splitlines() if line.startswith("initterm ")]


QUICK = {
    next(one for one in COMMANDS if one.startswith(f"initterm {name} "))
    for name in ("weights", "train", "signal", "guide")
}
"""The first of each that needs no replication; the slow tests run them all."""


@pytest.mark.parametrize(
    "command", [pytest.param(one, marks=[pytest.mark.slow] * (one not in QUICK)) for one in COMMANDS]
)
def test_commands_of_the_readme_run(initterm, command):
    result = initterm(*shlex.split(command)[1:])
    assert result.returncode == 0, result.stderr
    assert result.stdout


def test_make_targets_of_the_readme_exist():
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), flags=re.MULTILINE))
    assert set(re.findall(r"make ([a-z-]+)", README)) <= targets


def test_pictures_and_documents_of_the_readme_exist():
    for name in re.findall(r"\]\(([^)#]+)\)", README):
        assert name.startswith("https:") or (ROOT / name).exists(), name


@pytest.mark.parametrize("pane", PANES, ids=lambda pane: pane.id)
def test_keys_of_the_readme_are_the_panes(pane):
    keys = {"slash": "/", "escape": "esc", "less_than_sign": "<", "greater_than_sign": ">"}
    for binding in pane.load().BINDINGS:
        assert f"`{keys.get(binding.key, binding.key)}`" in README
