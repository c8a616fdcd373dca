"""What may be concluded is said in words that a person can rely on."""

import numpy as np
import pytest

from initterm.engine.comparison.comparing import compare
from initterm.engine.comparison.intervals import interval_of_accuracy
from initterm.engine.training.comparisons import compared
from initterm.experiments.comparison import Stopped
from initterm.experiments.training.board import Scoreboard
from initterm.experiments.training.events import TrialFinished
from initterm.experiments.training.experiment import Experiment
from initterm.report.comparison import ONE_SEED, leader, pair_of, pair_verdict, survivors, verdicts
from initterm.report.training.results import comparisons, summaries

A = (0.936, 0.941, 0.939, 0.944, 0.935)
B = (0.931, 0.938, 0.936, 0.939, 0.934)
NEAR = (0.934, 0.943, 0.937, 0.942, 0.936)
HARD = (0.930, 0.949, 0.927, 0.940, 0.941)


def said(diverged=(), looked=(), margin=0.005, **accuracies):
    rows = tuple(map(tuple, accuracies.values()))
    return " ".join(verdicts([*accuracies], compare(rows, diverged=diverged, margin=margin, looked=looked)))


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
    assert second["test_accuracy_ci95"] == interval_of_accuracy(B)
    (pair,) = comparisons(experiment, comparison)
    assert pair["mean_difference"] == pytest.approx(np.mean(A) - np.mean(B))
    assert pair["answer"] == "a beats b"
    assert pair["verdict"] == BEATS


BEATS = "he_normal beats glorot_uniform by 0.3 points (+0.1 to +0.6; 5 of 5 seeds, p = 0.01)."


def test_a_difference_is_told_from_the_winners_side():
    assert said(he_normal=A, glorot_uniform=B) == said(glorot_uniform=B, he_normal=A) == BEATS


def test_what_is_within_the_margin_is_equivalent_within_it():
    words = said(he_normal=A, glorot_uniform=NEAR)
    assert words.startswith(
        "he_normal and glorot_uniform are equivalent within 0.5 points: the difference is between −0."
    )
    assert said(a=A, b=B, margin=0.02).endswith("; yet a is ahead, by 0.3 points (+0.1 to +0.6).")


def test_what_shows_neither_cannot_be_told_apart_yet_and_says_where_the_difference_lies():
    words = said(he_normal=A, glorot_uniform=HARD)
    assert words.startswith("he_normal and glorot_uniform can't be told apart yet: he_normal is ahead by 0.2 points, ")
    assert ", between −1.1 and +1.4 (5 seeds, p = 0.69); about " in words
    assert words.endswith(" more seeds would be needed to show it (80% sure: 14 or more).")


def test_sixty_points_with_two_seeds():
    words = said(he_normal=(0.8349, 0.7853), glorot_uniform=(0.1848, 0.2428))
    assert words == (
        "he_normal and glorot_uniform can't be told apart yet: he_normal is ahead by 59.6 points, "
        "between −100.0 and +100.0 (2 seeds, p = 0.057)."
    )


def test_how_many_seeds_would_be_needed_is_told_from_five_on():
    assert "more seeds" not in said(a=A[:4], b=HARD[:4])
    assert "more seeds" in said(a=A, b=HARD)


def test_a_p_value_is_labelled_with_what_it_is_corrected_for_and_with_the_look():
    assert "Bonferroni's of 3 pairs" in said(a=A, b=B, c=HARD)
    words = said(a=A, b=B, looked=(2, 4))
    assert "can't be told apart yet" in words
    assert "(5 seeds, p = 0.01, 3rd look, not under 0.0027)" in words


def test_a_pair_reads_the_same_from_both_sides():
    comparison = compare((A, HARD), margin=0.005, looked=())
    there, back = pair_of(comparison, 0, 1), pair_of(comparison, 1, 0)
    assert pair_verdict("a", "b", there, comparison) == pair_verdict("b", "a", back, comparison)
    assert back.interval == (-there.interval[1], -there.interval[0])


def test_one_seed_cannot_tell():
    assert said(a=A[:1], b=B[:1], c=[0.1]) == ONE_SEED


def test_who_never_trained_is_beaten_by_who_did():
    diverged = ((True,) * 6, (False,) * 6)
    words = said(diverged, ones=(None,) * 6, he_normal=(*A, 0.94))
    assert words == (
        "he_normal beats ones: he_normal trained in 6 of 6 seeds, ones in 0 "
        "(where one alone trains it is he_normal in 51 to 100%; exact test, p = 0.031)."
    )


def test_a_mean_of_survivors_says_so_and_leads_nobody():
    worse = (None, *(value - 0.03 for value in B))
    diverged = ((False,) * 6, (True,) + (False,) * 5)
    words = said(diverged, he_normal=(*A, 0.94), ones=worse)
    assert words.endswith("Of the means, that of ones is of the 5 of 6 that trained.")
    better = compare(((*A, 0.94), (None, 0.95, 0.95, 0.95, 0.95, 0.95)), diverged=diverged)
    assert leader(better) == 0
    assert survivors(better.means[1]) == "the 5 of 6 that trained"
    assert survivors(better.means[0]) == ""


def test_of_few_seeds_it_is_told_who_trained():
    words = said(((False,) * 3, (True,) * 3), he_normal=A[:3], ones=(None,) * 3)
    assert words == (
        "he_normal and ones can't be told apart yet: he_normal trained in 3 of 3 seeds, ones in 0 (too few for a test)."
    )


def test_of_several_who_did_not_train_is_told_by_itself():
    words = said(((False,) * 4, (True,) * 4, (False,) * 4), a=A[:4], b=(None,) * 4, c=HARD[:4])
    assert "a and b can't be told apart yet: a trained in 4 of 4 seeds, b in 0 (too few for a test)." in words
    assert "a and c can't be told apart yet: a is ahead" in words


def test_of_several_the_leader_is_told_from_those_it_can_be_told_from():
    poor, worse = [value - 0.2 for value in B], [value - 0.4 for value in B[::-1]]
    words = said(near=HARD, poor=poor, best=A, worse=worse)
    assert words.startswith("best beats poor by 20.3 points (+19.9 to +20.8) and worse by 40.3 points (+39.")
    assert ": p < 0.001, Bonferroni's of 6 pairs. best and near can't be told apart yet" in words


def test_others_that_are_the_same_to_the_leader_are_named_as_well():
    words = said(b=HARD[::-1], a=A, c=HARD[1:] + HARD[:1])
    assert words.endswith(" is not to be told apart from a yet either.")
    never = ((False,) * 9, (True,) * 9, (True,) * 9)
    words = said(never, a=(0.9, 0.91, 0.92) * 3, b=(None,) * 9, c=(None,) * 9)
    assert words.endswith("c is beaten likewise.")


def test_equal_differences_are_not_judged():
    words = said(a=[0.5, 0.75], b=[0.25, 0.5])
    assert words == "a and b differ by 25.0 points in each of 2 seeds; with no spread there is no test."
    assert said(a=A, b=A) == "a and b came to the same in each of 5 seeds; with no spread there is no test."


def test_who_has_too_few_seeds_is_named():
    words = said(a=A, b=B, c=[0.2, None, None, None, None])
    assert words.endswith("Too few seeds of c to compare.")
    assert said(a=A, b=[None] * 5) == ""
    assert leader(compare(([None], [None]))) is None


def test_pairs_without_a_seed_in_common_say_so():
    (pair,) = comparisons(Experiment(), compare(((None,), (0.9,))))
    assert pair["mean_difference"] is None
    assert "no seed in common" in pair["verdict"]


def test_who_was_stopped_leads_nobody_and_those_stopped_together_share_a_sentence():
    stopped = tuple(Stopped(index, 5, 10, 0, 0.2, 0.1 * index) for index in (1, 2))
    comparison = compare((A, NEAR, B), margin=0.005, looked=(), stopped=stopped)
    (said,) = verdicts(["a", "b", "c"], comparison)
    assert said.startswith("b and c were stopped after epoch 5 of 10: in validation behind a by at least 10.0 points")
    diverged = ((True,) * 5, (False,) * 5, (False,) * 5)
    later = compare(((None,) * 5, NEAR, B), diverged=diverged, stopped=stopped)
    assert leader(later) is None
    assert "b and c were stopped" in verdicts(["a", "b", "c"], later)[0]
