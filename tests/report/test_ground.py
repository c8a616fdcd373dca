"""Colours are as strong on any ground as on the one they are named for, and among those that a terminal has."""

import random

import pytest

from initterm.report import ground
from initterm.report.ground import REFERENCE, Ground, colours_of, contrast, with_contrast


def test_contrast_is_that_of_wcag():
    assert contrast("#000000", "#ffffff") == pytest.approx(21.0)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)  # the example known as just too faint


def test_a_colour_that_is_legible_stays_as_it_is():
    assert with_contrast("#5aa9ff", "#121212", 4.5) == "#5aa9ff"


@pytest.mark.parametrize("background", ["#121212", "#ffffff", "#2e3440", "#0072b2", "#808080"])
def test_a_colour_becomes_as_legible_as_is_wanted_and_no_more(background):
    shown = with_contrast("#7a7a99", background, 4.5)
    assert 4.5 <= contrast(shown, background) < 5.0


def test_white_lines_are_nearly_black_on_paper_and_faint_ones_stay_faint():
    paper = Ground("#ffffff")
    assert contrast(paper.shown("#ffffff"), "#ffffff") > 12
    faint = "#565b66"
    assert contrast(paper.shown(faint), "#ffffff") == pytest.approx(contrast(faint, REFERENCE), rel=0.1)


@pytest.mark.parametrize("shades", ["256", "16"])
def test_what_is_shown_is_among_the_colours_of_the_terminal(shades):
    terminal = Ground("#000000", shades)
    there = colours_of(shades)
    assert {terminal.shown(colour) for colour in ("#5aa9ff", "#ff9f43", "#8a8f98")} <= set(there)
    assert all(terminal.nearest(colour) == colour for colour in there)


def test_the_nearest_of_256_is_that_which_a_search_through_all_finds():
    dice = random.Random(42)
    for _ in range(300):
        colour = f"#{dice.randrange(1 << 24):06x}"
        assert Ground(shades="256").nearest(colour) == ground._nearest(colour, colours_of("256"))


def test_a_faint_tint_is_a_dark_one_in_256_colours_and_none_in_sixteen():
    full, cube = Ground("#121212"), Ground("#121212", "256")
    assert contrast(full.tint("#5aa9ff", 0.18), "#121212") < 1.5
    assert contrast(cube.tint("#5aa9ff", 0.18), "#121212") < 1.5
    assert Ground("#000000", "16").tint("#5aa9ff", 0.18) is None
