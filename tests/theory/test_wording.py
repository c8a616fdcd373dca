"""Counts and lists read as a person would say them."""

import pytest

from initterm.theory.wording import counted, joined


@pytest.mark.parametrize(("count", "words"), [(0, "0 runs"), (1, "1 run"), (2, "2 runs"), (12_345, "12,345 runs")])
def test_one_thing_alone_has_no_s(count, words):
    assert counted("run", count) == words


@pytest.mark.parametrize(("names", "words"), [(("a",), "a"), (("a", "b"), "a and b"), (("a", "b", "c"), "a, b and c")])
def test_the_last_name_comes_after_an_and(names, words):
    assert joined(names) == words
