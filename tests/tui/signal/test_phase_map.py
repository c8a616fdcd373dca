"""The phase diagram: where things lie, colours or signs, the tenfold contour, and a cursor that keys and mouse move."""

import numpy as np
import pytest

from initterm.theory.phases import CriticalPoint, PhaseDiagram
from initterm.tui.signal.layer_plot import LayerPlot
from initterm.tui.signal.map_picture import BAR, MARGIN, MapFrame, MapPicture, tenfold_contour
from initterm.tui.signal.phase_map import PhaseMap
from initterm.tui.signal.phases import VARIANCES
from initterm.tui.signal.scale import DivergingScale
from tests.tui.conftest import rest


@pytest.fixture
def panes():
    return ["signal"]


def diagram(depths=60):
    """Of a ReLU: (σ_w²/2)^(depth/2)."""
    variances = np.geomspace(2 / 16, 32, VARIANCES)
    left = np.sqrt(variances / 2) ** np.arange(depths)[:, None]
    return PhaseDiagram(variances, left, left, CriticalPoint(2.0, 1.0))


def picture(columns=40, lines=12, **scale):
    return MapPicture(MapFrame(diagram(), columns, lines), "signal", DivergingScale(**scale))


@pytest.mark.parametrize(("columns", "lines"), [(2, 2), (17, 9), (40, 12), (150, 50)])
def test_places_go_to_cells_and_back(columns, lines):
    frame = MapFrame(diagram(), columns, lines)
    assert (frame.depth_at(0), frame.depth_at(columns - 1)) == (1, 60)
    assert (frame.row_at(0), frame.row_at(lines - 1)) == (VARIANCES - 1, 0)
    assert all(frame.depth_at(frame.column_of(depth)) == depth for depth in range(1, 61) if columns >= 60)
    assert all(frame.line_of(frame.row_at(line)) == line for line in range(lines) if lines <= VARIANCES)
    assert frame.row_of(2.0) == pytest.approx((VARIANCES - 1) / 2)


def test_two_variances_a_line_in_colour_and_no_signs():
    marks = {mark for line in picture().lines for mark, _ in line}
    assert marks <= {" ", "▀"}
    top, bottom = picture().lines[0][-1][1], picture().lines[-1][-1][1]
    assert top.bgcolor != bottom.bgcolor


def test_signs_where_there_is_no_colour():
    lines = ["".join(mark for mark, _ in line) for line in picture(coloured=False).lines]
    assert set(lines[0]) == {"·", "+"}
    assert set(lines[-1]) == {"·", "−"}
    assert sum("─" in line for line in lines) == 1


def test_the_contour_is_beyond_tenfold_and_touches_what_is_within():
    decades = np.array([[0.0, 0.5, 1.5, 3.0], [0.0, 0.2, 0.9, 2.0], [0.0, -0.4, -1.2, np.nan]])
    assert tenfold_contour(decades).astype(int).tolist() == [[0, 0, 1, 0], [0, 0, 0, 1], [0, 0, 1, 0]]


def test_the_bar_names_the_powers_of_ten():
    labels = ["".join(segment.text for segment in line).strip(" ▀") for line in picture(lines=25).bar]
    assert [label for label in labels if label] == ["10⁸", "10⁴", "100", "10", "1", "0.1", "0.01", "10⁻⁴", "10⁻⁸"]
    assert any(picture(lines=4).bar[line][-1].text.strip() for line in range(4))


async def test_arrows_and_mouse_move_the_place_and_the_profile_follows(opened):
    async with opened((120, 36)) as pilot:
        await pilot.press("3", "v", "v")
        await rest(pilot)
        phases, profile = pilot.app.query_one(PhaseMap), pilot.app.query_one("#profile", LayerPlot)
        before = profile.drawing
        await pilot.press("up", "right")
        await rest(pilot)
        assert phases.place[1] > 2
        assert profile.drawing.here == phases.place[0] == 30 + -(-60 // phases.frame.columns)
        assert profile.drawing.lines[0].at(60) > before.lines[0].at(60)
        await pilot.mouse_down(phases, (MARGIN, 1))
        assert phases.place[:2] == (1, pytest.approx(32))
        corner = (phases.size.width - BAR - 1, phases.size.height - 2)
        await pilot.hover(phases, corner)
        await pilot.mouse_up(phases, corner)
        assert phases.place[:2] == (60, pytest.approx(0.125))
        await pilot.hover(phases, (MARGIN, 1))
        assert phases.place[0] == 60
        axis = phases.render_line(phases.size.height - 1).text
        assert axis.startswith("depth → 1")
        assert "0.125┤" in phases.render_line(phases.size.height - 2).text


async def test_the_cursor_stays_where_a_person_moved_it_when_the_same_diagram_comes_again(opened):
    async with opened() as pilot:
        await pilot.press("3", "v", "v")
        await rest(pilot)
        phase_map = pilot.app.query_one(PhaseMap)
        phase_map.show(diagram(), 30, 2.0)
        await pilot.press("right", "up")
        moved = phase_map.cursor
        phase_map.show(diagram(), 30, 2.0)
        assert phase_map.cursor == moved
        phase_map.show(diagram(), 10, 2.0)
        assert phase_map.cursor[0] == 10
