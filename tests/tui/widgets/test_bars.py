"""Histograms: full width, straight sides, a line on what is behind it, and how far each bar is off."""

import numpy as np
import pytest
from textual.geometry import Size

from initterm.experiments.weights.events import Draw
from initterm.report.ground import Ground, contrast, rgb_of
from initterm.theory.initializers import InitializerSpec
from initterm.theory.laws import law_of
from initterm.theory.shapes import Shape
from initterm.tui.weights.view import drawing_of
from initterm.tui.widgets.bars import LEAST_OF_SIXTEEN, residual_lines
from initterm.tui.widgets.drawing import Bars, Curve, Drawing, Window
from initterm.tui.widgets.frame import LEAST_HEIGHT_WITH_RESIDUALS, framed
from initterm.tui.widgets.plot import painted
from tests.tui.fakes import sample_of

BLUE, WHITE = "#5aa9ff", "#ffffff"
SHAPE = Shape((784, 256))
PANEL = Size(48, 12)


def drawing(name):
    spec = InitializerSpec(name)
    return drawing_of(law_of(spec, SHAPE), spec, sample_of(Draw(spec, SHAPE, 42)))


def cells(strip):
    """Sign, colour and background of each cell."""
    return [(mark, segment.style.color, segment.style.bgcolor) for segment in strip for mark in segment.text]


def backgrounds(strips, frame):
    """The backgrounds on the canvas, row by row from the top; None where there is nothing."""
    return [[cell[2] for cell in cells(strip)[frame.left :]] for strip in strips[: frame.height]]


def filled(strips, frame):
    """Whether each cell of the canvas is all bar."""
    return np.array([[colour is not None for colour in row] for row in backgrounds(strips, frame)])


@pytest.mark.parametrize("width", range(30, 120, 7))
def test_all_the_width_is_used(width):
    picture = drawing("glorot_uniform")
    lines = painted(picture, Size(width, 12))
    assert filled(lines, framed(picture, Size(width, 12)))[-1].all()


@pytest.mark.parametrize("end", [0.0745, 0.08, 0.0913, 0.1])
def test_the_sides_of_a_uniform_histogram_are_straight_wherever_they_fall(end):
    picture = Drawing(
        curves=(Curve([-end, -end, end, end], [0, 1, 1, 0], WHITE),),
        bars=Bars(np.linspace(-end, end, 51).tolist(), [1.0] * 50, BLUE),
        x_range=(-0.15, 0.15),
        y_range=(0, 1.5),
    )
    strips, frame = painted(picture, PANEL), framed(picture, PANEL)
    rows = [tuple(np.flatnonzero(row)) for row in filled(strips, frame) if row.any()]
    assert len(set(rows)) == 1
    first, last = rows[0][0], rows[0][-1]
    low = [cells(strip)[frame.left + first][0] for strip in strips[frame.height // 2 : frame.height]]
    high = [cells(strip)[frame.left + last][0] for strip in strips[frame.height // 2 : frame.height]]
    assert set(low) == {"⡇"}
    assert set(high) == {"⢸"}


def test_the_line_stands_on_the_bars_or_on_what_is_behind_the_plot_and_on_nothing_between():
    rng = np.random.default_rng(1)
    bars = Bars(np.linspace(0, 1, 51).tolist(), rng.normal(1, 0.01, 50).tolist(), BLUE)
    picture = Drawing(curves=(Curve([0, 1], [1, 1], WHITE),), bars=bars, y_range=(0, 1.3))
    strips, frame = painted(picture, PANEL), framed(picture, PANEL)
    line = next(row for row in map(cells, strips) if sum("\u2801" <= mark <= "\u28ff" for mark, _, _ in row) > 30)
    assert len({background for _, _, background in line[frame.left :]}) == 1
    shades = {background for row in backgrounds(strips, frame) for background in row if background}
    assert len(shades) <= frame.height


def test_bars_fade_towards_the_bottom_where_a_terminal_has_all_colours():
    picture = Drawing(bars=Bars([0, 1], [1.0], BLUE), y_range=(0, 1))

    def column(ground):
        return [row[0] for row in backgrounds(painted(picture, PANEL, ground=ground), framed(picture, PANEL))]

    brightness = [sum(colour.triplet) for colour in column(Ground())]
    assert brightness == sorted(brightness, reverse=True)
    assert brightness[0] > 1.5 * brightness[-1]
    assert len(set(column(Ground(shades="256")))) == len(set(column(Ground(shades="16")))) == 1


@pytest.mark.parametrize("shades", ["all", "16"])
@pytest.mark.parametrize("colour", [BLUE, WHITE, "#e8e8e8", "#ffd166"])
@pytest.mark.parametrize("background", ["#121212", "#e0e0e0"])
def test_the_line_is_seen_on_every_bar(shades, colour, background):
    ground = Ground(background, shades)
    picture = Drawing(curves=(Curve([0, 1], [1, 1], WHITE),), bars=Bars([0, 1], [2.0], colour), y_range=(0, 2))
    strips = painted(picture, PANEL, rgb_of(background), ground)
    line = [cell for strip in strips for cell in cells(strip) if "\u2801" <= cell[0] <= "\u28ff"]
    assert line
    assert all(contrast(ink.triplet.hex, shade.triplet.hex) >= LEAST_OF_SIXTEEN for _, ink, shade in line)


def test_zero_is_a_tick_of_every_axis_that_has_it():
    for width in (24, 40, 93, 180):
        frame = framed(drawing("he_normal"), Size(width, 20))
        assert 0.0 in frame.x_ticks[0]
        assert 0.0 in frame.y_ticks[0]


def test_residuals_are_counts_less_expected_over_the_root_of_expected():
    counts, expected = np.array([100, 130, 70, 100]), [100.0] * 4
    bars = Bars([0, 1, 2, 3, 4], (counts / 400).tolist(), BLUE, count=400, expected=expected)
    assert bars.counts == counts.tolist()
    frame = framed(Drawing(bars=bars, axes=False), Size(4, 4))
    over, under = residual_lines(bars, frame, (9, 9, 9), (0, 0, 0), (1, 1, 1))
    assert "".join(over[0]) == " █  "
    assert ["".join(under[0]), under[2]] == ["    ", [None, None, (9, 9, 9), None]]


def test_bars_of_one_column_are_judged_together():
    expected = np.full(64, 100.0)
    bars = Bars(np.linspace(0, 1, 65).tolist(), (1.15 * expected / 6400 * 64).tolist(), BLUE, None, 6400, expected)
    frame = framed(Drawing(bars=bars, axes=False), Size(16, 4))
    over, _ = residual_lines(bars, frame, (9, 9, 9), (0, 0, 0), (1, 1, 1))
    assert "".join(over[0]) == "█" * 16  # 460 of 400 are 3 standard errors, 115 of 100 only 1.5


def test_residuals_are_drawn_where_there_is_room_and_where_their_standard_errors_hold():
    he, orthogonal = drawing("he_normal"), drawing("orthogonal")
    tall, short = Size(60, LEAST_HEIGHT_WITH_RESIDUALS), Size(60, LEAST_HEIGHT_WITH_RESIDUALS - 1)
    assert painted(he, tall)[-2].text.startswith("+3")
    assert framed(he, tall).residual_lines == 2
    assert framed(he, short).residual_lines == 0
    assert not painted(orthogonal, tall)[-2].text.strip()
    assert len(painted(he, tall)) == tall.height


def test_a_window_shows_a_part_with_bars_standing_where_they_stood():
    bars = Bars([0.0, 1.0, 2.0, 3.0, 4.0], [1.0, 2.0, 3.0, 4.0], BLUE)
    part = Drawing(bars=bars, y_range=(0, 4)).through(Window((0.5, 1.0), (0.5, 1.0)))
    assert part.ranges() == ((2.0, 4.0), (2.0, 4.0))
    on_canvas = filled(painted(part, PANEL), framed(part, PANEL))
    left, right = on_canvas[:, 2].mean(), on_canvas[:, -2].mean()
    assert (left, right) == (0.5, 1.0)
