"""LSUV of a person's own model in place: each layer leaves variance 1, and what isn't fitted is as it was."""

import numpy as np
import pytest

import initterm
from initterm.engine.models.opened import OpenedModel
from initterm.engine.runtime import keras
from initterm.engine.training.fitting_in_place import fit
from initterm.theory.initializers import InitializerSpec
from tests.engine.audit.planted import numbers

layers = keras.layers

BATCH = np.random.default_rng(0).normal(2, 5, (256, 16))


def model_of(*hidden):
    return keras.Sequential([keras.Input((16,)), *hidden, layers.Dense(3, name="out")])


def test_every_layer_leaves_variance_one_in_training_mode():
    names = ("one", "two", "three")
    model = model_of(*(layers.Dense(48, "tanh", name=name) for name in names), layers.Dropout(0.5, name="drop"))
    out = numbers(model.get_layer("out").kernel)
    made = initterm.lsuv(model, BATCH, seed=4)
    assert made.drawn == {f"{name}/kernel": "lsuv" for name in names}
    x = BATCH
    for name in names:
        sums = x @ numbers(model.get_layer(name).kernel)
        assert sums.var() == pytest.approx(1, abs=0.02)
        x = np.tanh(sums)
    assert np.array_equal(out, numbers(model.get_layer("out").kernel))


def test_moving_statistics_stay_and_a_seed_repeats_the_numbers():
    models = [model_of(layers.Dense(32, name="one"), layers.BatchNormalization(name="norm")) for _ in range(2)]
    for model in models:
        fit(OpenedModel(model), InitializerSpec("lsuv"), BATCH, seed=1)
    first, second = (numbers(model.get_layer("one").kernel) for model in models)
    assert np.array_equal(first, second)
    assert not np.any(numbers(models[0].get_layer("norm").moving_mean))


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"batch": np.zeros((4, 7))}, "can't be fitted to that batch"),
        ({"batch": BATCH, "where": "one/bias"}, "orthogonal|lsuv can't draw one/bias"),
        ({"batch": BATCH, "where": "nothing"}, "No tensor's path fits"),
    ],
)
def test_what_cannot_be_fitted_is_refused_and_leaves_the_model(asked, says):
    model = model_of(layers.Dense(32, name="one"), layers.Dense(32, name="two"))
    before = model.get_weights()
    with pytest.raises(initterm.Refusal, match=says):
        initterm.lsuv(model, **asked)
    assert all(np.array_equal(a, b) for a, b in zip(before, model.get_weights(), strict=True))
