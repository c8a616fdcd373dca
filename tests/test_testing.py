"""A test of a person's own fails where a model begins with faults, and its message says which and what mends them."""

import doctest
import tomllib
from pathlib import Path

import pytest

import initterm
from initterm import pytest_plugin, testing
from initterm.engine.runtime import keras
from initterm.testing import assert_initialized
from tests.system.test_imports import modules_after

pytest_plugins = ("pytester",)

layers = keras.layers


def model_of(initializer):
    hidden = layers.Dense(64, "relu", kernel_initializer=initializer, name="hidden")
    return keras.Sequential([keras.Input((32,)), hidden, layers.Dense(10, "softmax", name="output")], name="mine")


def test_a_sound_model_passes_and_a_faulty_one_fails_with_its_findings():
    assert assert_initialized(model_of("he_normal")).errors == ()
    with pytest.raises(AssertionError) as failed:
        assert_initialized(model_of("zeros"))
    assert "hidden/kernel: all weights are 0" in str(failed.value)
    assert 'kernel_initializer="he_normal"' in str(failed.value)
    assert failed.value.__suppress_context__
    assert assert_initialized(model_of("zeros"), fail_on="never").errors


def test_what_is_ignored_does_not_fail():
    checks = {finding.check for finding in initterm.audit(model_of("zeros")).findings}
    assert assert_initialized(model_of("zeros"), ignore=checks).findings == ()


def test_the_fixture_is_the_function(pytester):
    pytester.makepyfile(
        """
        from tests.test_testing import model_of

        def test_sound(assert_initialized):
            assert_initialized(model_of("he_normal"))

        def test_faulty(assert_initialized):
            assert_initialized(model_of("zeros"))
        """
    )
    without = (part for name in ("asyncio", "textual-snapshot", "initterm") for part in ("-p", f"no:{name}"))
    ended = pytester.runpytest_inprocess(*without, "-p", pytest_plugin.__name__)
    ended.assert_outcomes(passed=1, failed=1)
    ended.stdout.fnmatch_lines(["E*hidden/kernel: all weights are 0*"])


def test_pytest_knows_the_plugin_and_loads_nothing_more_for_it():
    project = tomllib.loads((Path(initterm.__file__).parents[1] / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["project"]["entry-points"]["pytest11"] == {"initterm": pytest_plugin.__name__}
    before = modules_after("import pytest, sys; print(*sys.modules)")
    loaded = modules_after(f"import {pytest_plugin.__name__}, sys; print(*sys.modules)") - before
    assert {name for name in loaded if name.startswith("initterm")} == {"initterm", pytest_plugin.__name__}


def test_its_example():
    assert doctest.testmod(testing).failed == 0
