"""Who can't win any more is stopped, and what is concluded of the others is what it would have been without that."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from initterm.engine.comparison.comparing import compare
from initterm.engine.training.losers import Losers, losers_of
from initterm.engine.training.turns import Stopwatch, side_by_side
from initterm.experiments.comparison import Stopped
from initterm.experiments.metric import Metric
from initterm.experiments.training.contender import Contender
from initterm.experiments.training.events import BudgetSpent, ContenderStopped, EpochFinished, TrialFinished
from initterm.experiments.training.experiment import Experiment

LEADER, LOSER, AS_BAD = (0.95, 0.94, 0.96), (0.80, 0.79, 0.811), (0.79, 0.78, 0.80)
LOSS = Metric("loss", higher_is_better=False, largest=None)
TEN = 10


def epoch_of(trial, epoch, accuracy):
    return EpochFinished(trial, epoch, 0.1, accuracy, 0.1, accuracy, 0.1)


def of_epoch(rows, epoch):
    """All trials of contenders, which have a row each with what every seed came to."""
    return [epoch_of(trial, epoch, at) for trial, at in enumerate(itertools.chain(*zip(*rows, strict=True)))]


def told_by(losers, rows, epoch):
    """Who is stopped after an epoch, where all came to the same in those before."""
    for event in itertools.chain(*(of_epoch(rows, at) for at in range(1, epoch + 1))):
        losers.take(event)
    return [event.stopped for event in losers.after(epoch)]


def stops(*rows, epochs=TEN, metric=Metric()):  # noqa: B008 - a value
    """Who is stopped after which epoch where all come to the same in each."""
    losers, stopped = Losers(len(rows), len(rows[0]), epochs, metric), []
    for epoch in range(1, epochs + 1):
        for event in of_epoch(rows, epoch):
            losers.take(event)
        stopped += losers.after(epoch)
    return [event.stopped for event in stopped]


def test_who_is_surely_behind_ends_with_half_of_the_epochs_and_by_how_much_is_told():
    (stopped,) = stops(LEADER, LOSER)
    leads = np.subtract(LEADER, LOSER)
    low, _ = stats.t.interval(0.998, 2, leads.mean(), stats.sem(leads))  # one-sided 99.9%
    assert stopped == Stopped(1, 5, TEN, 0, pytest.approx(leads.mean()), pytest.approx(low))
    assert stops(LEADER, LOSER, epochs=7)[0].epoch == 4
    assert stops(LOSER, LEADER, metric=LOSS)[0].contender == 1
    assert [one.contender for one in stops(LOSER, LEADER, AS_BAD)] == [0, 2]


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param((LEADER, (0.93, 0.95, 0.94)), id="it may be luck"),
        pytest.param((LEADER[:2], LOSER[:2]), id="too few seeds"),
        pytest.param((LEADER, LEADER), id="the same"),
    ],
)
def test_whoever_may_still_win_goes_on(rows):
    assert stops(*rows) == []


def test_a_difference_without_spread_is_what_it_is():
    (stopped,) = stops((0.75,) * 3, (0.5,) * 3)
    assert (stopped.difference, stopped.at_least) == (0.25, 0.25)


def test_in_the_last_epoch_nobody_is_stopped_and_nowhere_where_all_go_to_the_end():
    losers = Losers(2, 3, TEN)
    assert told_by(losers, (LEADER, LOSER), TEN) == []
    contenders = tuple(map(Contender.parse, ("he_normal", "zeros")))
    for stop_losing in (False, True):
        experiment = Experiment(contenders, seeds=3, stop_losing=stop_losing)
        losers = losers_of(experiment, 1, of_epoch((LEADER, LOSER), 1))
        assert losers.lets_begin(2, 1)
        losers = losers_of(experiment, 2, ())
        assert len(told_by(losers, (LEADER, LOSER), 1)) == stop_losing
        assert losers.lets_begin(2, 1) is not stop_losing


def test_who_diverged_counts_as_the_worst_and_is_compared_by_the_seeds_that_trained():
    """Else one that trains in a single lucky seed would end all others."""
    losers = Losers(2, 4, TEN)
    for trial in (0, 2, 4):
        losers.take(TrialFinished(trial, "diverged", step=3))
    rows = ((0.99,) * 4, (0.90, 0.91, 0.92, 0.93))
    assert told_by(losers, rows, 5) == []


def test_who_was_cancelled_neither_leads_nor_is_stopped():
    losers = Losers(3, 3, TEN)
    losers.take(TrialFinished(0, "cancelled"))
    assert told_by(losers, ((0.99,) * 3, LEADER, LOSER), 5)[0].behind == 1
    losers = Losers(2, 3, TEN)
    losers.take(TrialFinished(1, "cancelled"))
    assert told_by(losers, (LEADER, LOSER), 5) == []


@pytest.mark.parametrize("cut", range(0, 49, 3))
def test_what_goes_on_from_what_was_told_stops_the_same_ones(cut):
    """Whatever was told when it was interrupted; an epoch that was looked at isn't looked at again."""
    rng = np.random.default_rng(3)
    means = np.array([0.95, 0.93, 0.90, 0.60])[:, None]
    by_epoch = {epoch: (means + rng.normal(0, 0.004, (4, 3))).tolist() for epoch in range(1, TEN + 1)}

    def run(before):
        losers, told = Losers(4, 3, TEN, before=before), list(before)
        for epoch in range(1, TEN + 1):
            for event in of_epoch(by_epoch[epoch], epoch):
                if losers.lets_begin(epoch, event.trial % 4) and event not in told:
                    losers.take(event)
                    told.append(event)
            told += losers.after(epoch)
        return told

    whole = run([])
    stopped = [event.stopped for event in whole if isinstance(event, ContenderStopped)]
    assert [one.contender for one in stopped] == [3, 2]
    assert len({one.epoch for one in stopped}) > 1
    assert run(whole[: cut * len(whole) // 48]) == whole


class Trained:
    """A trial that tells what it is given, an epoch at a time."""

    def __init__(self, index, contender, accuracy, seconds=1.0):
        self.index, self.contender, self.accuracy, self.seconds, self.ended = index, contender, accuracy, seconds, ""

    def go_on(self):
        return iter(())

    def until_cancelled(self, told, cancelled):
        return iter(()) if self.ended else told

    def run_epoch(self, epoch):
        yield EpochFinished(self.index, epoch, 0.1, 0.1, 0.1, self.accuracy, self.seconds)

    def finish(self, status="finished"):
        self.ended = status
        yield TrialFinished(self.index, status, 0.1, self.accuracy)


def trained(*rows, **settings):
    """The trials and what they tell side by side, within so many minutes."""
    minutes = settings.pop("minutes", 0)
    flat = enumerate(itertools.chain(*zip(*rows, strict=True)))
    trials = [Trained(index, index % len(rows), at, **settings) for index, at in flat]
    losers = Losers(len(rows), len(rows[0]), TEN)
    return trials, [*side_by_side(trials, TEN, stopwatch=Stopwatch(minutes), losers=losers)]


def test_its_trials_end_at_once_with_their_test_and_the_others_go_on():
    trials, told = trained(LEADER, LOSER)
    at = next(at for at, event in enumerate(told) if isinstance(event, ContenderStopped))
    assert told[at - 1].epoch == 5
    assert [(event.trial, event.status) for event in told[at + 1 : at + 4]] == [
        (1, "stopped"),
        (3, "stopped"),
        (5, "stopped"),
    ]
    assert {event.trial for event in told[at + 4 :] if isinstance(event, EpochFinished)} == {0, 2, 4}
    assert [trial.ended for trial in trials] == ["finished", "stopped"] * 3
    assert sum(isinstance(event, EpochFinished) for event in told) == 3 * 10 + 3 * 5


def test_the_time_that_is_saved_is_the_others():
    """45 seconds are what ten epochs of one and five of the other take; without stopping it would be 7 of both."""
    _, told = trained(LEADER, LOSER, minutes=45 / 60)
    assert not any(isinstance(event, BudgetSpent) for event in told)
    _, told = trained(LEADER, LOSER, minutes=44 / 60)
    assert [event.epoch for event in told if isinstance(event, BudgetSpent)] == [9]


def judged(rows, stopped=()):
    return compare(rows, margin=0.005, stopped=stopped)


def test_of_equal_contenders_one_is_said_to_beat_another_in_under_5_percent_of_experiments():
    """Though validation stops whoever has no luck in the test; and a fourth one, which is worse, is always stopped."""
    rng = np.random.default_rng(0)
    wrong, more, equals_stopped, experiments = 0, 0, 0, 500
    for _ in range(experiments):
        test = np.array([0.9, 0.9, 0.9, 0.6])[:, None] + rng.normal(0, 0.01, 4) + rng.normal(0, 0.01, (4, 4))
        validation = test.mean(axis=1, keepdims=True) + rng.normal(0, 0.001, test.shape)
        stopped = tuple(told_by(Losers(4, 4, 4), validation.tolist(), 2))
        with_stops, without = (judged(test.tolist(), of) for of in (stopped, ()))
        equals = [pair for pair in zip(with_stops.pairs, without.pairs, strict=True) if 3 not in (pair[0].a, pair[0].b)]
        wrong += any(pair.answer in ("a beats b", "b beats a") for pair, _ in equals)
        more += any(pair.answer not in ("stopped", whole.answer) for pair, whole in equals)
        equals_stopped += len(stopped) > 1
        assert 3 in {one.contender for one in stopped}
    assert equals_stopped > experiments / 2  # else nothing would be shown by this
    assert more == 0
    assert stats.binomtest(wrong, experiments, 0.05, alternative="greater").pvalue > 0.01


def test_the_numbers_of_the_others_are_those_without_stopping():
    rng = np.random.default_rng(1)
    rows = (0.9 + rng.normal(0, 0.01, (4, 6)) - np.array([0, 0.01, 0.02, 0.3])[:, None]).tolist()
    whole, cut = judged(rows), judged([*rows[:3], [0.2] * 6], (Stopped(3, 5, TEN, 0, 0.3, 0.25),))
    assert cut.tests == whole.tests == 6
    for before, after in zip(whole.pairs, cut.pairs, strict=True):
        assert after == (before if after.b != 3 else replace_of_nothing(after))
        assert (after.answer == "stopped") == (after.b == 3)


def replace_of_nothing(pair):
    """Nothing is told of a pair of whom one was stopped."""
    assert (pair.p_value, pair.interval, pair.difference, pair.equivalence, pair.seeds) == (None, None, None, None, 0)
    return pair


def test_who_was_stopped_stands_behind_all_who_trained_to_the_end_and_before_those_who_never_did():
    rows = [(0.5, 0.6), (0.9, 0.8), (None, None)]
    flags = [(False,) * 2, (False,) * 2, (True,) * 2]
    comparison = compare(rows, diverged=flags, stopped=(Stopped(1, 5, TEN, 0, 0.3, 0.25),))
    assert sorted(range(3), key=comparison.standing, reverse=True) == [0, 1, 2]


def test_who_trains_at_all_isnt_told_by_trials_that_were_cut_off():
    """Of a contender that was stopped nobody knows in which seeds it would have diverged: Bonferroni's of all pairs."""
    trains, diverges = [(0.9,) * 12, (None,) * 12], [(False,) * 12, (True,) * 12]
    others = [(0.5,) * 12]
    comparison = compare(
        [*trains, *others], diverged=[*diverges, (False,) * 12], stopped=(Stopped(2, 5, TEN, 0, 0.3, 0.25),)
    )
    pair = comparison.pairs[0]
    assert pair.answer == "a beats b"
    assert pair.divergences.p_value == pytest.approx(3 * 2 * 0.5**12)


def test_whether_losers_are_stopped_is_no_other_comparison_but_another_run():
    experiment = Experiment(seeds=5)
    assert not replace(experiment, stop_losing=True).goes_on_from(experiment)
