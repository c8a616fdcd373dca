"""Looking again and again spends no more than 5%; the plain test does."""

import numpy as np
import pytest
from scipy import stats

from initterm.engine.comparison.comparing import compare
from initterm.engine.comparison.looks import level_of_look, spent_by

EXPERIMENTS = 1500


@pytest.mark.parametrize("looks", [(5, 10, 15, 20), (2, 3, 7, 40, 1000), (6,)])
def test_all_looks_together_spend_what_one_at_the_last_would(looks):
    levels = [level_of_look(looks[:index], seeds) for index, seeds in enumerate(looks)]
    assert sum(levels) == pytest.approx(spent_by(looks[-1]))
    assert all(level > 0 for level in levels)
    assert spent_by(looks[-1]) < 0.05


def test_a_look_with_more_seeds_than_now_is_none_before():
    assert level_of_look((10, 20), 5) == level_of_look((), 5)


@pytest.mark.parametrize("looks", [(5, 10, 15, 20), (2, 3, 4, 5, 6)], ids=str)
@pytest.mark.slow
def test_adding_seeds_until_one_beats_the_other_claims_wrongly_in_5_of_100_experiments_at_most(looks):
    rng = np.random.default_rng(len(looks))
    accuracies = rng.normal(0.94, 0.004, (EXPERIMENTS, 2, looks[-1]))
    differences = accuracies[:, 0] - accuracies[:, 1]
    plain = [stats.ttest_1samp(differences[:, :seeds], 0, axis=1).pvalue <= 0.05 for seeds in looks]
    assert np.any(plain, axis=0).mean() > 0.1
    assert sum(claimed(experiment, looks) for experiment in accuracies) / EXPERIMENTS <= 0.05


def claimed(accuracies, looks):
    """Whether one beats the other at any look, until which seeds are added."""
    for index, seeds in enumerate(looks):
        rows = tuple(map(tuple, accuracies[:, :seeds].tolist()))
        comparison = compare(rows, margin=0.005, looked=looks[:index])
        assert comparison.look == index + 1
        if comparison.pairs[0].answer in ("a beats b", "b beats a"):
            return True
    return False
