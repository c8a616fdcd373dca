"""Before there is an accuracy, each contender has a mean that is none, and each pair nothing to tell."""

import itertools

import pytest

from initterm.experiments.comparison import Comparison
from initterm.experiments.training.events import Compared


@pytest.mark.parametrize("contenders", [1, 2, 4])
def test_of_nothing_every_pair_is_there_and_says_nothing(contenders):
    nothing = Comparison.of_nothing(contenders)
    assert [(mean.mean, mean.ci95, mean.seeds) for mean in nothing.means] == [(None, None, 0)] * contenders
    assert [(pair.a, pair.b) for pair in nothing.pairs] == list(itertools.combinations(range(contenders), 2))
    assert all((pair.seeds, pair.difference, pair.p_value, pair.seeds_needed) == (0, None, None, None)
               for pair in nothing.pairs)  # fmt: skip


def test_a_comparison_says_of_what_it_is():
    nothing = Comparison.of_nothing(2)
    assert Compared(nothing).measure == "test accuracy"
    assert Compared(nothing, 3).measure == "val acc, epoch 3"
