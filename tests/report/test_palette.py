"""Every initializer has a look of its own, however many there are."""

import pytest
from rich.cells import cell_len

from initterm.report import palette
from initterm.report.palette import colour_of, keep_look, mark_of
from initterm.theory.initializer_rows import FAMILIES
from initterm.theory.initializers import InitializerSpec


@pytest.fixture(autouse=True)
def _fresh_looks(monkeypatch):
    monkeypatch.setattr(palette, "_PLACE_OF", dict(list(palette._PLACE_OF.items())[: len(FAMILIES)]))


def of_gain(gain):
    return InitializerSpec("orthogonal", (("gain", float(gain)),))


def test_no_two_choices_look_alike_until_all_pairs_are_taken():
    choices = [*map(InitializerSpec, FAMILIES), *map(of_gain, range(2, 400))]
    looks = [(colour_of(choice), mark_of(choice)) for choice in choices]
    assert len(set(looks)) == len(choices)
    assert [(colour_of(choice), mark_of(choice)) for choice in choices] == looks


def test_the_first_ones_differ_in_colour_and_in_mark():
    choices = [*map(InitializerSpec, FAMILIES), *map(of_gain, range(2, 10))]
    assert len({colour_of(choice) for choice in choices}) == len(choices)
    assert len({mark_of(choice) for choice in choices}) == len(choices)
    assert all(cell_len(mark_of(choice)) == 1 for choice in choices)


def test_an_edited_choice_keeps_its_look_and_takes_no_place():
    before, edited, other = map(of_gain, (2, 3, 4))
    look = colour_of(before), mark_of(before)
    keep_look(edited, before)
    assert (colour_of(edited), mark_of(edited)) == look
    assert (colour_of(other), mark_of(other)) != look


def test_more_rows_than_looks_are_no_problem():
    count = len(palette._LOOKS)
    assert len({palette._look_at(place) for place in range(count**2)}) == count**2
