"""What is told of a quantity over seeds lies among what was measured."""

import math
from statistics import fmean

from initterm.experiments.signal.board import Spread

EQUAL = 0.8933170425576351
"""Six times this, added up and divided, is a little less than this."""


def test_the_mean_of_equal_values_is_that_value():
    assert fmean([EQUAL] * 6) != EQUAL
    assert Spread.of([EQUAL] * 6) == Spread(EQUAL, EQUAL, EQUAL)


def test_what_is_not_there_has_no_spread():
    assert Spread.of([None, None]) == Spread(None, None, None)
    assert Spread.of([1.0, None, 3.0]) == Spread(2.0, 1.0, 3.0)


def test_one_infinite_seed_makes_the_mean_infinite():
    assert Spread.of([1.0, math.inf]) == Spread(math.inf, 1.0, math.inf)
