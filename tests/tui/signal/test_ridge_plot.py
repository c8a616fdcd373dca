"""Layers as rows of blocks: what vanishes narrows to a needle, what explodes flattens, theory before measurement."""

import pytest
from textual.geometry import Size

from initterm.experiments.signal.board import SignalBoard
from initterm.experiments.signal.events import LayerSignal, SignalMeasured
from initterm.experiments.signal.experiment import SignalExperiment, SignalTrial
from initterm.theory.initializers import InitializerSpec
from initterm.theory.propagation import Chain
from initterm.tui.signal.pane import SignalPane
from initterm.tui.signal.ridge_plot import RidgeDrawing, RidgePicture, RidgePlot
from initterm.tui.signal.view import SignalView
from tests.tui.conftest import rest


@pytest.fixture
def panes():
    return ["signal"]


def ridges(name, activation="tanh", size=(60, 22)):
    spec = InitializerSpec.parse(name)
    board = SignalBoard(SignalExperiment((spec,), Chain((64,) * 30, activation)))
    return [RidgePicture(one, Size(*size)) for one in SignalView(board, (spec,)).ridges()]


def widths(picture):
    """How many cells of each row hold anything."""
    rows = [strip.text[picture.margin : picture.margin + picture.cells] for strip in picture.strips()[1:-1]]
    return [len(row) - row.count(" ") for row in rows]


def test_what_vanishes_narrows_from_layer_to_layer():
    signal, gradient = ridges("random_normal(stddev=0.08)")
    assert widths(signal)[0] > 15
    assert widths(signal)[-1] < widths(signal)[0] / 3
    assert widths(gradient)[-1] > 15 > 3 * widths(gradient)[0]
    assert widths(ridges("random_normal(stddev=0.01)")[0])[-1] == 1


def test_what_explodes_flattens_and_leaves_the_picture():
    signal, _ = ridges("random_normal(stddev=0.5)", "linear")
    first, last = (signal.strips()[line].text for line in (1, -2))
    assert "█" in first
    assert "█" not in last
    assert last.split()[-1] == "1.2e+18"


def test_what_lies_beyond_is_told_and_exact_zeros_hide_nothing():
    signal, _ = ridges("random_normal(stddev=0.5)", "relu")
    last = signal.strips()[-2].text
    assert not any(block in last for block in "▁▂▃▄▅▆▇█")
    assert last.rstrip().split()[1] == "›"
    assert signal.shares(signal.rows[-1]).sum() == pytest.approx(0.5, abs=0.02)
    vanished, _ = ridges("random_normal(stddev=0.01)", "relu")
    assert vanished.strips()[-2].text.count("█") == 1


def test_zero_is_the_middle_of_a_cell_and_stands_under_it():
    for name, activation in (("he_normal", "relu"), ("he_normal", "tanh")):
        signal, _ = ridges(name, activation)
        assert signal.edges[signal.zero] == pytest.approx(-signal.edges[signal.zero + 1])
        assert signal.strips()[-1].text[signal.margin + signal.zero] == "0"


@pytest.mark.parametrize("size", [(21, 5), (26, 10), (60, 40), (150, 100)])
def test_rows_fit_their_room_and_the_first_and_last_layer_are_among_them(size):
    signal, _ = ridges("he_normal", size=size)
    lines = [strip.text for strip in signal.strips()]
    assert len(lines) <= size[1]
    assert max(map(len, lines)) <= size[0]
    assert (signal.rows[0].layer, signal.rows[-1].layer) == (1, 30)
    assert signal.layer_at(0) is None
    assert signal.layer_at(len(lines) - 2).layer == 30


def test_odd_layers_are_named_and_nothing_known_is_said():
    spec = InitializerSpec("ones")
    odd = LayerSignal(1, None, None, "inf", None, None, None, "nan", None)
    known = LayerSignal(2, 1.0, 1.0, "", 0.0, 0.0, 1.0, "", 1.0, 0.0, (0.0,) * 64 + (1.0,))
    board = SignalBoard(SignalExperiment((spec,), Chain((8,) * 2)))
    assert (
        "comes with the measurement"
        in RidgePicture(SignalView(board, (spec,)).ridges()[0], Size(60, 9)).strips()[1].text
    )
    signal, _ = SignalView(board.after(SignalMeasured(SignalTrial(0, 42), (odd, known))), (spec,)).ridges()
    assert any("infinite" in strip.text for strip in RidgePicture(signal, Size(60, 9)).strips())
    assert len(RidgePicture(RidgeDrawing("title"), Size(60, 9)).strips()) == 2


async def test_v_goes_through_plots_ridges_phases_and_correlations(opened):
    async with opened((120, 36)) as pilot:
        await pilot.press("3")
        await rest(pilot)
        views = []
        for _ in range(5):
            views.append(pilot.app.query_one(SignalPane).view)
            await pilot.press("v")
            await rest(pilot)
        assert views == ["plots", "ridges", "phases", "correlations", "plots"]
        ridge = pilot.app.query_one("#forward-ridge", RidgePlot)
        assert ridge.display
        assert ridge.drawing.ridge.measured
        await pilot.hover(ridge, (5, 3))
        assert ridge.render_line(0).text.startswith("layer ")
        assert "half of it from" in ridge.render_line(0).text
        await pilot.press("down", "down", "down")
        await rest(pilot)
        assert ridge.drawing.title.startswith("△")
