"""What a trial of a person's own model begins with: by the seed anew each time, and otherwise only where it is told."""

import numpy as np
import pytest

from initterm.engine.models.opened import OpenedModel
from initterm.engine.models.recording import initializers_recorded
from initterm.engine.runtime import keras
from initterm.engine.training.own_tensors import OwnTensors
from initterm.experiments.training.contender import Contender
from initterm.experiments.training.model import ModelSpec
from initterm.theory.refusal import Refusal

layers = keras.layers
initializers = keras.initializers

DECLARED, HE = Contender.parse("declared"), Contender.parse("he_normal")
SEEDS = (42, 43, 44, 45, 46)


def opened(build):
    with initializers_recorded() as recording:
        model = build()
    return OpenedModel(model, "mine:model", recorded=recording.of(model))


def own(**settings):
    return ModelSpec(model="mine:model", **settings)


def numbers(model):
    """Every variable's numbers, in the model's order."""
    return [np.array(keras.ops.convert_to_numpy(variable)) for variable in model.variables]


def values_of(tensors, model, contender, seed, x=None):
    tensors.draw(contender, seed, x)
    return {tensor.path: tensor.values.copy() for tensor in model.tensors}


def chain(*parts, shape=(16,)):
    return keras.Sequential([keras.Input(shape), *parts])


def mlp(initializer="glorot_uniform", widths=(16, 16)):
    hidden = [
        layers.Dense(width, "relu", kernel_initializer=initializer, name=f"hidden{i}") for i, width in enumerate(widths)
    ]
    return chain(*hidden, layers.Dense(3, name="head"))


SHARED = initializers.HeNormal()
"""Made as this module was imported."""


class Own(layers.Layer):
    """Asks for weights and keeps nothing of what draws them."""

    def __init__(self, initializer=None, **more):
        super().__init__(**more)
        self.asked = initializer

    def build(self, shape):
        self.w = self.add_weight(shape=(shape[-1], 8), initializer=self.asked, name="w")

    def call(self, x):
        return keras.ops.relu(x @ self.w)


class Code(keras.Model):
    """A model that is only code, with a part that is a model again."""

    def __init__(self):
        super().__init__()
        self.first = layers.Dense(8, kernel_initializer=initializers.HeNormal(seed=1))
        self.inner = chain(layers.Dense(8, kernel_initializer=initializers.HeNormal(seed=1)), shape=(8,))
        self.last = layers.Dense(2)

    def call(self, x):
        return self.last(self.inner(self.first(x)))


def code():
    model = Code()
    model(np.zeros((1, 8), "float32"))
    return model


def attention():
    inputs = keras.Input((4, 8))
    out = layers.MultiHeadAttention(2, 4, kernel_initializer=initializers.GlorotUniform(seed=3))(inputs, inputs)
    return keras.Model(inputs, layers.Dense(2)(out))


def both_ways():
    cell = layers.LSTM(6, kernel_initializer=initializers.GlorotUniform(seed=3))
    return chain(layers.Bidirectional(cell), layers.Dense(2), shape=(4, 8))


def one_for_all():
    shared = initializers.HeNormal()
    return mlp(shared)


TRAPS = {
    "an instance that is called twice": one_for_all,
    "an instance made at import": lambda: mlp(SHARED),
    "a whole number as seed": lambda: mlp(initializers.HeNormal(seed=7)),
    "query, key and value of one seed": attention,
    "both directions of one seed": both_ways,
    "a layer that keeps no initializer": lambda: chain(Own(), Own(initializers.HeNormal(seed=1)), layers.Dense(2)),
    "code with a model in it": code,
}


@pytest.mark.parametrize("build", TRAPS.values(), ids=TRAPS)
def test_five_seeds_give_five_draws_of_every_tensor_that_takes_part(build):
    model = opened(build)
    tensors = OwnTensors(model, own(), (DECLARED, HE))
    assert tensors.rows
    for contender in (DECLARED, HE):
        draws = [values_of(tensors, model, contender, seed) for seed in SEEDS]
        taken = [(row.path, draw[row.path]) for row in tensors.rows for draw in draws]
        for at, (path, one) in enumerate(taken):
            for other_path, other in taken[at + 1 :]:
                assert one.shape != other.shape or not np.array_equal(one, other), (path, other_path)
        again = values_of(tensors, model, contender, SEEDS[0])
        assert all(np.array_equal(again[path], draws[0][path]) for path in again)


@pytest.mark.parametrize("build", TRAPS.values(), ids=TRAPS)
def test_contenders_of_a_seed_differ_in_the_named_tensors_alone(build):
    model = opened(build)
    tensors = OwnTensors(model, own(), (DECLARED, HE, Contender.parse("lecun_normal")))
    first = values_of(tensors, model, DECLARED, 42)
    other = values_of(tensors, model, Contender.parse("lecun_normal"), 42)
    differ = {path for path in first if not np.array_equal(first[path], other[path])}
    assert differ == {row.path for row in tensors.rows}


def test_a_model_has_the_same_draws_whatever_was_built_before_it():
    def named_by_keras():
        return chain(layers.Dense(8), layers.Dense(8), layers.Dense(2))

    drawn = []
    for _ in range(2):
        model = opened(named_by_keras)
        OwnTensors(model, own(), (DECLARED,)).draw(DECLARED, 42, None)
        drawn.append(numbers(model.model))
    assert all(map(np.array_equal, *drawn))


def test_none_fits_and_it_says_which_is_near():
    with pytest.raises(Refusal, match="did you mean hidden0/kernel"):
        OwnTensors(opened(mlp), own(where="hiden0/kernel"), (DECLARED,))
