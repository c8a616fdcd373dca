"""A contender that can't win any more is stopped; the others' training and verdict are what they are without that."""

from dataclasses import replace

import pytest

from initterm.engine.data.datasets import embedded_digits
from initterm.engine.training.going_on import GoingOn
from initterm.engine.training.training import train, train_on
from initterm.experiments.training.board import Scoreboard
from initterm.experiments.training.contender import Contender
from initterm.experiments.training.events import ContenderStopped, EpochFinished, TrialFinished
from initterm.experiments.training.experiment import Experiment
from initterm.experiments.training.model import ModelSpec
from initterm.experiments.training.network import NetworkSpec
from tests.engine.training.test_going_on import comparable, gone_on, history, moments_of

ZEROS, HE, GLOROT = map(Contender.parse, ("zeros", "he_normal", "glorot_uniform"))
NETWORK = NetworkSpec((32,))
SETTINGS = {"epochs": 4, "seeds": 4, "samples": 400, "learning_rate": 0.01, "stop_losing": True}
EXPERIMENT = Experiment((ZEROS, HE, GLOROT), NETWORK, **SETTINGS)
HERE = "tests.engine.training.own_models"


@pytest.fixture(scope="module")
def digits():
    return embedded_digits("A test asked for them.")


@pytest.fixture(scope="module")
def run(digits):
    return moments_of(digits, EXPERIMENT)


def board_of(digits, experiment):
    return Scoreboard.of(experiment, train_on(digits, experiment))


@pytest.mark.slow
def test_it_is_stopped_after_half_of_the_epochs_and_tested_as_it_is(run):
    told, _, states = run
    board = Scoreboard.of(EXPERIMENT, told)
    (stopped,) = board.stopped
    assert (stopped.contender, stopped.epoch, stopped.epochs) == (0, 2, 4)
    assert [record.status for record in board.records] == ["stopped", "finished", "finished"] * 4
    assert [record.epochs_done for record in board.records] == [2, 4, 4] * 4
    assert all(record.test_accuracy is not None for record in board.records)
    assert board.finished
    assert board.tested.settled
    assert board.test_comparison.stopped == (stopped,)
    assert not {0, 3, 6, 9} & set(states.kept)


@pytest.mark.slow
def test_the_others_are_trained_and_judged_as_without_it(digits, run):
    told, _, _ = run
    board, whole = Scoreboard.of(EXPERIMENT, told), board_of(digits, replace(EXPERIMENT, stop_losing=False))
    for before, after in zip(history(whole), history(board), strict=True):
        if after.trial.contender != ZEROS:
            assert after == before
        else:
            assert after.val_accuracy == before.val_accuracy[:2]
    assert whole.test_comparison.tests == board.test_comparison.tests == 3
    others = [[pair for pair in one.test_comparison.pairs if pair.a > 0] for one in (whole, board)]
    assert others[0] == others[1]
    assert others[1][0].p_value is not None
    assert [pair.answer for pair in board.test_comparison.pairs[:2]] == ["stopped"] * 2


@pytest.mark.slow
def test_cut_off_around_the_stop_it_tells_the_rest_of_what_it_would_have_told(digits, run):
    told, kept, _ = run
    stop = next(at for at, event in enumerate(told) if isinstance(event, ContenderStopped))
    for cut in (stop - 4, stop, stop + 1, stop + 3, stop + 9):
        resumed = gone_on(digits, EXPERIMENT, told[:cut], kept[cut - 1])
        assert comparable([*told[:cut], *resumed]) == comparable(told)
        stops = [event for event in [*told[:cut], *resumed] if isinstance(event, ContenderStopped)]
        assert stops == [told[stop]]


def test_with_more_seeds_who_was_stopped_ends_there_too_and_nobody_else_is_stopped(digits, run):
    told, _, states = run
    more = replace(EXPERIMENT, seeds=5)
    assert more.goes_on_from(EXPERIMENT)
    resumed = [*train_on(digits, more, going_on=GoingOn(told, states.copy()))]
    board = Scoreboard.of(more, [*told, *resumed])
    assert [record.epochs_done for record in board.records[12:]] == [2, 4, 4]
    assert [event.status for event in resumed if isinstance(event, TrialFinished)] == [
        "stopped",
        "finished",
        "finished",
    ]
    assert len(board.stopped) == 1
    assert board.test_comparison.means[0].seeds == 5


@pytest.mark.slow
def test_a_model_of_ones_own_stops_by_the_loss_that_judges_it():
    own = ModelSpec(f"{HERE}:regressor", train_data=f"{HERE}:of_numbers")
    contenders = ZEROS, Contender.parse("declared")
    settings = {"epochs": 10, "seeds": 4, "batch_size": 16, "learning_rate": 0.05, "stop_losing": True}
    told = [*train(Experiment(contenders, own=own, **settings))]
    (stopped,) = (event.stopped for event in told if isinstance(event, ContenderStopped))
    assert (stopped.contender, stopped.behind) == (0, 1)
    assert 5 <= stopped.epoch < 10
    assert stopped.difference > stopped.at_least > 0
    trained = [event.trial for event in told if isinstance(event, EpochFinished) and event.epoch > stopped.epoch]
    assert set(trained) == {1, 3, 5, 7}
    assert told[-1].comparison.stopped == (stopped,)
