"""Who trains at all is told by exact tests, however many others take part, and by luck in 5 of 100 experiments."""

import itertools

import numpy as np
import pytest
from scipy import stats

from initterm.engine.comparison.divergence import TrainingTests

ALWAYS, NEVER = (True,) * 6, (False,) * 6
EXPERIMENTS = 400


def p_value(*rows):
    return TrainingTests(rows).p_value(0, 1)


@pytest.mark.parametrize(
    ("others", "sets"),
    [
        ((), 0),
        ((ALWAYS,), 0),
        ((NEVER,), 0),
        ((ALWAYS,) * 4, 0),
        ((ALWAYS, NEVER), 1),
        ((ALWAYS,) * 9 + (NEVER,) * 2, 2),
    ],
)
def test_six_of_six_are_told_from_none_of_six_among_others(others, sets):
    """Others that differ among themselves might be wrongly told apart as well, which costs."""
    assert p_value(ALWAYS, NEVER, *others) == pytest.approx(stats.binomtest(6, 6).pvalue * (1 + sets))


def test_of_two_it_is_the_sign_test():
    a, b = (True,) * 7 + (False, False, True), (False,) * 7 + (False, True, True)
    assert TrainingTests((a, b)).alone(0, 1) == (7, 1)
    assert p_value(a, b) == p_value(b, a) == pytest.approx(stats.binomtest(7, 8).pvalue)


def test_what_is_not_over_does_not_count():
    assert p_value((True, None, True), (None, True, True)) is None
    assert p_value((True,) * 6 + (None,), (*NEVER, True)) == pytest.approx(stats.binomtest(6, 6).pvalue)


def test_among_many_of_different_kinds_the_correction_is_bonferronis():
    rng = np.random.default_rng(0)
    rows = [tuple(bool(value) for value in row) for row in rng.random((12, 30)) < 0.5]
    assert p_value((True,) * 30, (False,) * 30, *rows) == pytest.approx(2**-29 * 91)


@pytest.mark.parametrize("rates", [(0.5,) * 4, (0.5, 0.5, 0.5, 1.0), (0.4, 0.4, 0.9, 0.9)], ids=str)
def test_of_those_that_train_equally_often_none_is_told_apart_in_95_of_100_experiments(rates):
    rng = np.random.default_rng(1)
    wrong = 0
    for _ in range(EXPERIMENTS):
        trained = rng.random((len(rates), 12)) < np.array(rates)[:, np.newaxis]
        tests = TrainingTests([tuple(map(bool, row)) for row in trained])
        alike = [(a, b) for a, b in itertools.combinations(range(len(rates)), 2) if rates[a] == rates[b]]
        p_values = (tests.p_value(a, b) for a, b in alike)
        wrong += any(p is not None and p <= 0.05 for p in p_values)
    assert wrong / EXPERIMENTS <= 0.05
