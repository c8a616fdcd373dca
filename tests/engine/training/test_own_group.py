"""Trials of a sweep with a person's own model come out as in a training of their cell; one that can't be used fails."""

import pytest

from initterm.engine.training import own_group, trial_group
from initterm.engine.training.own_group import ready_model
from initterm.engine.training.training import train
from initterm.engine.training.trial_group import train_group
from initterm.experiments.sweep.events import TrialFailed, TrialMeasured
from initterm.experiments.sweep.groups import Plan, sent
from initterm.experiments.sweep.sweep import Sweep, TrialKey
from initterm.experiments.training.board import Scoreboard
from initterm.experiments.training.bounds import TrainingBounds
from initterm.experiments.training.events import CompileStarted, DataLoaded, ModelPrepared

HERE = "tests.engine.training.own_models"
SWEEP = Sweep.parse(
    f"declared he_normal --over epochs=1,2 --model {HERE}:classifier --train-data {HERE}:of_classes "
    "--seeds 2 --batch-size 16"
)


@pytest.fixture(autouse=True)
def _nothing_ready(monkeypatch):
    monkeypatch.setattr(own_group, "_ready", {})


def told_of(sweep, *keys, bounds=None):
    return [*train_group(sent(sweep, tuple(TrialKey(*key) for key in keys)), bounds)]


def history(one):
    return one.loss, one.accuracy, one.val_loss, one.val_accuracy, one.test_loss, one.test_accuracy


@pytest.mark.slow
def test_each_trial_is_the_same_as_in_a_training_of_its_cell():
    told = told_of(SWEEP, (1, 3), (1, 0))
    assert ready_model(SWEEP.cell(1).experiment).send(None) in told  # what is ready for the next trials of the cell
    again = told_of(SWEEP, (1, 2))
    assert not any(isinstance(event, CompileStarted) for event in again)
    assert [type(event) for event in again[1:3]] == [ModelPrepared, DataLoaded]
    board = Scoreboard.of(SWEEP.cell(1).experiment, train(SWEEP.cell(1).experiment))
    measured = [event for event in (*told, *again) if isinstance(event, TrialMeasured)]
    assert [event.key for event in measured] == [(1, 3), (1, 0), (1, 2)]
    for event in measured:
        assert history(event) == history(board.records[event.key.trial])
        assert event.metric == board.metric
    assert [event.compiling > 0 for event in measured] == [True, False, True]


def test_what_it_may_take_is_bounded_in_time_until_it_is_ready(monkeypatch):
    laid = []
    monkeypatch.setattr(trial_group, "confine", laid.append)
    monkeypatch.setattr(trial_group, "unbind_time", lambda: laid.append("any time"))
    bounds = TrainingBounds(2**30, 60.0)
    sweep = Sweep.parse(f"declared --over epochs=1 --model {HERE}:nothing_of_that_name --train-data {HERE}:of_classes")
    (failed,) = (event for event in told_of(sweep, (0, 0), bounds=bounds) if isinstance(event, TrialFailed))
    assert "nothing_of_that_name" in failed.sentence
    assert laid == [bounds]


def test_groups_hold_trials_of_one_model():
    sweep = Sweep.parse("--model my:cnn --over model.depth=4,8 --over learning_rate=0.1,0.2")
    plan = Plan(sweep)
    groups = [*iter(lambda: plan.next_group(lambda _: 9), None)]
    assert [len(group.trials) for group in groups] == [4, 4]
    assert len({group.data for group in groups}) == 2
    assert len(plan.work.left) == 2
