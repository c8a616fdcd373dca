"""What is told of a quantity over networks lies among what was measured."""

import math

import numpy as np
import pytest

from initterm.experiments.signal.board import SignalBoard
from initterm.experiments.signal.events import LayerSignal, SignalMeasured
from initterm.experiments.signal.experiment import SignalExperiment, SignalTrial
from initterm.experiments.signal.summaries import Spread
from initterm.theory.initializers import InitializerSpec
from initterm.theory.propagation import Chain

EQUAL = 0.8933170425576351


def test_the_median_of_equal_values_is_that_value():
    assert Spread.of([EQUAL] * 6) == Spread(EQUAL, EQUAL, EQUAL)


def test_what_is_not_there_has_no_spread():
    assert Spread.of([None, None]) == Spread(None, None, None)
    found = Spread.of([1.0, None, 3.0])
    assert (found.median, found.low, found.high) == (pytest.approx(math.sqrt(3)), 1.0, 3.0)


def test_one_infinite_network_is_the_largest_and_no_more():
    assert Spread.of([1.0, math.inf]) == Spread(1.0, 1.0, math.inf)
    assert Spread.of([0.0, 1.0, 2.0]) == Spread(1.0, 0.0, 2.0)


@pytest.mark.parametrize("count", [9, 20])
def test_a_further_network_lies_within_the_band_four_times_in_five(count):
    random = np.random.default_rng(0)
    hits = []
    for _ in range(4000):
        *known, further = np.exp(random.standard_normal(count + 1)).tolist()
        spread = Spread.of(known)
        hits.append(spread.low <= further <= spread.high)
    assert np.mean(hits) == pytest.approx(0.8, abs=4 * math.sqrt(0.16 / 4000))


def networks(*stds, seeds):
    board = SignalBoard(SignalExperiment((InitializerSpec("he_normal"),), Chain((8,) * 2), seeds=seeds))
    for seed, (first, second) in enumerate(stds):
        layers = tuple(
            LayerSignal(at, std, std, "" if std else "zero", 0.0, 0.0, 1.0) for at, std in enumerate((first, second), 1)
        )
        board = board.after(SignalMeasured(SignalTrial(0, 42 + seed), layers))
    return board


def test_one_dead_network_is_not_told_of_all():
    board = networks((1.0, 0.0), (1.0, 0.7), (1.0, 0.7), seeds=3)
    assert board.layers(0)[1].oddity == ""
    assert board.layers(0)[1].activation == Spread(0.7, 0.0, 0.7)
    assert board.summary(0).verdict == "stable"
    dead = networks((1.0, 0.0), (1.0, 0.0), (1.0, 0.7), seeds=3)
    assert dead.layers(0)[1].oddity == "zero"
    assert dead.summary(0).verdict == "vanishing"
