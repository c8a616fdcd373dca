"""Which cells theory recommends: the guide's gain along a scale, and a rate that is carried to other widths."""

import pytest

from initterm.experiments.sweep.recommended import carried_rates, gain_cells
from initterm.experiments.sweep.sweep import Sweep

SCALES = 'initterm sweep "variance_scaling(scale={s})" he_normal --over activation=relu,tanh,linear --over s=1,1.6,2,4'
RATES = "initterm sweep he_normal zeros --over width=64,128,256 --over learning_rate=0.001,0.002,0.004 --hidden 64*3"


def where(sweep, cells):
    return [tuple(value for _, value in sweep.settings_at(cell)) for cell in sorted(cells)]


def test_the_gain_lies_at_one_over_the_mean_square_of_the_activation():
    sweep = Sweep.parse(f"{SCALES} --hidden 32*4")
    # E[relu²] = 1/2, E[tanh²] = 0.394, E[x²] = 1
    assert where(sweep, gain_cells(sweep, 0)) == [("relu", "2"), ("tanh", "2"), ("linear", "1")]
    assert gain_cells(sweep, 1) == frozenset()


@pytest.mark.parametrize("more", ["--hidden 32*4 --batch-norm", "--hidden 32*4 --residual"])
def test_of_networks_that_theory_is_not_of_it_says_nothing(more):
    sweep = Sweep.parse(f"{SCALES} {more}")
    assert gain_cells(sweep, 0) == frozenset()


def test_a_gain_outside_of_the_axis_is_nowhere():
    sweep = Sweep.parse('"variance_scaling(scale={s})" --over s=3,4,5 --over activation=relu,tanh --hidden 32*4')
    assert gain_cells(sweep, 0) == frozenset()


def predicted(sweep, best):
    (one,) = carried_rates(sweep)
    means = dict.fromkeys(range(3), 0.5) | {best: 0.9}
    return where(sweep, one.cells(means.get))


def test_under_mup_the_best_rate_stays_and_else_it_falls_with_the_width():
    mup, standard = Sweep.parse(f"{RATES} --parametrization mup"), Sweep.parse(RATES)
    assert predicted(mup, 1) == [("64", "0.002"), ("128", "0.002"), ("256", "0.002")]
    assert predicted(standard, 2) == [("64", "0.004"), ("128", "0.002"), ("256", "0.001")]
    assert predicted(standard, 0) == [("64", "0.001")]  # what lies outside of the axis isn't drawn


def test_nothing_is_predicted_before_the_narrowest_is_measured_nor_of_other_optimizers():
    (one,) = carried_rates(Sweep.parse(RATES))
    assert [*one.cells({0: 0.5}.get)] == []
    assert carried_rates(Sweep.parse(f"{RATES} --optimizer sgd")) == ()
    assert carried_rates(Sweep.parse("he_normal --over hidden=64*2,64*4 --over learning_rate=0.1,0.2")) == ()
