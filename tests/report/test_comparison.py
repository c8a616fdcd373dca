"""What may be concluded is said in words that a person can rely on."""

import numpy as np
import pytest

from initterm.engine.comparison import compare, interval_of_mean
from initterm.engine.training.comparisons import compared
from initterm.experiments.training.board import Scoreboard
from initterm.experiments.training.events import TrialFinished
from initterm.experiments.training.experiment import Experiment
from initterm.report.comparison import ONE_SEED, leader, verdicts
from initterm.report.training.results import comparisons, summaries

A = [0.936, 0.941, 0.939, 0.944, 0.935]
B = [0.931, 0.938, 0.936, 0.939, 0.934]


def said(**accuracies):
    return " ".join(verdicts(list(accuracies), compare(tuple(accuracies.values()))))


def test_summary_and_comparison_of_a_run():
    accuracies = {"he_normal": A, "glorot_uniform": B}
    experiment = Experiment(seeds=5)
    events = [
        TrialFinished(trial.index, "finished", 0.2, accuracies[str(trial.contender)][trial.seed - 42])
        for trial in experiment.trials
    ]
    comparison = Scoreboard.of(experiment, compared(experiment, events)).test_comparison
    first, second = summaries(experiment, comparison)
    assert (first["initializer"], first["activation"], first["trials"]) == ("he_normal", "relu", 5)
    assert first["test_accuracy_mean"] == pytest.approx(np.mean(A))
    assert second["test_accuracy_ci95"] == interval_of_mean(B)
    (pair,) = comparisons(experiment, comparison)
    assert pair["mean_difference"] == pytest.approx(np.mean(A) - np.mean(B))
    assert pair["verdict"] == "he_normal beats glorot_uniform by 0.3 points (5 of 5 seeds, p = 0.01)."


def test_a_difference_is_told_from_the_winners_side():
    expected = "he_normal beats glorot_uniform by 0.3 points (5 of 5 seeds, p = 0.01)."
    assert said(he_normal=A, glorot_uniform=B) == said(glorot_uniform=B, he_normal=A) == expected


def test_no_real_difference_says_how_many_seeds_would_be_needed():
    near = [0.934, 0.943, 0.937, 0.942, 0.936]
    words = said(he_normal=A, glorot_uniform=near)
    assert words.startswith("No real difference between he_normal and glorot_uniform with 5 seeds (p = 0.")
    assert words.endswith("seeds would be needed to show it.")


def test_where_there_is_no_difference_at_all_no_number_of_seeds_is_named():
    assert said(a=A, b=A) == "No real difference between a and b with 5 seeds (p = 1)."


def test_one_seed_cannot_tell():
    assert said(a=A[:1], b=B[:1], c=[0.1]) == ONE_SEED


def test_of_several_the_leader_is_told_from_those_it_can_be_told_from():
    poor, worse = [value - 0.2 for value in B], [value - 0.4 for value in B[::-1]]
    near = [0.934, 0.943, 0.937, 0.942, 0.936]
    words = said(near=near, poor=poor, best=A, worse=worse)
    assert words.startswith("best beats poor by 20.3 points and worse by 40.3 points (p < 0.001).")
    assert "No real difference between best and near with 5 seeds" in words


def test_others_that_the_leader_cannot_be_told_from_are_named_as_well():
    near = [0.934, 0.943, 0.937, 0.942, 0.936]
    words = said(b=near[::-1], a=A, c=near[1:] + near[:1])
    assert words.endswith(" can't be told from a either.")


def test_equal_differences_are_not_judged():
    words = said(a=[0.5, 0.75], b=[0.25, 0.5])
    assert words == "a and b differ by 25.0 points in each of 2 seeds; with no spread there is no test."


def test_who_has_too_few_seeds_is_named():
    assert said(a=A, b=B, c=[0.2, None, None, None, None]).endswith("Too few seeds of c to compare.")
    assert said(a=A, b=[None] * 5) == ""
    assert leader(compare(([None], [None]))) is None


def test_pairs_without_a_seed_in_common_say_so():
    (pair,) = comparisons(Experiment(), compare(((None,), (0.9,))))
    assert pair["mean_difference"] is None
    assert "no seed in common" in pair["verdict"]
