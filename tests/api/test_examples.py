"""The examples in the docstrings of what Python has do what they say."""

import doctest

import pytest

import initterm
from initterm.api import audit, guide, models, papers, runs, signal, sweep, training, watch, weights

MODULES = (audit, guide, models, papers, runs, signal, sweep, training, watch, weights)


def examples(module):
    return [example for test in doctest.DocTestFinder().find(module) for example in test.examples]


TRAINING = (sweep, training)
"""Their examples train, those of sweeps in processes of their own."""


@pytest.mark.parametrize(
    "module",
    [pytest.param(one, marks=[pytest.mark.slow] * (one in TRAINING)) for one in MODULES],
    ids=lambda module: module.__name__,
)
def test_examples(module):
    assert examples(module)
    assert doctest.testmod(module) == (0, len(examples(module)))


def test_every_module_is_looked_at():
    assert {f"initterm.{home}" for home in initterm._HOMES.values() if "api" in home} == {m.__name__ for m in MODULES}


def test_every_function_has_an_example():
    functions = [getattr(initterm, name) for name in initterm.__all__ if name.islower()]
    assert [one for one in functions if ">>>" not in (one.__doc__ or "")] == []
