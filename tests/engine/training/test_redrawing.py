"""A model drawn anew in place: as it declares or by an initializer, each tensor by itself, and nothing else."""

import numpy as np
import pytest

import initterm
from initterm.api.models import reinitialize
from initterm.engine.models.opened import OpenedModel
from initterm.engine.runtime import keras
from initterm.engine.training.redrawing import FROZEN, UNKNOWN, redraw
from initterm.theory.refusal import Refusal
from tests.engine.audit.planted import numbers

layers = keras.layers


def all_of(model):
    return {variable.path: numbers(variable) for variable in model.variables}


def mlp():
    same = keras.initializers.HeNormal(seed=3)
    hidden = [layers.Dense(64, "relu", kernel_initializer=same, name=f"hidden_{n}") for n in (1, 2)]
    return keras.Sequential(
        [keras.Input((64,)), *hidden, layers.BatchNormalization(name="norm"), layers.Dense(4, name="out")]
    )


def trained(model):
    model.compile(keras.optimizers.Adagrad(0.5), "mse")
    random = np.random.default_rng(0)
    model.fit(random.standard_normal((64, 64)), random.standard_normal((64, 4)), verbose=0)
    return model


def test_a_trained_model_begins_anew_with_its_optimizer():
    model = trained(mlp())
    assert np.any(numbers(model.get_layer("norm").moving_mean))
    made = reinitialize(model, seed=5)
    assert (made.left, len(made.drawn)) == ({}, 10)
    assert not np.any(numbers(model.get_layer("norm").moving_mean))
    assert not np.any(numbers(model.get_layer("hidden_1").bias))
    assert int(model.optimizer.iterations) == 0
    accumulated = [float(numbers(one).max()) for one in model.optimizer.variables[2:]]
    assert accumulated == pytest.approx([0.1] * len(accumulated))
    assert initterm.audit(model).findings == ()


def test_layers_that_share_a_seed_get_numbers_of_their_own_and_a_seed_repeats_them():
    model, other = mlp(), mlp()
    first, second = (model.get_layer(f"hidden_{n}") for n in (1, 2))
    assert np.array_equal(numbers(first.kernel), numbers(second.kernel))
    reinitialize(model, seed=1)
    assert not np.array_equal(numbers(first.kernel), numbers(second.kernel))
    reinitialize(other, seed=1)
    assert all(np.array_equal(a, b) for a, b in zip(model.get_weights(), other.get_weights(), strict=True))
    reinitialize(other, seed=2)
    assert not np.array_equal(numbers(first.kernel), numbers(other.get_layer("hidden_1").kernel))


def test_where_touches_nothing_else():
    model = trained(mlp())
    before, steps = all_of(model), int(model.optimizer.iterations)
    made = reinitialize(model, "lecun_normal", where="hidden_?/kernel")
    changed = {path for path, values in all_of(model).items() if not np.array_equal(values, before[path])}
    assert changed == {model.get_layer(f"hidden_{n}").kernel.path for n in (1, 2)}
    assert made.drawn == {"hidden_1/kernel": "lecun_normal", "hidden_2/kernel": "lecun_normal"}
    assert int(model.optimizer.iterations) == steps > 0


def test_an_initializer_goes_by_the_fans_of_the_sums_and_is_declared():
    depthwise = layers.DepthwiseConv2D(3, activation="relu", name="depthwise")
    model = keras.Sequential([keras.Input((8, 8, 64)), depthwise, layers.Flatten(), layers.Dense(3, name="out")])
    made = reinitialize(model, "he_normal", seed=1)
    assert made.drawn["depthwise/kernel"] == "variance_scaling(scale=128.0)"
    assert numbers(depthwise.kernel).std() == pytest.approx(np.sqrt(2 / 9), rel=0.1)
    assert [one for one in initterm.audit(model).findings if one.layer == "depthwise"] == []


def test_an_lstm_forgets_nothing_at_first():
    model = keras.Sequential([keras.Input((5, 8)), layers.LSTM(16, name="lstm"), layers.Dense(2)])
    bias = model.get_layer("lstm").cell.bias
    bias.assign(np.full(64, 7.0))
    reinitialize(model)
    assert numbers(bias).tolist() == [0.0] * 16 + [1.0] * 16 + [0.0] * 32


def test_what_is_frozen_or_of_unknown_origin_is_left_and_told():
    class Own(layers.Layer):
        def build(self, shape):
            self.own = self.add_weight(shape=(3,), initializer="ones", name="own")

        def call(self, x):
            return x * self.own

    frozen = layers.Dense(3, name="frozen", trainable=False)
    model = keras.Sequential([keras.Input((3,)), frozen, Own(name="mine"), layers.Dense(3, name="out")])
    before = numbers(frozen.kernel)
    made = redraw(OpenedModel(model))
    assert made.left == {"frozen/kernel": FROZEN, "frozen/bias": FROZEN, "mine/own": UNKNOWN}
    assert np.array_equal(numbers(frozen.kernel), before)


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"where": "nothing/at/all"}, "there are hidden_1/kernel"),
        ({"initializer": "lsuv"}, "fitted to a batch"),
        ({"initializer": "he_norml"}, "did you mean he_normal?"),
        ({"initializer": "orthogonal", "where": "hidden_1/bias"}, "can't draw hidden_1/bias"),
    ],
)
def test_what_cannot_be_drawn_is_refused_and_leaves_the_model(asked, says):
    model = mlp()
    before = model.get_weights()
    with pytest.raises(Refusal, match=says.replace("?", r"\?")):
        reinitialize(model, **asked)
    assert all(np.array_equal(a, b) for a, b in zip(before, model.get_weights(), strict=True))
