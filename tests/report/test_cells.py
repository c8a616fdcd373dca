"""Text is cut to a terminal's cells, and tables have one style."""

from __future__ import annotations

import doctest

import pytest
from rich.cells import cell_len

from initterm.report import tables
from initterm.report.tables import clipped, filled, plain_table, spaced


def test_the_examples_hold() -> None:
    """As the docstrings have them."""
    results = doctest.testmod(tables)
    assert results.attempted
    assert not results.failed


@pytest.mark.parametrize("text", ["", "relu", "初期化", "a初b期c", "block/ﬁ/kernel"])
@pytest.mark.parametrize("keeps_end", [False, True])
def test_it_never_takes_more_cells_than_it_has(text: str, keeps_end: bool) -> None:
    """Whatever its letters take; filled, it takes just as many."""
    for most in range(12):
        assert cell_len(clipped(text, most, keeps_end=keeps_end)) <= most
        assert cell_len(filled(text, most, keeps_end=keeps_end)) == most
    assert clipped(text, cell_len(text), keeps_end=keeps_end) == text


def test_words_stand_to_the_left_and_numbers_to_the_right() -> None:
    """The first column holds names, where nothing else is said."""
    assert [column.justify for column in plain_table("name", "std").columns] == ["left", "right"]
    assert [column.justify for column in plain_table("layer", "std", left=()).columns] == ["right", "right"]


def test_a_dozen_rows_at_most_with_both_ends() -> None:
    """Evenly spaced; few ones are all there."""
    assert spaced(range(5)) == [0, 1, 2, 3, 4]
    rows = spaced(range(1, 1001))
    assert (rows[0], rows[-1]) == (1, 1000)
    assert len(rows) <= 12
