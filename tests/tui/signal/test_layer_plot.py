"""Signal and gradient by layer: one axis, measured points on theory's dots, ends labelled, what the mouse reads."""

from dataclasses import replace

import numpy as np
import pytest
from textual.events import MouseScrollUp
from textual.geometry import Size

from initterm.experiments.signal.board import SignalBoard
from initterm.experiments.signal.experiment import SignalExperiment
from initterm.report.palette import on_ground
from initterm.theory.initializers import InitializerSpec
from initterm.theory.numbers import short
from initterm.theory.propagation import Chain
from initterm.tui.signal.layer_drawing import LayerDrawing, LayerLine
from initterm.tui.signal.layer_picture import LayerPicture, spaced_layers
from initterm.tui.signal.layer_plot import LayerPlot
from initterm.tui.signal.pane import SignalPane
from initterm.tui.signal.view import SignalView
from initterm.tui.themes import ground_of
from initterm.tui.widgets.drawing import Window
from initterm.tui.widgets.inks import NIGHT
from initterm.tui.widgets.key_line import KeyLine
from tests.tui.conftest import rest
from tests.tui.fakes import signal_events

SPECS = tuple(map(InitializerSpec, ("he_normal", "glorot_uniform")))


@pytest.fixture
def panes():
    return ["signal"]


def plots(depth=30, chosen=0):
    experiment = SignalExperiment(SPECS, Chain((64,) * depth))
    board = SignalBoard(experiment)
    for event in signal_events(experiment):
        board = board.after(event)
    return SignalView(board, SPECS, chosen).plots()


def picture(drawing, width=50, height=16):
    return LayerPicture(drawing, Size(width, height))


def texts(one):
    return [strip.text for strip in one.strips()]


def test_both_plots_have_one_axis_on_which_tenfold_is_seen():
    signal, gradient = plots()
    assert signal.limits == gradient.limits
    assert all(signal.limits[0] < edge < signal.limits[1] for edge in (*signal.edges, *gradient.edges))
    assert any("×10" in line for line in texts(picture(signal)))


@pytest.mark.parametrize("width", [27, 50, 120])
def test_what_is_measured_as_theory_says_lies_on_its_line(width):
    """A square of four dots has one of the line's among them, wherever the line is."""
    one = picture(plots()[0], width)
    line = one.drawing.lines[1]
    logs = np.log10(line.theory)
    theory = one.grid.line(range(1, 31), logs)
    for layer in spaced_layers(30, one.grid):
        assert (one.grid.line([layer], logs[layer - 1 : layer], "points") & theory).any()


def test_the_last_layer_is_always_among_the_points():
    assert all(spaced_layers(30, picture(plots()[0], width).grid)[-1] == 30 for width in (27, 50, 120))


@pytest.mark.parametrize("width", [27, 50, 120])
def test_lines_are_labelled_with_their_last_value_where_they_end(width):
    forward, backward = (texts(picture(one, width)) for one in plots())
    ends = plots()[0].lines[1].at(30), plots()[1].lines[1].at(1)
    assert any(line.endswith(f"△ {ends[0]:.2g}") for line in forward)
    assert any(line.strip().startswith(f"△ {ends[1]:.2g} ") for line in backward)
    assert all(len(line) <= width for line in (*forward, *backward))


def test_a_column_is_a_layer():
    one = picture(plots()[0])
    layers = [layer for column in range(50) if (layer := one.layer_at(column))]
    assert (layers[0], layers[-1]) == (1, 30)
    assert layers == sorted(layers)
    assert one.layer_at(0) is None


def test_nothing_to_draw_and_no_room_are_a_title():
    assert texts(picture(LayerDrawing("signal", (LayerLine("", "●", "#ffffff"),)))) == ["signal"]
    assert texts(picture(plots()[0], 12, 3)) == ["signal by lay"[:12]]


@pytest.mark.parametrize("window", [Window((0.5, 0.75)), Window((0.0, 0.1), (0.4, 0.5))])
@pytest.mark.parametrize("width", [27, 50, 120])
def test_a_part_of_the_layers_is_labelled_where_lines_leave_it(width, window):
    for one in plots():
        part = LayerPicture(one, Size(width, 16), window=window)
        layers = [layer for column in range(width) if (layer := part.layer_at(column))]
        first, last = (1 + 29 * share for share in window.x)
        assert first - 1 < layers[0] <= layers[-1] < last + 1
        assert layers == sorted(layers)
        strips = part.strips()
        assert len(strips) == 16
        assert all(strip.cell_length <= width for strip in strips)
        end = one.lines[0].at(int(last) if one.ends == "right" else -int(-first // 1))
        assert any(f"● {short(end, 2)}" in " ".join(strip.text.split()) for strip in strips)


def test_points_of_another_scale_are_dim_beside_bright_theory():
    signal, inks = plots()[0], NIGHT
    line = replace(signal.lines[0], measured=(), earlier=[value * 2 for value in signal.lines[0].theory])
    strips = picture(replace(signal, lines=(line,))).strips()
    styles = {segment.style for strip in strips[1:-1] for segment in strip if set(segment.text) & set("⠒⠶⣤⠛⠤⠉⣀")}
    assert {inks.full(line.colour), inks.dim(line.colour)} <= styles


async def test_the_wheel_zooms_both_plots_and_z_shows_all_again(opened):
    async with opened((120, 36)) as pilot:
        await pilot.press("3")
        await rest(pilot)
        forward, backward = (pilot.app.query_one(name, LayerPlot) for name in ("#forward", "#backward"))
        await pilot.press("z")
        assert "All is seen already" in pilot.app.query_one(KeyLine).hint
        forward.post_message(MouseScrollUp(forward, forward.canvas.x, 5, 0, 0, 0, False, False, False))
        await rest(pilot)
        assert forward.painting.layer_at(forward.canvas.right - 1) < 26
        assert backward.window == forward.window is not None
        before = forward.window
        await pilot.mouse_down(backward, offset=(30, 5))
        await pilot.hover(backward, offset=(20, 5))
        await pilot.mouse_up(backward, offset=(20, 5))
        assert forward.window == backward.window != before
        await pilot.press("z")
        assert forward.window is backward.window is None


async def test_the_mouse_reads_a_layer_and_chooses_a_line(opened):
    async with opened((120, 36)) as pilot:
        await pilot.press("3")
        await rest(pilot)
        plot = pilot.app.query_one("#forward", LayerPlot)
        one = plot.painting
        column = next(column for column in range(plot.size.width) if one.layer_at(column) == 30)
        await pilot.hover(plot, (column, 5))
        assert plot.render_line(0).text.startswith("layer 30  ● 0.83 (theory 0.83)  △ 0.00")
        assert pilot.app.query_one(SignalPane).chosen == 0
        row = next(y for y in range(plot.size.height) if one.nearest((column, y)) == 1)
        await pilot.click(plot, (column, row))
        await rest(pilot)
        assert pilot.app.query_one(SignalPane).chosen == 1
        assert "glorot_uniform" in str(pilot.app.query_one("#signal-words").render())
        await pilot.click("#strips", (3, 1))
        await rest(pilot)
        assert pilot.app.query_one(SignalPane).chosen == 0
        await pilot.hover("#signal-headline")
        assert plot.render_line(0).text.startswith("signal by layer")


async def test_lines_have_the_colours_that_a_light_theme_gives_the_list(opened):
    async with opened() as pilot:
        pilot.app.theme = "textual-light"
        await pilot.press("3")
        await rest(pilot)
        plot = pilot.app.query(LayerPlot).first()
        wanted = {on_ground(line.colour, ground_of(pilot.app)) for line in plot.drawing.lines}
        drawn = {segment.style.color.name for strip in plot.render_lines(plot.size.region) for segment in strip}
        assert wanted < drawn
