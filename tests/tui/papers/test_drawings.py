"""A paper's panels as pictures: theory dashed, lines told apart, titles and legends as wide as there is room."""

import pytest

from initterm.experiments.papers.catalogue import PAPERS
from initterm.experiments.papers.events import Panel, Series
from initterm.theory.initializers import InitializerSpec
from initterm.tui.papers.evidence import MOST_MARKS, legend, panel_drawing
from initterm.tui.papers.replication import ReplicationQueue

HE, ZEROS = InitializerSpec("he_normal"), InitializerSpec("zeros")
XS = tuple(map(float, range(1, 41)))
LINES = (
    Series("he_normal", XS, tuple(1 / x for x in XS), False, HE),
    Series("he_normal, theory", XS, tuple(1 / x for x in XS), True, HE),
    Series("zeros", XS, (None, 0.0, *(1.0,) * 38), False, ZEROS),
)
PANEL = Panel("Signal at the start", "layer", "activation std", LINES, log_y=True)


def test_lines_are_told_apart_and_theory_is_dashed():
    measured, theory, zeros = panel_drawing(PANEL, 80, axes=True).curves
    assert (measured.dashed, theory.dashed) == (False, True)
    assert measured.colour == theory.colour != zeros.colour
    assert len(measured.marked) == MOST_MARKS
    assert len(theory.marked) == 0


def test_what_has_no_logarithm_is_left_out():
    *_, zeros = panel_drawing(PANEL, 80, axes=True).curves
    assert list(zeros.y[:3]) == [None, None, 0.0]


@pytest.mark.parametrize("width", [120, 45, 30, 5])
def test_a_title_takes_the_room_there_is(width):
    title = panel_drawing(PANEL, width, axes=True).title
    assert title.startswith("Signal at the start")
    assert len(title) <= max(width, len(PANEL.title))


def test_the_legend_names_each_line_once_and_breaks_between_names():
    wide, narrow = (legend([PANEL, PANEL], width).plain for width in (80, 12))
    assert wide.count("he_normal") == 1
    assert wide.endswith("theory")
    assert "\n" not in wide
    assert all(len(line) <= 12 for line in narrow.split("\n"))


def test_a_panel_without_numbers_is_a_picture_without_lines():
    empty = Panel("Nothing", "x", "y", (Series("a", (), ()),), log_y=True)
    assert panel_drawing(empty, 40, axes=False).y_range


def test_a_queue_begins_with_every_paper_and_none_of_them_running():
    queue = ReplicationQueue(PAPERS)
    assert [one.paper for one in queue.replications] == list(PAPERS)
    assert queue.idle
    assert queue.running is None
    assert not any(one.board.judged or one.board.over for one in queue.replications)
