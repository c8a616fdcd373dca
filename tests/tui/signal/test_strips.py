"""A layer is a cell: what is left of the signal by its colour, and what is odd by a mark of its own."""

import pytest
from rich.console import Console

from initterm.experiments.signal.board import SignalBoard
from initterm.experiments.signal.experiment import SignalExperiment
from initterm.theory.initializers import InitializerSpec
from initterm.theory.propagation import Chain
from initterm.tui.signal.scale import DivergingScale
from initterm.tui.signal.strips import WIDE, StripTable, strip
from tests.tui.fakes import signal_events

PLAIN = DivergingScale()
SPECS = tuple(map(InitializerSpec, ("he_normal", "glorot_uniform")))


def printed(board, width):
    console = Console(width=width, color_system=None)
    with console.capture() as capture:
        console.print(StripTable(board, SPECS, PLAIN))
    return capture.get()


def measured(depth=12):
    experiment = SignalExperiment(SPECS, Chain((16,) * depth))
    board = SignalBoard(experiment)
    for event in signal_events(experiment):
        board = board.after(event)
    return board


def test_colours_tell_it_and_signs_only_where_there_is_no_colour():
    ratios = [1.0, 1e-8, 1e8, None]
    coloured, plain = (strip(ratios, [""] * 4, 4, DivergingScale(coloured=colour)) for colour in (True, False))
    assert coloured.plain.strip() == ""
    assert len({str(span.style) for span in coloured.spans}) == 4
    assert plain.plain == "·−+ "
    assert not any(span.style.bgcolor for span in plain.spans)


@pytest.mark.parametrize(("count", "width", "cells"), [(5, 10, 5), (5, 5, 5), (100, 10, 10), (1, 10, 1), (3, 1, 1)])
def test_a_strip_takes_no_more_than_its_room(count, width, cells):
    assert strip([1.0] * count, [""] * count, width, PLAIN).cell_len == cells


def test_what_is_odd_is_named_by_its_mark():
    assert strip([1.0, None, None], ["", "0", "∞"], 3, PLAIN).plain[1:] == "0∞"


def test_both_ends_of_a_deep_network_are_seen():
    ends = [1.0, *[None] * 98, None]
    assert strip(ends, [""] * 99 + ["∞"], 10, PLAIN).plain[-1] == "∞"


@pytest.mark.parametrize("width", [WIDE, WIDE - 1])
def test_factors_are_left_out_where_there_is_little_room(width):
    text = printed(measured(), width)
    assert ("a layer →" in text) == (width >= WIDE)
    assert max(map(len, text.splitlines())) <= width
    assert "he_normal" in text


def test_before_anything_is_measured_there_is_a_line_each():
    text = printed(SignalBoard(SignalExperiment(SPECS, Chain((16,) * 4))), 100)
    assert len(text.splitlines()) == 3
