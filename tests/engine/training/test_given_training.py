"""A model that is in the process is compared as one of a function is, and is as it was afterwards."""

from itertools import islice

import msgspec
import numpy as np
import pytest

import initterm
from initterm.engine.models.left_alone import left_as_it_was
from initterm.engine.runtime import keras
from initterm.engine.training.given_training import train_given
from initterm.engine.training.training import train
from initterm.experiments.training import events
from initterm.experiments.training.contender import Contender
from initterm.experiments.training.experiment import Experiment
from initterm.experiments.training.model import ModelSpec
from tests.engine.audit.planted import numbers
from tests.engine.training.own_models import of_classes

layers = keras.layers
CONTENDERS = tuple(map(Contender.parse, ("declared", "he_normal")))


def named():
    hidden = layers.Dense(8, name="hidden"), layers.BatchNormalization(name="norm"), layers.ReLU(name="relu")
    output = layers.Dropout(0.2, name="drop"), layers.Dense(3, "softmax", name="output")
    model = keras.Sequential([keras.Input((4,)), *hidden, *output], name="mine")
    model.compile(keras.optimizers.SGD(0.05, momentum=0.9), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def asked(**settings):
    own = ModelSpec(f"{__name__}:named", train_data="tests.engine.training.own_models:of_classes", own_optimizer=True)
    return Experiment(CONTENDERS, own=own, **{"epochs": 2, "batch_size": 16, **settings})


def without_seconds(run):
    kept = (event for event in run if not isinstance(event, events.StepsFinished | events.RunStarted))
    return [
        msgspec.structs.replace(event, seconds=0.0) if isinstance(event, events.EpochFinished) else event
        for event in kept
    ]


def state(model):
    return [numbers(variable) for variable in (*model.variables, *model.optimizer.variables)]


@pytest.mark.slow
def test_it_tells_what_the_same_model_of_a_function_tells_and_is_left_as_it_was():
    model = named()
    model.fit(*of_classes(), epochs=1, verbose=0)
    optimizer, fit, before = model.optimizer, model.train_function, state(model)
    told = without_seconds(train_given(asked(), model, of_classes()))
    assert told == without_seconds(train(asked()))
    assert (model.optimizer, model.train_function) == (optimizer, fit)
    assert all(np.array_equal(old, new) for old, new in zip(before, state(model), strict=True))
    assert model.fit(*of_classes(), epochs=1, verbose=0).history.keys() == {"accuracy", "loss"}
    assert int(optimizer.iterations) == 8


@pytest.mark.slow
def test_one_that_is_stopped_is_left_as_it_was():
    model = named()
    before = model.get_weights()
    run = train_given(asked(), model, of_classes())
    assert any(isinstance(event, events.TrialStarted) for event in islice(run, 12))
    run.close()
    assert all(np.array_equal(old, new) for old, new in zip(before, model.get_weights(), strict=True))


def test_what_a_model_is_not_compiled_with_is_gone_afterwards():
    model = keras.Sequential([keras.Input((4,)), layers.Dense(3, name="output")])
    with left_as_it_was(model):
        model.compile("adam", "mse")
        model.get_layer("output").kernel.assign(np.zeros((4, 3)))
    assert not model.compiled
    assert getattr(model, "optimizer", None) is None
    assert np.any(numbers(model.get_layer("output").kernel))


@pytest.mark.slow
def test_a_comparison_says_how_it_is_repeated():
    found = initterm.compare(named(), of_classes(), ["declared", "zeros"], seeds=2, epochs=1, batch_size=16)
    told = found.to_dict()
    assert told["command"] == "initterm.compare(mine, data, ['declared', 'zeros'], seeds=2, epochs=1, batch_size=16)"
    assert told["model"]["optimizer"] == "SGD 0.05"
    assert len(found.trials) == 4
    assert told["data"]["name"] == "data"


@pytest.mark.parametrize(
    ("model", "data", "more", "says"),
    [
        (named, 3, {}, "data: what it gives is of type int"),
        (named, (np.zeros((90, 7)), np.zeros(90)), {}, "can't|shape|7"),
        (named, of_classes(), {"hidden": (3,)}, "No setting is called 'hidden'"),
        (named, of_classes(), {"contenders": "he_norml"}, "did you mean he_normal"),
        (dict, of_classes(), {}, "not a keras.Model"),
    ],
)
def test_what_cannot_be_compared_is_refused_by_a_sentence(model, data, more, says):
    with pytest.raises(initterm.Refusal, match=says):
        initterm.compare(model(), data, **more)
