"""A pair has one of three answers, p-values and intervals say the same of it, and luck is taken for no difference."""

import numpy as np
import pytest
from scipy import stats

from initterm.engine.comparison.comparing import compare
from initterm.engine.comparison.looks import level_of_look

A = (0.936, 0.941, 0.939, 0.944, 0.935)
B = (0.931, 0.938, 0.936, 0.939, 0.934)
C = (0.930, 0.939, 0.935, 0.941, 0.936)
NEAR = (0.934, 0.943, 0.937, 0.942, 0.936)
NONE = (None,) * 6
EXPERIMENTS = 1500


def answers(*accuracies, **settings):
    settings = {"margin": 0.005, "looked": ()} | settings
    return [pair.answer for pair in compare(accuracies, **settings).pairs]


def test_a_pair_is_compared_over_the_seeds_that_both_have():
    (pair,) = compare((A, (None, *B[1:]))).pairs
    assert (pair.seeds, pair.wins, pair.losses) == (4, 4, 0)
    assert pair.difference == pytest.approx(np.mean(A[1:]) - np.mean(B[1:]))
    assert pair.p_value == pytest.approx(stats.ttest_rel(A[1:], B[1:]).pvalue)
    assert pair.ci95 == pytest.approx(stats.ttest_rel(A[1:], B[1:]).confidence_interval())
    assert pair.interval == pytest.approx(pair.ci95)


def test_p_values_and_intervals_allow_for_all_pairs_alike():
    comparison = compare((A, B, C))
    tests = [stats.ttest_rel(x, y) for x, y in ((A, B), (A, C), (B, C))]
    assert comparison.tests == 3
    assert [pair.p_value for pair in comparison.pairs] == pytest.approx([min(1, 3 * one.pvalue) for one in tests])
    for pair, one in zip(comparison.pairs, tests, strict=True):
        assert pair.interval == pytest.approx(one.confidence_interval(1 - 0.05 / 3))
        assert (pair.p_value <= 0.05) == (pair.interval[0] > 0 or pair.interval[1] < 0)


def test_the_three_answers():
    assert answers(A, B) == ["a beats b"]
    assert answers(B, A) == ["b beats a"]
    assert answers(A, NEAR) == ["equivalent"]
    assert answers(A, NEAR, margin=0.001) == ["undecided"]
    assert answers(A, NEAR, margin=None) == ["undecided"]
    assert answers(A[:1], B[:1]) == answers((0.5, 0.75), (0.25, 0.5)) == ["untested"]


def test_sixty_points_with_two_seeds_are_not_told_apart_yet():
    comparison = compare(((0.8349, 0.7853), (0.1848, 0.2428)), margin=0.005, looked=())
    (pair,) = comparison.pairs
    assert pair.answer == "undecided"
    assert pair.p_value == pytest.approx(0.057, abs=0.001)
    assert -1 <= pair.interval[0] < 0 < pair.interval[1] <= 1
    assert pair.seeds_needed is None  # of two seeds


def test_who_diverges_in_six_of_six_seeds_loses():
    accuracies, diverged = ((*A, 0.94), NONE), ((False,) * 6, (True,) * 6)
    comparison = compare(accuracies, diverged=diverged, looked=())
    (pair,) = comparison.pairs
    assert pair.answer == "a beats b"
    assert pair.divergences.p_value == pytest.approx(stats.binomtest(6, 6).pvalue)
    assert comparison.standing(1) < comparison.standing(0)
    assert answers(*accuracies[::-1], diverged=diverged[::-1]) == ["b beats a"]


def test_who_diverges_in_six_of_six_seeds_loses_against_all_that_train_and_costs_their_test_nothing():
    train = ((*A, 0.94), (*B, 0.93))
    diverged = ((False,) * 6, (True,) * 6, (False,) * 6)
    comparison = compare((train[0], NONE, train[1]), diverged=diverged, looked=())
    assert [pair.answer for pair in comparison.pairs] == ["a beats b", "a beats b", "b beats a"]
    assert comparison.tests == 1
    assert comparison.pairs[1].p_value == compare(train).pairs[0].p_value


def test_five_that_diverge_are_too_few():
    comparison = compare((A, NONE[:5], B), diverged=((False,) * 5, (True,) * 5, (False,) * 5))
    assert [pair.answer for pair in comparison.pairs] == ["undecided", "a beats b", "undecided"]
    assert comparison.pairs[0].divergences.p_value is None


def test_two_of_which_one_diverges_sometimes_are_not_equivalent():
    both = ((*A, 0.94), (*NEAR, None))
    assert answers(*both) == ["equivalent"]
    assert answers(*both, diverged=((False,) * 6, (False,) * 5 + (True,))) == ["undecided"]


def test_a_cancelled_trial_is_neither():
    (pair,) = compare((A, (None, *B[1:])), diverged=((False,) * 5,) * 2).pairs
    assert pair.divergences is None


def test_a_later_look_is_judged_at_what_is_left():
    first, third = (compare((A, B), looked=looked, margin=0.005) for looked in ((), (2, 4)))
    assert (first.look, third.look) == (1, 3)
    assert first.level == level_of_look((), 5) > third.level == level_of_look((2, 4), 5)
    assert third.pairs[0].interval[0] < first.pairs[0].interval[0]
    assert third.pairs[0].answer == "undecided"
    assert compare((A, B)).look == 0


def test_contenders_without_a_result_have_none():
    comparison = compare((A, NONE[:5]))
    assert comparison.means[1].mean is None
    assert comparison.standing(1) < comparison.standing(0)
    assert comparison.pairs[0].p_value is comparison.pairs[0].difference is None


def test_of_new_images_is_told_where_it_is_known_which_were_told_right():
    rng = np.random.default_rng(0)
    hits = [[rng.random(50) < share for _ in range(3)] for share in (0.9, 0.5)]
    accuracies = tuple(tuple(float(one.mean()) for one in row) for row in hits)
    comparison = compare(accuracies, hits=[[one.astype(np.uint8) for one in row] for row in hits])
    for mean in comparison.means:
        assert mean.new_images[0] < mean.mean < mean.new_images[1]
    assert comparison.pairs[0].new_images[0] < comparison.pairs[0].difference < comparison.pairs[0].new_images[1]
    assert compare(accuracies).means[0].new_images is None


@pytest.mark.parametrize(
    ("contenders", "experiments"), [(2, EXPERIMENTS), pytest.param(5, EXPERIMENTS // 3, marks=pytest.mark.slow)]
)
def test_of_identical_contenders_nobody_beats_anybody(contenders, experiments):
    """Accuracies of 10,000 images, each seed with its luck: in at least 94% of experiments nothing is claimed."""
    rng = np.random.default_rng(contenders)
    luck_of_seeds = rng.normal(0.94, 0.004, (experiments, 1, 5))
    accuracies = rng.binomial(10_000, np.clip(luck_of_seeds + rng.normal(0, 0.003, (experiments, contenders, 5)), 0, 1))
    claims = sum(
        any("beats" in answer for answer in answers(*map(tuple, experiment.tolist()), looked=None))
        for experiment in accuracies / 10_000
    )
    assert 1 - claims / experiments >= 0.94


@pytest.mark.parametrize("seeds", [3, 20])
def test_what_is_apart_by_the_margin_is_called_equivalent_in_5_of_100_experiments_at_most(seeds):
    rng = np.random.default_rng(seeds)
    accuracies = rng.normal([[0.945], [0.94]], 0.003, (EXPERIMENTS, 2, seeds))
    claims = sum(answers(*map(tuple, one.tolist()), looked=None) == ["equivalent"] for one in accuracies)
    assert claims / EXPERIMENTS <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / EXPERIMENTS)
