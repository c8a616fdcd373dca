"""How numbers become pictures: decades, laws over bars, and panels in a grid."""

import math

import numpy as np
import pytest
from textual.geometry import Size

from initterm.theory.initializers import InitializerSpec
from initterm.theory.laws import law_of
from initterm.theory.shapes import Shape
from initterm.tui.widgets.drawing import (
    LEAST_DECADES,
    MOST_DECADES,
    Bars,
    axis_ticks,
    law_curves,
    log_limits,
    logs_of,
)
from initterm.tui.widgets.plot_grid import fitting


def test_logarithms_are_those_of_what_has_one():
    assert logs_of([100.0, 1.0, None, 0.0, -3.0, math.nan, math.inf]) == [2.0, 0.0, *[None] * 5]
    assert logs_of([1e-300, 1e300]) == [-MOST_DECADES, MOST_DECADES]


@pytest.mark.parametrize("logs", [[], [None], [0.3], [0.3, 0.31], [-5.0, 5.0, None]])
def test_limits_hold_every_logarithm_and_a_power_of_ten_at_least(logs):
    low, high = log_limits(logs)
    assert high - low >= LEAST_DECADES
    assert all(low < log < high for log in logs if log is not None)


def test_a_law_is_a_line_and_single_points_are_as_high_as_the_bar_of_their_weights():
    shape = Shape((8, 8))
    (curve,) = law_curves(law_of(InitializerSpec("he_normal"), shape), None)
    assert np.trapezoid(curve.y, curve.x) == pytest.approx(1, abs=0.02)
    bars = Bars((0.0, 0.5, 1.0), (1.75, 0.25), "#ffffff")
    points = law_curves(law_of(InitializerSpec("identity"), shape), bars)
    assert [point.x[0] for point in points] == [0, 1]
    assert [0.5 * point.y[1] for point in points] == pytest.approx([7 / 8, 1 / 8])


@pytest.mark.parametrize("count", range(1, 13))
@pytest.mark.parametrize("size", [Size(80, 24), Size(200, 60), Size(20, 50), Size(1, 1)])
def test_every_panel_has_a_place(count, size):
    columns, rows = fitting(count, size)
    assert columns * rows >= count
    assert columns * (rows - 1) < count


def test_wide_rooms_have_more_columns():
    assert fitting(6, Size(240, 20))[0] > fitting(6, Size(40, 60))[0]


def test_what_counts_from_one_has_ticks_at_one_and_at_multiples():
    assert axis_ticks((1, 10), 6, whole=True) == ([1, 2, 4, 6, 8, 10], ["1", "2", "4", "6", "8", "10"])
    assert axis_ticks((1, 30), 4, whole=True)[1] == ["1", "10", "20", "30"]
    assert axis_ticks((1, 3), 3, whole=True)[1] == ["1", "2", "3"]
    assert axis_ticks((14.2, 31.7), 4, whole=True)[1] == ["15", "20", "25", "30"]
