"""What a person leaves out is filled in by what they gave: who takes part, and whose optimizer trains a model."""

import pytest

from initterm.api.settings import defaults_of
from initterm.experiments.training.asked import experiment_asked
from initterm.experiments.training.contender import OF_A_MODEL
from initterm.experiments.training.experiment import TRAIN_SETTINGS, Experiment
from initterm.theory.refusal import Refusal


def asked(**given):
    return experiment_asked((), defaults_of(TRAIN_SETTINGS) | given, given)


def test_without_a_model_it_is_the_usual_comparison():
    assert asked() == Experiment()


def test_a_model_is_trained_by_its_own_optimizer_unless_another_is_named():
    assert asked(model="m:build").contenders == OF_A_MODEL
    assert asked(model="m:build").own.own_optimizer
    assert not asked(model="m:build", optimizer="sgd").own.own_optimizer
    assert not asked(model="m:build", learning_rate=0.1).own.own_optimizer
    assert asked(model="m:build", optimizer="sgd", own_optimizer=True).own.own_optimizer


@pytest.mark.parametrize(
    ("given", "says"),
    [({"hidden": (3,)}, "--hidden is for the network"), ({"data": "mnist", "train_data": "d.npz"}, "give one of them")],
)
def test_what_a_model_has_no_use_for_is_refused(given, says):
    with pytest.raises(Refusal, match=says):
        asked(model="m:build", **given)
