"""Experiments are checked as a whole, and scoreboards are folded from events."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from initterm.experiments.message import DataReceived
from initterm.experiments.settings import parse_hidden
from initterm.experiments.training.board import Scoreboard
from initterm.experiments.training.contender import Contender
from initterm.experiments.training.events import (
    CompileStarted,
    DataLoaded,
    EpochFinished,
    RunStarted,
    StepsFinished,
    TrialFinished,
    TrialResumed,
    TrialStarted,
)
from initterm.experiments.training.experiment import Experiment
from initterm.experiments.training.network import NetworkSpec
from initterm.experiments.training.samples import fewest_samples, training_count
from initterm.theory.initializers import InitializerSpec
from initterm.theory.numbers import parse_seed
from initterm.theory.refusal import Refusal


def test_defaults_are_the_notebooks_comparison():
    experiment = Experiment()
    assert [str(contender) for contender in experiment.contenders] == ["he_normal", "glorot_uniform"]
    assert experiment.network == NetworkSpec((256, 128, 64), "relu", False, False, 0.0)
    assert (experiment.epochs, experiment.batch_size, experiment.samples) == (10, 32, 5000)
    assert (experiment.validation_split, experiment.seed, experiment.seeds) == (0.2, 42, 1)
    assert (experiment.optimizer, experiment.learning_rate) == ("adam", 0.001)


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"samples": 7}, "at least 40 are needed"),
        ({"batch_size": 0}, "batch size: a whole number from 1"),
        ({"epochs": 0}, "epochs: a whole number from 1 to 10,000, such as 10, not 0"),
        ({"contenders": ()}, "At least one initializer"),
        ({"margin": 0.0}, "The margin is greater than 0"),
        ({"looked": (10, 5)}, "Seeds looked at grow from look to look, as in 5,10, not 10,5"),
        ({"looked": (0,)}, "seeds looked at: a whole number from 1"),
        ({"contenders": (Contender(InitializerSpec("zeros")),) * 2}, "once"),
        ({"optimizer": "adamm"}, "optimizer is one of adam"),
        ({"learning_rate": 0.0}, "learning rate"),
        ({"learning_rate": math.nan}, "learning rate"),
        ({"validation_split": 1.0}, "0.001 to 0.999"),
        ({"seed": 2**32 - 1, "seeds": 2}, "at most 4294967295"),
    ],
)
def test_what_cannot_be_trained_is_refused(settings, says):
    with pytest.raises(Refusal, match=says):
        Experiment(**settings)


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"activation": "relo"}, "did you mean relu"),
        ({"dropout": 1.0}, "less than 1"),
        ({"residual": True}, "equal width"),
    ],
)
def test_networks_that_cannot_be_built_are_refused(settings, says):
    with pytest.raises(Refusal, match=says):
        NetworkSpec(**settings)


@given(st.floats(0.001, 0.999), st.integers(1, 500))
def test_fewest_samples_are_enough_and_one_less_is_not(split, batch_size):
    fewest = fewest_samples(split, batch_size)
    Experiment(samples=fewest, validation_split=split, batch_size=batch_size)
    assert training_count(fewest, split) >= batch_size
    with pytest.raises(Refusal):
        Experiment(samples=fewest - 1, validation_split=split, batch_size=batch_size)


@pytest.mark.parametrize(
    ("text", "widths"),
    [
        ("256,128,64", (256, 128, 64)),
        ("64*3", (64, 64, 64)),
        (" 8 , 4*2 ", (8, 4, 4)),
        ("30x64", (64,) * 30),
        ("3 × 64, 10", (64, 64, 64, 10)),
        ("256 128  64", (256, 128, 64)),
        ("(256, 128)", (256, 128)),
        ("[5]", (5,)),
        ("256x128x64", (256, 128, 64)),
    ],
)
def test_hidden_layers_are_read(text, widths):
    assert parse_hidden(text) == widths


def test_two_layers_with_a_cross_between_them_are_explained():
    with pytest.raises(Refusal, match="256x128 is 256 layers of 128; two are 256,128"):
        parse_hidden("256x128")


@given(st.text(alphabet="0123456789*, x-×()"))
def test_no_text_of_layers_raises_more_than_a_refusal(text):
    try:
        assert all(1 <= width <= 65_536 for width in parse_hidden(text))
    except Refusal as refusal:
        assert "256,128,64" in str(refusal)


@pytest.mark.parametrize("text", ["abc", "", "-1", "4.5", "4294967296", "9" * 5000])
def test_seeds_that_keras_cannot_take_are_refused(text):
    with pytest.raises(Refusal, match="seed: a whole number from 0 to 4,294,967,295, such as 42"):
        parse_seed(text)


def test_trials_of_a_seed_follow_each_other():
    trials = list(Experiment(seeds=2).trials)
    assert [(trial.seed, str(trial.contender)) for trial in trials] == [
        (42, "he_normal"),
        (42, "glorot_uniform"),
        (43, "he_normal"),
        (43, "glorot_uniform"),
    ]
    assert [trial.index for trial in trials] == [0, 1, 2, 3]


def test_scoreboard_is_folded_from_events():
    experiment = Experiment(epochs=2)
    board = Scoreboard.of(experiment)
    assert board.doing == "loading the data"
    board = board.after(RunStarted("CPU ×2", {"keras": "3"})).after(DataReceived(5_000_000, 11_000_000))
    assert board.doing == "downloading MNIST, 5.0 of 11.0 MB"
    board = board.after(DataLoaded("MNIST", 4000, 1000, 10_000, "")).after(CompileStarted("relu"))
    assert board.doing == "compiling the network with relu"
    board = board.after(TrialStarted(0, 100)).after(StepsFinished(0, 1, 50, 0.7, 0.6))
    assert board.share_done == pytest.approx(0.125)
    assert board.seconds_left is None
    board = board.after(EpochFinished(0, 1, 0.5, 0.8, 0.6, 0.7, 2.0))
    assert board.share_done == pytest.approx(0.25)
    assert board.seconds_left == pytest.approx(6.0)
    board = board.after(EpochFinished(0, 2, None, 0.1, None, 0.1, 2.0)).after(TrialFinished(0, "diverged", None, None))
    assert board.records[0].status == "diverged"
    assert board.records[0].loss == (0.5, None)
    assert not board.over
    assert [record.status for record in board.cancelled().records] == ["diverged", "cancelled"]
    assert board.cancelled().over


def test_a_trial_that_is_resumed_is_under_way_again_and_what_was_told_of_it_stands():
    experiment = Experiment(epochs=2)
    told = [
        TrialStarted(0, 100),
        EpochFinished(0, 1, 0.5, 0.8, 0.6, 0.7, 2.0),
        StepsFinished(0, 2, 50, 0.4, 0.9),
        TrialStarted(1, 100),
        TrialFinished(1, "finished", 0.3, 0.9),
        TrialResumed(0, 1),
        TrialResumed(1, 0),
    ]
    first, second = Scoreboard.of(experiment, told).records
    assert (first.status, first.partial, first.loss) == ("training", None, (0.5,))
    assert (second.status, second.test_loss, second.test_accuracy) == ("training", None, None)
