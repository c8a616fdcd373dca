"""Curves in braille: any numbers at any size, one in front, labels at the ends that don't hide each other."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from textual.app import App
from textual.events import MouseScrollDown, MouseScrollUp
from textual.geometry import Size

from initterm.report.ground import Ground
from initterm.tui.widgets.braille import CellCanvas, DotGrid
from initterm.tui.widgets.curve_painting import painted
from initterm.tui.widgets.curve_picture import Area, CurvePicture, Line
from initterm.tui.widgets.curve_plot import CurvePlot
from initterm.tui.widgets.drawing import Window
from initterm.tui.widgets.end_labels import EndLabel, fitting_labels, spread
from initterm.tui.widgets.inks import NIGHT, Inks

RED, GREEN = "#ff0000", "#00ff00"
numbers = st.floats(allow_nan=True, allow_infinity=True) | st.none()


def rows(picture, width=60, height=12, inks=NIGHT):
    return painted(picture, Size(width, height), inks)


def is_braille(letter):
    return 0x2801 <= ord(letter) <= 0x28FF


def dots_of(strips, colour):
    """How many cells of braille have this colour."""
    return sum(
        sum(map(is_braille, segment.text))
        for strip in strips
        for segment in strip
        if segment.style and segment.style.color and segment.style.color.triplet.hex == colour
    )


@settings(max_examples=100)
@given(
    st.lists(numbers, max_size=12), st.integers(0, 90), st.integers(0, 30),
    st.sampled_from(["solid", "thick", "dotted", "points"]), st.text(max_size=30),
    st.sampled_from([None, Window((0.3, 0.31), (0.9, 1.0)), Window((0.0, 0.5), (-3.0, -2.0))]), st.booleans(),
)  # fmt: skip
def test_no_numbers_no_size_and_no_window_stop_it(values, width, height, stroke, name, window, whole):
    line = Line(range(len(values)), values, RED, stroke=stroke, label=EndLabel("●", name, "0.1"))
    lines = rows(CurvePicture("title", lines=[line], whole_x=whole).through(window), width, height)
    assert len(lines) in {0, min(1, height), height}
    assert all(strip.cell_length <= width for strip in lines)


def test_a_line_has_no_gaps_and_one_dot_where_it_is_flat():
    grid = DotGrid(20, 10, (0, 1), (0, 1))
    flat = grid.line([0, 1], [0.5, 0.5])
    assert flat.sum() == 40
    steep = grid.line([0, 0.5, 1], [0, 1, 0])
    assert steep.any(axis=0).all()
    assert steep.any(axis=1).all()
    assert grid.line([0, 1], [0, math.nan]).sum() == 4  # a single point is a square
    assert 0 < grid.line([0, 1], [0.5, 0.5], "dotted").sum() < 30
    assert grid.line([0, 1], [0.5, 0.5], "thick").sum() == 80
    assert not grid.line([0, 1], [5, 5]).any()


def test_a_stipple_is_sparse_and_between_its_limits():
    grid = DotGrid(20, 10, (0, 1), (0, 1))
    dots = grid.stipple([0, 1], [0.25, 0.25], [0.75, 0.75])
    assert 0 < dots.mean() < 0.2
    assert not dots[:9].any()
    assert not dots[31:].any()


def test_a_cell_shows_what_is_in_front():
    grid = DotGrid(4, 2, (0, 1), (0, 1))
    canvas = CellCanvas(grid)
    canvas.lay(np.ones(grid.shape, bool), 1)
    canvas.lay(grid.line([0, 1], [1, 1]), 2)
    assert canvas.rows(4) == [[("⠉⠉⠉⠉", 1)], [("⣿⣿⣿⣿", 0)]]


def test_lines_of_one_depth_are_both_seen():
    grid = DotGrid(4, 1, (0, 1), (0, 1))
    canvas = CellCanvas(grid)
    canvas.lay(grid.line([0, 1], [1, 1]), 1)
    canvas.lay(grid.line([0, 0.4], [0, 0]), 1)
    assert canvas.rows(4) == [[("⣉⣉", 1), ("⠉⠉", 0)]]


def test_the_one_in_front_keeps_its_colour_and_the_others_are_dim():
    lines = [Line([0, 1], [0, 1], RED), Line([0, 1], [1, 0], GREEN, front=True)]
    strips = rows(CurvePicture(lines=lines))
    assert dots_of(strips, GREEN) > 10
    assert dots_of(strips, RED) == 0
    few = rows(CurvePicture(lines=lines), inks=Inks(Ground(shades="16")))
    assert dots_of(few, "#555555") > 10


def test_labels_stand_at_the_ends_of_their_lines():
    lines = [
        Line([1, 2], [0.0, high], RED, label=EndLabel("●", f"name{index}", f"{high:.1f}"))
        for index, high in enumerate((0.5, 1.0, 0.0))
    ]
    words = [strip.text for strip in rows(CurvePicture(lines=lines), height=14)]
    ends = [next(row for row, text in enumerate(words) if f"name{index}" in text) for index in range(3)]
    assert ends == [6, 0, 11]
    assert words[0].endswith("● name1 1.0")


def test_labels_follow_a_line_that_has_not_come_far():
    short = Line([1, 2], [0.0, 1.0], RED, label=EndLabel("●", "name", "1.0"))
    (text,) = (strip.text for strip in rows(CurvePicture(lines=[short], x_range=(1, 10))) if "name" in strip.text)
    assert text.index("●") < 20


@given(st.lists(st.floats(-5, 30), max_size=9), st.integers(9, 20))
def test_labels_are_spread_in_their_order(wanted, lines):
    wanted.sort()
    places = spread(wanted, lines)
    assert places == sorted(set(places))
    assert all(0 <= place < lines for place in places)


def test_labels_go_no_farther_than_needed():
    assert spread([3.0, 3.1, 3.2, 9.0], 12) == [2, 3, 4, 9]


@pytest.mark.parametrize(("room", "names"), [(30, "● he_normal 0.9"), (14, "● he_norm… 0.9"), (6, "● 0.9"), (2, "●")])
def test_labels_get_shorter_where_there_is_less_room(room, names):
    (label,) = fitting_labels([EndLabel("●", "he_normal", "0.9")], room)
    assert " ".join(filter(None, (label.mark, label.name, label.value))) == names


def test_where_not_all_labels_have_room_the_last_ones_stay():
    lines = [Line([0, 1], [0, 1], RED, label=EndLabel("●", f"name{index}")) for index in range(9)]
    words = "".join(strip.text for strip in rows(CurvePicture(lines=lines), height=7))
    assert [name for name in range(9) if f"name{name}" in words] == [4, 5, 6, 7, 8]


def test_a_log_axis_tells_numbers():
    words = [strip.text for strip in rows(CurvePicture(lines=[Line([1, 2], [-2.0, 0.0], RED)], log_y=True))]
    assert any(text.startswith("0.01") for text in words)


async def test_another_picture_draws_only_the_lines_that_differ():
    class Shows(App[None]):
        def compose(self):
            yield CurvePlot()

    def picture(high):
        lines = [Line([0, 1], [0, 0], RED), Line([0, 1], [high, high], GREEN)]
        return CurvePicture(lines=lines, areas=[Area([0, 1], [0, 0], [0, 0], RED)], x_range=(0, 1), y_range=(0, 1))

    async with Shows().run_test(size=(40, 12)) as pilot:
        plot = pilot.app.query_one(CurvePlot)
        plot.picture = picture(0.5)
        await pilot.pause()
        refreshed = []
        plot.refresh = lambda *regions, **_: refreshed.extend(region.y for region in regions)
        plot.picture = picture(0.5)
        assert refreshed == []
        plot.picture = picture(1.0)
        assert refreshed == [0, 5]


class CurveApp(App[None]):
    def __init__(self):
        super().__init__()
        self.plot, self.chosen = CurvePlot(), []

    def compose(self):
        yield self.plot

    def on_mount(self):
        epochs = np.arange(1, 101)
        lines = [
            Line(epochs, 0.2 + epochs / 1000, RED, label=EndLabel("●", "slow", "0.300"), name="slow"),
            Line(epochs, 1 - 1 / epochs, GREEN, front=True, label=EndLabel("▲", "fast", "0.990"), name="fast"),
        ]
        self.plot.picture = CurvePicture(
            "accuracy", "", lines, (), (1, 100), (0.8, 1.0), whole_x=True, x_name="epoch", words="{:.3f}".format
        )

    def on_curve_plot_line_chosen(self, event):
        self.chosen.append(event.line.name)


def screen_of(plot):
    return [plot.render_line(y).text for y in range(plot.size.height)]


async def wheel(pilot, plot, x, y, turns=1, **keys):
    kind = MouseScrollUp if turns > 0 else MouseScrollDown
    for _ in range(abs(turns)):
        plot.post_message(kind(plot, x, y, 0, 0, 0, keys.get("shift", False), False, keys.get("ctrl", False)))
    await pilot.pause()


async def test_the_wheel_zooms_epochs_and_labels_tell_where_lines_leave():
    async with CurveApp().run_test(size=(70, 14)) as pilot:
        plot = pilot.app.plot
        await pilot.pause()
        assert any("▲ fast 0.990" in line for line in screen_of(plot))
        await wheel(pilot, plot, plot.canvas.x, 5, turns=4)
        low, high = plot.painting.grid.x
        assert (low, high) == pytest.approx((1, 41.55), abs=2)
        assert any(f"▲ fast {1 - 1 / high:.3f}" in line for line in screen_of(plot))
        assert "100" not in screen_of(plot)[-1]
        await wheel(pilot, plot, plot.canvas.x, 5, turns=60)
        assert plot.painting.grid.x[1] - plot.painting.grid.x[0] == pytest.approx(2)
        await pilot.click(plot, (20, 5), times=2)
        assert plot.window is None


@pytest.mark.parametrize("key", ["ctrl", "shift"])
async def test_with_a_key_it_zooms_y_out_to_all_lines(key):
    async with CurveApp().run_test(size=(70, 14)) as pilot:
        plot = pilot.app.plot
        await pilot.pause()
        await wheel(pilot, plot, 20, 5, turns=-20, **{key: True})
        assert plot.painting.grid.y == pytest.approx((0.0, 1.0), abs=0.01)
        assert plot.painting.grid.x == (1, 100)


async def test_a_drag_shows_what_is_below_the_race():
    async with CurveApp().run_test(size=(70, 14)) as pilot:
        plot = pilot.app.plot
        await pilot.pause()
        await pilot.mouse_down(plot, offset=(20, 10))
        await pilot.hover(plot, offset=(20, 5))
        await pilot.mouse_up(plot, offset=(20, 5))
        low, high = plot.painting.grid.y
        assert high - low == pytest.approx(0.2)
        assert low == pytest.approx(0.7, abs=0.02)
        assert pilot.app.chosen == []


async def test_the_pointer_tells_the_nearest_line_and_the_one_in_front():
    async with CurveApp().run_test(size=(70, 14)) as pilot:
        plot = pilot.app.plot
        await pilot.pause()
        left, bottom = plot.canvas.x, plot.canvas.bottom - 1
        await pilot.hover(plot, (left, bottom))
        assert plot.render_line(0).text.strip() == "epoch 1  ● slow 0.201  ▲ fast 0.000"
        await pilot.hover(plot, (plot.canvas.right - 1, plot.canvas.y))
        assert plot.render_line(0).text.strip() == "epoch 100  ▲ fast 0.990"
        await pilot.hover(plot, (0, 5))
        assert plot.render_line(0).text.strip() == "accuracy"


async def test_a_click_on_a_label_chooses_its_line_and_elsewhere_none():
    async with CurveApp().run_test(size=(70, 14)) as pilot:
        plot = pilot.app.plot
        await pilot.pause()
        (row,) = (y for y, line in enumerate(screen_of(plot)) if "fast" in line)
        await pilot.click(plot, (plot.canvas.right + 3, row))
        await pilot.click(plot, (plot.canvas.x + 9, row))
        await pilot.click(plot, (plot.canvas.right + 3, row + 3))
        assert pilot.app.chosen == ["fast"]
