"""Colours on either side of 1: as far from the middle as the number is, and those that a terminal has."""

import math

import pytest
from rich.color import Color, ColorSystem

from initterm.tui.signal.scale import DivergingScale, decades_of, sign_of


def luminance(colour):
    red, green, blue = Color.parse(colour).get_truecolor()
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("dark", [True, False])
@pytest.mark.parametrize("side", [1, -1])
def test_the_farther_from_1_the_farther_from_the_background(dark, side):
    scale = DivergingScale(dark=dark)
    light = [luminance(scale.colour(side * decades)) for decades in (0, 0.5, 1, 2, 4, 8)]
    assert light == sorted(light, reverse=not dark)
    assert scale.colour(100) == scale.colour(8)


@pytest.mark.parametrize("dark", [True, False])
@pytest.mark.parametrize(
    ("shades", "system", "count"), [("16", ColorSystem.STANDARD, 5), ("256", ColorSystem.EIGHT_BIT, 15)]
)
def test_a_terminal_of_few_colours_is_given_those_it_has(dark, shades, system, count):
    scale = DivergingScale(dark, shades)
    colours = {scale.colour(step / 10) for step in range(-80, 81)}
    shown = {Color.parse(colour).downgrade(system) for colour in colours}
    assert len(colours) == len(shown) == count
    if shades == "256":
        assert {colour.get_truecolor().hex for colour in shown} == colours


def test_what_has_no_ratio_has_no_colour_and_no_sign():
    assert DivergingScale().style(math.nan).bgcolor is None
    assert [sign_of(decades_of(ratio)) for ratio in (None, 0.0, 1.0, math.inf)] == [" ", "−", "·", "+"]
