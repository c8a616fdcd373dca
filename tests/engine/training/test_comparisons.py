"""A run tells what its accuracies allow to conclude, as soon as they do, and of what is there."""

import itertools
from dataclasses import replace

import numpy as np
import pytest

from initterm.engine.comparison.comparing import compare
from initterm.engine.comparison.intervals import interval_on_new_images
from initterm.engine.training.comparisons import compared
from initterm.experiments.training.board import Scoreboard
from initterm.experiments.training.contender import Contender
from initterm.experiments.training.events import Compared, EpochFinished, TrialFinished
from initterm.experiments.training.experiment import Experiment

HE, GLOROT = map(Contender.parse, ("he_normal", "glorot_uniform"))
EXPERIMENT = Experiment((HE, GLOROT), epochs=3, seeds=3)
TRIALS = range(6)


def accuracy(trial, epoch):
    return round(0.5 + 0.1 * epoch - 0.01 * trial - 0.001 * (trial * epoch % 3), 4)


def epoch_of(trial, epoch):
    at = accuracy(trial, epoch)
    return EpochFinished(trial, epoch, 0.1, at, 0.1, at, 0.1)


def end_of(trial):
    return TrialFinished(trial, "finished", 0.1, accuracy(trial, 4))


def judged(rows, diverged=()):
    """As a run with these settings is."""
    return compare(rows, diverged=diverged, margin=0.005, looked=())


def told(events, experiment=EXPERIMENT):
    return [event for event in compared(experiment, events) if isinstance(event, Compared)]


def rounds(epochs=3):
    return [epoch_of(trial, epoch) for epoch, trial in itertools.product(range(1, epochs + 1), TRIALS)]


def rows(epoch, of=TRIALS):
    return tuple(
        tuple(accuracy(trial, epoch) if trial in of else None for trial in range(contender, 6, 2))
        for contender in range(2)
    )


def test_each_epoch_of_all_trials_and_each_seed_of_the_first_epoch_and_of_the_test_are_compared():
    events = told([*rounds(), *map(end_of, TRIALS)])
    assert [event.epoch for event in events] == [1, 1, 1, 2, 3, None, None, None]
    assert [event.settled for event in events] == [False] * 7 + [True]
    seeds = [max(mean.seeds for mean in event.comparison.means) for event in events]
    assert seeds == [1, 2, 3, 3, 3, 1, 2, 3]
    assert events[3].comparison == judged(rows(2))
    assert events[-1].comparison == judged(rows(4))
    assert (events[3].measure, events[-1].measure) == ("val acc, epoch 2", "test accuracy")


def test_a_comparison_comes_right_after_what_it_is_about():
    events = list(compared(EXPERIMENT, rounds(2)))
    assert [type(event) for event in events[-3:]] == [EpochFinished, EpochFinished, Compared]
    assert [event for event in events if not isinstance(event, Compared)] == rounds(2)


def test_the_order_in_which_trials_come_along_does_not_matter_to_what_is_told_of_them_all():
    turned = [epoch_of(trial, epoch) for epoch, trial in itertools.product((1, 2, 3), reversed(TRIALS))]
    assert told(turned)[2:] == told(rounds())[2:]
    one_by_one = [epoch_of(trial, epoch) for trial, epoch in itertools.product(TRIALS, (1, 2, 3))]
    assert told(one_by_one)[-1] == told(rounds())[-1]


@pytest.mark.parametrize("trial", [0, 3, 5])
def test_the_others_are_compared_without_a_trial_that_diverged(trial):
    events = [
        TrialFinished(trial, "diverged", step=3) if (event.trial, event.epoch) == (trial, 2) else event
        for event in rounds()
        if event.trial != trial or event.epoch < 3
    ]
    *_, second, third = told(events)
    others = [other for other in TRIALS if other != trial]
    diverged = tuple(tuple(one == trial for one in range(contender, 6, 2)) for contender in range(2))
    assert (second.epoch, second.comparison) == (2, judged(rows(2, others), diverged))
    assert (third.epoch, third.comparison) == (3, judged(rows(3, others), diverged))
    assert second.comparison.means[trial % 2].diverged == 1


def test_of_a_cancelled_contender_seeds_count_as_far_as_they_came():
    cancelled = {1, 3, 5}
    events = [event for event in rounds() if event.trial not in cancelled or event.epoch == 1]
    ends = [TrialFinished(trial, "cancelled") if trial in cancelled else end_of(trial) for trial in TRIALS]
    by_then = [*events[:9], *ends[1::2], *events[9:], *ends[::2]]
    *_, tested = told(by_then)
    assert tested.settled
    assert tested.comparison == judged(rows(4, (0, 2, 4)))


def test_where_there_is_no_accuracy_nothing_is_told():
    assert told([TrialFinished(trial, "diverged", step=1) for trial in TRIALS]) == []
    nothing = Scoreboard.of(EXPERIMENT)
    assert (nothing.compared, nothing.test_comparison.means[0].mean) == (None, None)
    assert nothing.test_comparison.means == judged(((None,) * 3,) * 2).means


def test_whether_a_trial_trained_is_a_result_and_what_it_told_right_is_for_new_images():
    images = [np.arange(20) % (trial + 2) > 0 for trial in TRIALS]
    hits = [np.packbits(one).tobytes() for one in images]
    ends = [TrialFinished(trial, "finished", 0.1, accuracy(trial, 4), hits=hits[trial]) for trial in TRIALS]
    *_, last = compared(EXPERIMENT, [*rounds(), *ends], 20)
    for index, mean in enumerate(last.comparison.means):
        assert mean.new_images == pytest.approx(interval_on_new_images(np.stack(images[index::2]).astype(np.uint8)))
    assert last.comparison.pairs[0].new_images
    lost = [TrialFinished(trial, "diverged", step=3) if trial % 2 else end_of(trial) for trial in TRIALS]
    *_, last = told(lost)
    assert [(mean.seeds, mean.diverged) for mean in last.comparison.means] == [(3, 0), (0, 3)]


def test_looks_and_margin_are_the_experiments():
    *_, last = told([*rounds(), *map(end_of, TRIALS)], replace(EXPERIMENT, looked=(2,), margin=2.0))
    assert (last.comparison.look, last.comparison.margin) == (2, 0.02)


def test_a_board_goes_by_the_validation_until_every_trial_is_over():
    events = list(compared(EXPERIMENT, [*rounds(), *map(end_of, TRIALS)]))
    two_seeds = Scoreboard.of(EXPERIMENT, events[:-3])
    assert (two_seeds.compared.epoch, two_seeds.tested.comparison.means[0].seeds) == (3, 2)
    ended = two_seeds.cancelled()
    assert (ended.compared.epoch, ended.compared.settled) == (None, False)
    whole = Scoreboard.of(EXPERIMENT, events)
    assert whole.compared.settled
    assert whole.test_comparison == judged(rows(4))


def test_the_number_of_comparisons_grows_with_epochs_and_seeds_alone():
    many = Experiment(tuple(Contender.parse(f"random_normal(stddev=0.{n})") for n in range(1, 10)), epochs=2, seeds=2)
    trials = range(18)
    events = [EpochFinished(trial, epoch, 0.1, 0.5, 0.1, 0.5, 0.1) for epoch in (1, 2) for trial in trials]
    ends = [TrialFinished(trial, "finished", 0.1, 0.5) for trial in trials]
    assert len(told([*events, *ends], many)) == 2 + 1 + 2
