"""`import initterm` loads nothing heavy; what it has is the stub's, the table's, and found when it is asked for."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import initterm
from tests.system.test_imports import modules_after

HEAVY = {"tensorflow", "keras", "scipy", "sklearn", "pandas", "matplotlib", "textual", "numpy", "rich", "msgspec"}


def roots(modules):
    return {name.partition(".")[0] for name in modules}


def test_the_import_loads_nothing_but_itself():
    command = [sys.executable, "-X", "importtime", "-c", "import initterm"]
    told = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stderr
    timed = {line.rpartition("|")[2].strip() for line in told.splitlines()}
    assert "initterm" in timed
    assert not roots(timed) & HEAVY
    loaded = modules_after("import initterm, sys; print(*sys.modules)")
    assert not roots(loaded) & HEAVY
    assert [name for name in loaded if name.startswith("initterm.")] == []


def test_all_names_are_had_without_tensorflow_and_without_a_screen():
    modules = modules_after("import sys; from initterm import *; print(*sys.modules)")
    assert {"initterm.api.audit", "initterm.api.runs", "numpy"} <= modules
    assert not roots(modules) & {"tensorflow", "keras", "scipy", "sklearn", "pandas", "matplotlib", "textual", "click"}


def test_what_is_quick_needs_no_tensorflow():
    script = """
import initterm, sys
initterm.law("he_normal", "784x256"), initterm.gain("gelu"), initterm.recommend("relu").to_json()
str(initterm.papers), list(initterm.runs)
print(*sys.modules)
"""
    assert not roots(modules_after(script)) & {"tensorflow", "keras", "scipy", "matplotlib", "textual"}


def test_names_are_sorted_and_the_stub_tells_each_by_its_home():
    stub = ast.parse(Path(initterm.__file__).with_suffix(".pyi").read_text(encoding="utf-8"))
    told = {
        alias.asname: node.module.removeprefix("initterm.")
        for node in stub.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert told == initterm._HOMES
    assert initterm.__all__ == sorted(told)
    assert set(initterm.__all__) <= set(dir(initterm))


def test_a_name_that_is_not_there_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'prove_it'"):
        _ = initterm.prove_it
    assert initterm.law is initterm.law
