"""One kernel as figures, several as panels of one scale, whatever room there is."""

import pytest
from rich.console import Console
from textual.geometry import Size

from initterm.experiments.weights.events import Draw
from initterm.theory.initializers import InitializerSpec
from initterm.theory.laws import law_of
from initterm.theory.shapes import Shape
from initterm.tui.weights.comparison import ComparedInitializer, common_scale, overlay, panel
from initterm.tui.weights.view import Statistics
from initterm.tui.widgets.frame import framed
from initterm.tui.widgets.plot import painted
from tests.tui.fakes import sample_of

SHAPE = Shape((784, 256))


def one(name):
    spec = InitializerSpec(name)
    return ComparedInitializer(spec, law_of(spec, SHAPE), "", sample_of(Draw(spec, SHAPE, 42)))


@pytest.mark.parametrize(("width", "has_errors"), [(39, False), (54, True)])
def test_figures_keep_their_names_where_room_is_scarce(width, has_errors):
    he = one("he_normal")
    console = Console(width=width, color_system=None)
    with console.capture() as capture:
        console.print(Statistics(he.law, he.initializer, he.sample, SHAPE.count))
    lines = capture.get().splitlines()
    assert [line.split()[0] for line in lines[1:]] == ["mean", "std", "min", "max"]
    assert lines[1].rstrip().endswith("0.0 s.e.")
    assert ("s.e." in lines[0]) == has_errors


def test_panels_of_one_scale_have_one_canvas_also_where_residuals_mean_nothing():
    ones, size = [one("he_normal"), one("orthogonal")], Size(60, 24)
    drawings = [panel(each, common_scale(ones), True) for each in ones]
    he, orthogonal = (framed(drawing, size) for drawing in drawings)
    assert (he.height, he.y_edges, he.x_edges) == (orthogonal.height, orthogonal.y_edges, orthogonal.x_edges)
    assert painted(drawings[0], size)[-2].text.strip()
    assert not painted(drawings[1], size)[-2].text.strip()


def test_the_highest_fills_the_common_scale_and_single_points_have_one_of_their_own():
    ones = [one("he_normal"), one("orthogonal"), one("zeros")]
    scale = common_scale(ones)
    assert scale.y[1] == pytest.approx(1.08 * max(ones[1].law.curve()[1]))
    assert panel(ones[2], scale, True).y_range is None


def test_an_overlay_has_every_law_the_chosen_ones_before_the_others():
    ones = [one("he_normal"), one("glorot_uniform"), one("lecun_normal")]
    curves = overlay(ones, ones[0].initializer).curves
    laws = [curve for curve in curves if not curve.faint]
    assert [curve.marker for curve in laws] == ["△", "◆", "●"]
    assert [curve.faint for curve in curves] == [True] * 3 + [False] * 3
