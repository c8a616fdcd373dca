"""Intervals and p-values are scipy's, they cover what they promise, and luck is not taken for a difference."""

import numpy as np
import pytest
from scipy import stats

from initterm.engine.comparison import (
    MOST_SEEDS_NEEDED,
    POWER,
    compare,
    holm,
    interval_of_mean,
    p_value_of_mean,
    seeds_needed,
    t_quantiles,
)

A = [0.936, 0.941, 0.939, 0.944, 0.935]
B = [0.931, 0.938, 0.936, 0.939, 0.934]
EXPERIMENTS = 2000


def test_interval_is_students():
    low, high = interval_of_mean(A)
    assert (low, high) == pytest.approx(stats.t.interval(0.95, 4, np.mean(A), stats.sem(A)))
    assert interval_of_mean(A[:1]) is None
    assert t_quantiles(5) == pytest.approx(stats.t.ppf(0.975, [1, 2, 3, 4]))
    assert t_quantiles(1) == ()


def test_p_value_is_the_paired_t_tests():
    differences = np.subtract(A, B).tolist()
    assert p_value_of_mean(differences) == pytest.approx(stats.ttest_rel(A, B).pvalue)
    assert p_value_of_mean([0.1]) is None
    assert p_value_of_mean([0.0, 0.0]) == 1.0


def test_equal_differences_tell_nothing_about_chance():
    assert p_value_of_mean([0.25, 0.25, 0.25]) is None
    assert p_value_of_mean(np.subtract([0.3, 0.6], [0.2, 0.5]).tolist()) is None


def test_holm_corrects_step_by_step():
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([0.9, None, 0.8]) == [1.0, None, 1.0]


def test_a_pair_is_compared_over_the_seeds_that_both_have():
    (pair,) = compare((A, (None, *B[1:]))).pairs
    assert (pair.seeds, pair.wins, pair.losses) == (4, 4, 0)
    assert pair.difference == pytest.approx(np.mean(A[1:]) - np.mean(B[1:]))
    assert pair.p_value == pytest.approx(stats.ttest_rel(A[1:], B[1:]).pvalue)
    assert pair.ci95 == pytest.approx(stats.ttest_rel(A[1:], B[1:]).confidence_interval())


def test_p_values_of_several_contenders_are_corrected():
    c = [0.930, 0.939, 0.935, 0.941, 0.936]
    comparison = compare((A, B, c))
    raw = [stats.ttest_rel(x, y).pvalue for x, y in ((A, B), (A, c), (B, c))]
    assert [pair.p_value for pair in comparison.pairs] == pytest.approx(holm(raw))
    assert all(pair.p_value >= p for pair, p in zip(comparison.pairs, raw, strict=True))


def test_contenders_without_a_result_have_none():
    comparison = compare((A, (None,) * 5))
    assert comparison.means[1].mean is None
    assert comparison.pairs[0].p_value is comparison.pairs[0].difference is None


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


@pytest.mark.parametrize("seeds", [2, 5, 20])
def test_the_interval_covers_the_true_mean_in_95_of_100_experiments(seeds):
    rng = np.random.default_rng(seeds)
    intervals = [interval_of_mean(sample.tolist()) for sample in rng.normal(0.94, 0.004, (EXPERIMENTS, seeds))]
    covered = np.mean([low <= 0.94 <= high for low, high in intervals])
    assert covered == pytest.approx(0.95, abs=4 * np.sqrt(0.95 * 0.05 / EXPERIMENTS))


@pytest.mark.parametrize("contenders", [2, pytest.param(5, marks=pytest.mark.slow)])
def test_identical_contenders_show_no_real_difference(contenders):
    """Accuracies of 10,000 images, each seed with its luck: in at least 94% of experiments nothing is claimed."""
    rng = np.random.default_rng(contenders)
    luck_of_seeds = rng.normal(0.94, 0.004, (EXPERIMENTS, 1, 5))
    accuracies = rng.binomial(10_000, np.clip(luck_of_seeds + rng.normal(0, 0.003, (EXPERIMENTS, contenders, 5)), 0, 1))
    claims = sum(
        any(pair.p_value is not None and pair.p_value <= 0.05 for pair in compare((experiment / 10_000).tolist()).pairs)
        for experiment in accuracies
    )
    assert 1 - claims / EXPERIMENTS >= 0.94
