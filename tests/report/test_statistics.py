"""Intervals and p-values are scipy's, and the words follow from them."""

import numpy as np
import pytest
from scipy import stats

from initterm.engine.experiment import Experiment
from initterm.engine.protocol import TrialFinished
from initterm.engine.scoreboard import ONE_SEED, Scoreboard
from initterm.report.statistics import comparisons, holm, interval_of_mean, p_value_of_mean, summaries
from initterm.theory.initializers import InitializerSpec

A = [0.936, 0.941, 0.939, 0.944, 0.935]
B = [0.931, 0.938, 0.936, 0.939, 0.934]


def board(**accuracies):
    contenders = tuple(InitializerSpec(name) for name in accuracies)
    experiment = Experiment(contenders, seeds=len(next(iter(accuracies.values()))))
    events = [
        TrialFinished(trial.index, "finished", 0.2, accuracies[trial.initializer.name][trial.seed - 42])
        for trial in experiment.trials
    ]
    return Scoreboard.of(experiment, events)


def test_interval_is_students():
    low, high = interval_of_mean(A)
    assert (low, high) == pytest.approx(stats.t.interval(0.95, 4, np.mean(A), stats.sem(A)))
    assert interval_of_mean(A[:1]) is None


def test_p_value_is_the_paired_t_tests():
    differences = np.subtract(A, B).tolist()
    assert p_value_of_mean(differences) == pytest.approx(stats.ttest_rel(A, B).pvalue)
    assert p_value_of_mean([0.1]) is None
    assert p_value_of_mean([0.0, 0.0]) == 1.0


def test_holm_multiplies_by_rank_and_never_falls():
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([0.9, None, 0.8]) == [1.0, None, 1.0]


def test_summary_and_comparison_of_a_real_difference():
    run = board(he_normal=A, glorot_uniform=B)
    first, second = summaries(run)
    assert (first.initializer, first.test_accuracy_mean, first.trials) == ("he_normal", pytest.approx(np.mean(A)), 5)
    assert second.test_accuracy_ci95 == interval_of_mean(B)
    (comparison,) = comparisons(run)
    assert comparison.mean_difference == pytest.approx(np.mean(A) - np.mean(B))
    assert comparison.verdict.startswith("he_normal beats glorot_uniform by 0.3 points (5 of 5 seeds, p = ")


def test_no_real_difference_is_said():
    (comparison,) = comparisons(board(he_normal=A, glorot_uniform=A[::-1]))
    assert comparison.verdict == "No real difference between he_normal and glorot_uniform with 5 seeds (p = 1)."


def test_one_seed_cannot_tell():
    (comparison,) = comparisons(board(he_normal=A[:1], glorot_uniform=B[:1]))
    assert (comparison.p_value, comparison.ci95, comparison.verdict) == (None, None, ONE_SEED)


def test_trials_that_diverged_leave_nothing_to_compare():
    experiment = Experiment()
    events = [TrialFinished(0, "diverged", None, None), TrialFinished(1, "finished", 0.2, 0.9)]
    (comparison,) = comparisons(Scoreboard.of(experiment, events))
    assert comparison.mean_difference is None
    assert "no seed in common" in comparison.verdict
