"""The examples in docstrings do what they say."""

import doctest

import pytest

from initterm.theory import initializers, propagation, shapes


@pytest.mark.parametrize("module", [initializers, propagation, shapes], ids=lambda module: module.__name__)
def test_examples(module):
    assert doctest.testmod(module) == (0, len(examples(module)))
    assert examples(module)


def examples(module):
    return [example for test in doctest.DocTestFinder().find(module) for example in test.examples]
