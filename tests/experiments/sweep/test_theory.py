"""Theory says how deep a network may be, where it has something to say."""

import math

import pytest

from initterm.experiments.sweep.board import SweepBoard
from initterm.experiments.sweep.sweep import Sweep
from initterm.experiments.sweep.theory import deepest, depth_axis, depths_along
from initterm.report.sweep.figure import place_of, sweep_png

SCHOENHOLZ = (
    "\"variance_scaling(scale={s}, distribution='untruncated_normal')\" --over depth=10,20,48 --over s=0.5,1.76,4 "
    "--hidden 128 --activation tanh --bias-std 0.223607"
)


def bounds(text):
    sweep = Sweep.parse(text)
    return [deepest(cell.experiment, cell.experiment.contenders[0]) for cell in sweep.cells()]


def test_the_depth_of_schoenholz_2017_is_largest_at_the_edge_of_chaos():
    ordered, critical, chaotic = bounds(SCHOENHOLZ)[:3]
    assert chaotic == pytest.approx(42, abs=1)
    assert ordered < chaotic
    assert critical > 500


def test_it_says_nothing_of_what_is_no_plain_wide_chain():
    for option in ("--batch-norm", "--residual", "--dropout 0.1", "--activation softmax"):
        assert set(bounds(f"he_normal --over hidden=8*3,8*6 {option}")) <= {None}
    assert bounds("he_normal --over hidden=8,16,(32,16) --bias-std 0.1 --activation tanh")[2] is None
    assert bounds("zeros lsuv --over epochs=1,2 --hidden 8*3") == [None, None]


def test_depths_are_those_of_the_axis():
    sweep = Sweep.parse("he_normal --over activation=relu,tanh --over hidden=8*3,8,8*12 --over learning_rate=0.1,0.2")
    assert depth_axis(sweep) == 1
    assert depths_along(sweep, 1) == (3, 1, 12)
    assert depth_axis(Sweep.parse("he_normal --over epochs=1,2")) is None


def test_a_depth_has_its_place_between_those_of_an_axis():
    assert [place_of(depth, (10, 20, 48)) for depth in (15.0, 48.0, 1.0, math.inf)] == [0.5, 2.0, -0.5, 2.5]


def test_the_line_is_drawn_over_either_axis():
    turned = SCHOENHOLZ.replace(
        "--over depth=10,20,48 --over s=0.5,1.76,4", "--over s=0.5,1.76,4 --over depth=10,20,48"
    )
    for text in (SCHOENHOLZ, turned):
        assert sweep_png(SweepBoard.of(Sweep.parse(text))).startswith(b"\x89PNG")
