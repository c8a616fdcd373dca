"""Intervals are scipy's where scipy has them, stay within 0 and 1, and cover what they promise."""

import numpy as np
import pytest
from scipy import special, stats

from initterm.engine.comparison.intervals import (
    interval_of_accuracy,
    interval_of_difference_on_new_images,
    interval_of_mean,
    interval_on_new_images,
    t_quantiles,
)

A = [0.936, 0.941, 0.939, 0.944, 0.935]
EXPERIMENTS = 2000


def within(share, promised, experiments):
    """No further below what is promised than chance explains."""
    return share >= promised - 4 * np.sqrt(promised * (1 - promised) / experiments)


def test_interval_is_students():
    assert interval_of_mean(A) == pytest.approx(stats.t.interval(0.95, 4, np.mean(A), stats.sem(A)))
    assert interval_of_mean(A, 0.01) == pytest.approx(stats.t.interval(0.99, 4, np.mean(A), stats.sem(A)))
    assert interval_of_mean(A[:1]) is None
    assert t_quantiles(5) == pytest.approx(stats.t.ppf(0.975, [1, 2, 3, 4]))
    assert t_quantiles(1) == ()


def test_the_interval_of_an_accuracy_is_students_on_the_scale_of_logits():
    mean, slope = np.mean(A), np.mean(A) * (1 - np.mean(A))
    on_logits = stats.t.interval(0.95, 4, special.logit(mean), stats.sem(A) / slope)
    assert interval_of_accuracy(A) == pytest.approx(special.expit(on_logits))
    assert interval_of_accuracy(A[:1]) is None


@pytest.mark.parametrize("accuracies", [[0.99, 0.2], [0.999, 0.998, 0.9], [1.0, 1.0], [0.0, 0.1], [0.0, 0.0, 1.0]])
def test_an_accuracy_lies_within_0_and_1(accuracies):
    low, high = interval_of_accuracy(accuracies)
    assert 0 <= low <= np.mean(accuracies) <= high <= 1


@pytest.mark.parametrize("seeds", [2, 5, 20])
@pytest.mark.parametrize(
    ("draw", "true"),
    [
        (lambda rng, shape: rng.normal(0.94, 0.004, shape), 0.94),
        (lambda rng, shape: rng.beta(2, 1, shape), 2 / 3),
        (lambda rng, shape: rng.binomial(360, 0.1, shape) / 360, 0.1),
    ],
    ids=["alike", "wide", "guessing"],
)
def test_the_interval_covers_the_true_mean_in_95_of_100_experiments(draw, true, seeds):
    samples = draw(np.random.default_rng(seeds), (EXPERIMENTS, seeds)).tolist()
    intervals = [interval_of_accuracy(sample) for sample in samples]
    assert within(np.mean([low <= true <= high for low, high in intervals]), 0.95, EXPERIMENTS)


def seeds_and_images(rng, seeds, images, lead=0.0):
    """Which images are told right: some seeds are better, some images harder, and the rest is luck."""
    better, harder = rng.normal(0, 0.1, (seeds, 1)), rng.normal(0, 2, (1, images))
    return (rng.random((seeds, images)) < special.expit(3.5 + lead + better + harder)).astype(np.uint8)


@pytest.mark.parametrize("seeds", [2, 5, 30])
def test_on_new_images_the_second_interval_covers_and_the_first_does_not(seeds):
    rng = np.random.default_rng(seeds)
    experiments, images = 400, 400
    true = special.expit(3.5 + rng.normal(0, np.hypot(2, 0.1), 1_000_000)).mean()
    covered, by_seeds_alone = 0, 0
    for _ in range(experiments):
        hits = seeds_and_images(rng, seeds, images)
        low, high = interval_on_new_images(hits)
        covered += low <= true <= high
        low, high = interval_of_accuracy(hits.mean(axis=1).tolist())
        by_seeds_alone += low <= true <= high
    assert within(covered / experiments, 0.95, experiments)
    assert seeds < 5 or by_seeds_alone / experiments < 0.9


def test_the_interval_for_new_images_is_what_drawing_both_anew_gives():
    rng = np.random.default_rng(1)
    hits = seeds_and_images(rng, 40, 500)
    drawn = [hits[rng.integers(40, size=40)][:, rng.integers(500, size=500)].mean() for _ in range(2000)]
    assert interval_on_new_images(hits) == pytest.approx(np.quantile(drawn, [0.025, 0.975]), abs=0.003)


def test_a_difference_on_new_images_is_less_sure_than_on_these():
    rng = np.random.default_rng(2)
    a, b = seeds_and_images(rng, 6, 300, 1.0), seeds_and_images(rng, 6, 300)
    low, high = interval_of_difference_on_new_images(a, b)
    assert low < a.mean() - b.mean() < high
    these = interval_of_mean((a.mean(axis=1) - b.mean(axis=1)).tolist())
    assert high - low > these[1] - these[0]
    assert interval_of_difference_on_new_images(a[:1], b[:1]) is None
    assert interval_on_new_images(a[:1]) is None


def test_what_is_told_right_always_is_so():
    assert interval_on_new_images(np.ones((3, 20), np.uint8)) == (1.0, 1.0)
