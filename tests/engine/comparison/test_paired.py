"""Paired tests are scipy's, and the seeds that are said to be needed do show a difference."""

import numpy as np
import pytest
from scipy import stats

from initterm.engine.comparison.paired import (
    POWER,
    interval_of_share,
    p_value_of_equivalence,
    p_value_of_mean,
    p_value_of_signs,
    seeds_needed,
    seeds_needed_interval,
)
from initterm.experiments.comparison import MOST_SEEDS_NEEDED

A = [0.936, 0.941, 0.939, 0.944, 0.935]
B = [0.931, 0.938, 0.936, 0.939, 0.934]
EXPERIMENTS = 2000


def test_p_value_is_the_paired_t_tests():
    assert p_value_of_mean(np.subtract(A, B).tolist()) == pytest.approx(stats.ttest_rel(A, B).pvalue)
    assert p_value_of_mean([0.1]) is None


@pytest.mark.parametrize("margin", [0.001, 0.005, 0.02])
def test_equivalence_is_two_one_sided_tests(margin):
    differences = np.subtract(A, B).tolist()
    greater = stats.ttest_1samp(differences, -margin, alternative="greater").pvalue
    less = stats.ttest_1samp(differences, margin, alternative="less").pvalue
    assert p_value_of_equivalence(differences, margin) == pytest.approx(max(greater, less))
    assert p_value_of_equivalence(differences[::-1], margin) == pytest.approx(max(greater, less))
    assert p_value_of_equivalence([-one for one in differences], margin) == pytest.approx(max(greater, less))


@pytest.mark.parametrize("differences", [[0.25] * 3, np.subtract([0.3, 0.6], [0.2, 0.5]).tolist(), [0.0, 0.0]])
def test_equal_differences_tell_nothing_about_chance(differences):
    assert p_value_of_mean(differences) is None
    assert p_value_of_equivalence(differences, 1.0) is None


@pytest.mark.parametrize(("a", "b"), [(6, 0), (0, 5), (7, 2), (3, 3), (1, 0)])
def test_the_sign_test_and_its_interval_are_exact(a, b):
    exact = stats.binomtest(a, a + b)
    assert p_value_of_signs(a, b) == pytest.approx(exact.pvalue)
    assert interval_of_share(a, a + b) == pytest.approx((exact.proportion_ci().low, exact.proportion_ci().high))


def test_seeds_needed_are_those_of_textbooks():
    """Paired t-test at 5%, 80% power: 15, 34 and 199 pairs for effects of 0.8, 0.5 and 0.2 (G*Power)."""
    for effect, pairs in ((0.8, 15), (0.5, 34), (0.2, 199)):
        differences = np.array([-1.0, 1.0, -1.0, 1.0])
        scaled = differences / differences.std(ddof=1) + effect
        assert seeds_needed(scaled.tolist()) == pairs
    assert seeds_needed([0.01, 0.01]) is None
    assert seeds_needed([1.0, -1.0]) is None
    assert seeds_needed([1.0, -0.9999999]) == MOST_SEEDS_NEEDED


def test_seeds_needed_do_show_the_difference_as_often_as_promised():
    rng = np.random.default_rng(0)
    differences = np.array([0.3, -0.1, 0.2, 0.6, 0.0])
    count = seeds_needed(differences.tolist())
    samples = rng.normal(differences.mean(), differences.std(ddof=1), (EXPERIMENTS, count))
    found = (stats.ttest_1samp(samples, 0, axis=1).pvalue <= 0.05).mean()
    assert found == pytest.approx(POWER, abs=4 * np.sqrt(POWER * (1 - POWER) / EXPERIMENTS) + 0.02)


@pytest.mark.parametrize(("effect", "needed"), [(0.5, 34), (0.8, 15)])
@pytest.mark.parametrize("seeds", [5, 12])
def test_the_number_that_is_needed_lies_in_its_interval_in_80_of_100_experiments(effect, needed, seeds):
    rng = np.random.default_rng(seeds)
    intervals = [seeds_needed_interval(one) for one in rng.normal(effect, 1, (EXPERIMENTS, seeds)).tolist()]
    covered = np.mean([few <= needed <= many for few, many in intervals])
    assert covered >= 0.8 - 4 * np.sqrt(0.8 * 0.2 / EXPERIMENTS)
    assert covered < 0.95
    assert seeds_needed_interval([0.1]) is None
