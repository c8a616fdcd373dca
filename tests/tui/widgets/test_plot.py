"""Plots draw what they are given at any size, whatever numbers are in it."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from textual.geometry import Size

from initterm.tui.widgets.drawing import Band, Bars, Curve, Drawing, log_ticks, nice_ticks, tick_labels, whole_ticks
from initterm.tui.widgets.plot import painted

numbers = st.floats(allow_nan=True, allow_infinity=True) | st.none()


def text(drawing, width=60, height=12):
    return "\n".join(strip.text for strip in painted(drawing, Size(width, height)))


@settings(max_examples=100)
@given(st.lists(numbers, max_size=12), st.integers(0, 90), st.integers(0, 30), st.booleans())
def test_no_numbers_and_no_size_stop_it(values, width, height, dashed):
    curve = Curve(range(len(values)), values, "#ff0000", dashed=dashed, marker="●", marked=range(len(values)))
    lines = painted(Drawing("title", (curve,)), Size(width, height))
    assert len(lines) in {0, min(1, height), height}
    assert all(line.cell_length <= width for line in lines)


def test_bars_have_equal_widths_and_heights_in_eighths():
    bars = Bars([0.0, 0.25, 0.5, 0.75, 1.0], [1.0, 0.5, 0.03125, 0.0], "#ff0000")
    rows = text(Drawing(bars=bars, edged=True, y_range=(0, 1)), width=44, height=10).splitlines()
    top, half, bottom = rows[0], rows[4], rows[7]
    assert (top.count("█"), half.count("█"), bottom.count("█")) == (10, 20, 20)
    assert bottom.count("▂") == 10


def test_a_curve_is_broken_where_it_has_no_number():
    curve = Curve([1, 2, 3, 4], [1.0, None, math.nan, 2.0], "#ff0000")
    assert list(curve.pieces()) == [[(1.0, 1.0)], [(4.0, 2.0)]]


def test_dashed_lines_have_gaps():
    solid = Drawing(curves=(Curve([0, 1], [0, 0], "#ff0000"),), y_range=(-1, 1))
    dashed = Drawing(curves=(Curve([0, 1], [0, 0], "#ff0000", dashed=True),), y_range=(-1, 1))
    row = max(text(dashed).splitlines(), key=lambda line: sum(0x2801 <= ord(mark) <= 0x28FF for mark in line))
    dots = [0x2801 <= ord(mark) <= 0x28FF for mark in row]
    assert 15 < sum(dots) < 50
    assert sum(any(0x2801 <= ord(mark) <= 0x28FF for mark in line) for line in text(solid).splitlines()) == 1


def test_nothing_to_draw_is_an_empty_picture():
    assert painted(Drawing(), Size(60, 12)) == []
    assert painted(Drawing(curves=(Curve([1], [None], "#ff0000"),)), Size(60, 12)) == []


@pytest.mark.parametrize(
    ("low", "high", "most", "ticks"),
    [(-0.115, 0.115, 5, [-0.1, -0.05, 0.0, 0.05, 0.1]), (0, 8.2, 5, [0, 2, 4, 6, 8]), (0, 1, 3, [0, 0.5, 1])],
)
def test_ticks_are_round_numbers(low, high, most, ticks):
    assert nice_ticks(low, high, most) == pytest.approx(ticks)


@given(st.floats(-100, 100), st.floats(1e-3, 1e6), st.integers(2, 10))
def test_ticks_are_few_and_inside(low, width, most):
    ticks = nice_ticks(low, low + width, most)
    assert len(ticks) <= most
    assert all(low - 1e-6 * width <= tick <= low + width * (1 + 1e-6) for tick in ticks)
    assert len(set(tick_labels(ticks))) == len(ticks)


def test_whole_ticks_end_on_the_last_epoch():
    assert whole_ticks(1, 10, 4) == [1, 4, 7, 10]
    assert whole_ticks(1, 10, 2) == [1, 10]
    assert whole_ticks(1, 2, 6) == [1, 2]


def test_a_band_tints_what_lies_between_its_limits():
    band = Band([0, 1], [0.25, 0.25], [0.75, 0.75], "#ff0000")
    curve = Curve([0, 1], [0.0, 1.0], "#ffffff")
    lines = painted(Drawing(curves=(curve,), bands=(band,), y_range=(0, 1)), Size(44, 10))
    tinted = [
        any(segment.style and segment.style.bgcolor and segment.style.bgcolor.triplet.red > 40 for segment in line)
        for line in lines
    ]
    assert tinted == [False, False, True, True, True, True, False, False, False, False]


def test_a_band_ends_where_its_points_end():
    band = Band([1, 2, 4], [0, 1, 1], [2, 2, 3], "#ff0000")
    assert (band.at(1.5), band.at(3)) == ((0.5, 2.0), (1.0, 2.5))
    assert band.at(0.9) is band.at(4.1) is None


@given(st.floats(-8, 8), st.floats(0.001, 10), st.integers(2, 8))
def test_log_ticks_are_round_numbers_in_the_range(low, span, most):
    ticks, labels = log_ticks(low, low + span, most)
    assert len(ticks) == len(labels) <= most
    assert all(low - 1e-6 <= tick <= low + span + 1e-6 for tick in ticks)


def test_log_ticks_of_losses():
    assert log_ticks(-2, 1, 6)[1] == ["0.01", "0.1", "1", "10"]
    assert log_ticks(-1, 1, 8)[1] == ["0.1", "0.2", "0.5", "1", "2", "5", "10"]
    assert log_ticks(0.31, 0.37, 4)[1] == ["2.1", "2.2", "2.3"]
