"""Plots under the mouse: what the wheel, a drag, a click and the pointer do."""

import pytest
from textual.app import App
from textual.events import MouseMove, MouseScrollDown, MouseScrollUp

from initterm.tui.widgets.drawing import Bars, Drawing, Window
from initterm.tui.widgets.frame import framed
from initterm.tui.widgets.movable import LEAST_SEEN
from initterm.tui.widgets.movable_plot import MovableGrid, MovablePlot
from initterm.tui.widgets.plot_grid import GridPlot

DRAWING = Drawing(bars=Bars([0.0, 1.0, 2.0, 3.0, 4.0], [1.0, 2.0, 3.0, 4.0], "#5aa9ff"), y_range=(0, 4))


class PlotApp(App):
    def __init__(self):
        super().__init__()
        self.plot, self.told = MovablePlot(), []

    def compose(self):
        yield self.plot

    def on_mount(self):
        self.plot.drawing = DRAWING

    def on_movable_plot_pointed(self, event):
        self.told.append(event.x)

    def on_movable_plot_chosen(self, event):
        self.told.append("chosen")


def at(plot, kind, x, y=5, button=0, ctrl=False, shift=False):
    return kind(plot, x, y, 0, 0, button, shift, False, ctrl)


async def turn(pilot, plot, kind, x, **options):
    plot.post_message(at(plot, kind, x, **options))
    await pilot.pause()


async def test_the_wheel_zooms_around_the_pointer_and_never_out_of_the_whole():
    async with PlotApp().run_test(size=(62, 16)) as pilot:
        plot = pilot.app.plot
        await pilot.pause()
        frame = framed(plot.seen, plot.size)
        column = frame.left + frame.width // 4
        before = frame.point_at(column, 5)[0]
        await turn(pilot, plot, MouseScrollUp, column)
        after = framed(plot.seen, plot.size)
        assert after.column_width < 0.9 * frame.column_width
        assert after.point_at(column, 5)[0] == pytest.approx(before, abs=2 * frame.column_width)
        assert plot.window.y == (0, 1)
        for _ in range(3):
            await turn(pilot, plot, MouseScrollDown, column)
        assert plot.window is None


@pytest.mark.parametrize("key", ["ctrl", "shift"])
async def test_with_ctrl_or_shift_it_zooms_y_from_the_bottom(key):
    async with PlotApp().run_test(size=(62, 16)) as pilot:
        plot = pilot.app.plot
        await turn(pilot, plot, MouseScrollUp, 20, **{key: True})
        assert plot.window.x == (0, 1)
        assert plot.seen.ranges()[1] == pytest.approx((0, 3.2))


async def test_it_zooms_no_closer_than_a_hundredth():
    async with PlotApp().run_test(size=(62, 16)) as pilot:
        plot = pilot.app.plot
        for _ in range(40):
            await turn(pilot, plot, MouseScrollUp, 20)
        assert plot.window.x[1] - plot.window.x[0] == pytest.approx(LEAST_SEEN)


async def test_a_drag_moves_what_is_seen_and_a_double_click_shows_all():
    async with PlotApp().run_test(size=(62, 16)) as pilot:
        plot = pilot.app.plot
        plot.window = Window((0.5, 0.75))
        await pilot.mouse_down(plot, offset=(20, 5))
        await pilot.hover(plot, offset=(35, 5))
        await pilot.mouse_up(plot, offset=(35, 5))
        assert plot.window.x[0] < 0.5
        assert plot.window.x[1] - plot.window.x[0] == pytest.approx(0.25)
        assert "chosen" not in pilot.app.told
        await pilot.click(plot, offset=(20, 5), times=2)
        assert plot.window is None


async def test_a_click_that_moves_nothing_chooses():
    async with PlotApp().run_test(size=(62, 16)) as pilot:
        await pilot.click(pilot.app.plot, offset=(20, 5))
        assert "chosen" in pilot.app.told


async def test_the_pointer_tells_where_it_is_and_that_it_left():
    async with PlotApp().run_test(size=(62, 16)) as pilot:
        plot = pilot.app.plot
        await pilot.pause()
        frame = framed(plot.seen, plot.size)
        await turn(pilot, plot, MouseMove, frame.left)
        assert pilot.app.told[-1] == pytest.approx(frame.column_width / 2)
        await turn(pilot, plot, MouseMove, 0)
        assert pilot.app.told[-1] is None


async def test_panels_of_one_scale_move_together():
    grid = MovableGrid(id="panels")

    class GridApp(App):
        def compose(self):
            yield grid

    async with GridApp().run_test(size=(100, 30)) as pilot:
        grid.show([GridPlot(index, lambda axes: DRAWING) for index in range(3)])
        await pilot.pause()
        plots = grid.query(MovablePlot).nodes
        await turn(pilot, plots[1], MouseScrollUp, 20)
        assert plots[1].window is not None
        assert plots[0].window == plots[1].window == plots[2].window
