"""A stream of numbers for each tensor, whatever its initializer was made with."""

import random

import numpy as np
import pytest

from initterm.engine.models.draws import drawn, drawn_by, is_of_keras, seed_of, streams_of
from initterm.engine.models.recording import initializers_recorded
from initterm.engine.runtime import keras
from initterm.theory.fans import Fans
from initterm.theory.initializers import InitializerSpec

layers = keras.layers
initializers = keras.initializers


@pytest.fixture(scope="module")
def kernel():
    layer = layers.Dense(8)
    layer.build((None, 4))
    return layer.kernel


@pytest.mark.parametrize(
    "initializer",
    [
        initializers.HeNormal(),
        initializers.VarianceScaling(2.0, "fan_in", "truncated_normal", seed=9),
        initializers.HeNormal(keras.random.SeedGenerator(3)),
    ],
    ids=["no seed", "a number", "a generator"],
)
def test_it_draws_as_one_that_was_made_with_the_seed(initializer, kernel):
    assert np.array_equal(drawn(initializer, kernel, 5), initializers.HeNormal(seed=5)((4, 8)))
    assert np.array_equal(drawn(initializer, kernel, 5), drawn(initializer, kernel, 5))


def test_two_draws_of_one_initializer_differ(kernel):
    def two(shape, dtype=None):
        return keras.random.normal(shape, dtype=dtype, seed=1) - keras.random.normal(shape, dtype=dtype, seed=1)

    assert np.asarray(drawn(two, kernel, 5)).std() > 0.5


def test_generators_of_python_and_numpy_go_on_as_if_nothing_was_drawn(kernel):
    def own(shape, dtype=None):
        return np.full(shape, random.random() + np.random.random())

    random.seed(1)
    np.random.seed(1)
    wanted = random.random(), np.random.random()
    random.seed(1)
    np.random.seed(1)
    assert np.array_equal(drawn(own, kernel, 5), drawn(own, kernel, 5))
    assert (random.random(), np.random.random()) == wanted
    assert not is_of_keras(own)


def test_keras_draws_with_its_own_seeds_again_afterwards(kernel):
    before = np.array(initializers.HeNormal(seed=1)((4, 8)))
    drawn(initializers.HeNormal(), kernel, 5)
    assert np.array_equal(initializers.HeNormal(seed=1)((4, 8)), before)


def test_by_fans_and_by_none():
    he = InitializerSpec("he_normal")
    assert np.asarray(drawn_by(he, (3, 3, 64, 1), Fans(9, 9), 1)).std() == pytest.approx(np.sqrt(2 / 9), rel=0.1)
    assert np.array_equal(drawn_by(he, (64, 8), Fans(64, 8), 1), initializers.HeNormal(seed=1)((64, 8)))
    assert np.array_equal(
        drawn_by(InitializerSpec("orthogonal"), (8, 8), Fans(2, 2), 1), initializers.Orthogonal(seed=1)((8, 8))
    )


def test_streams_are_told_apart_and_alike_in_each_process():
    model = keras.Sequential([keras.Input((4,)), layers.Dense(4), layers.Dense(4)])
    streams = streams_of(model.variables)
    names = [f"sequential/dense/{tensor}#{place}" for place in (0, 1) for tensor in ("kernel", "bias")]
    assert list(streams) == names
    assert len({seed_of(seed, stream) for seed in range(5) for stream in streams}) == 20
    assert seed_of(42, "sequential/dense/kernel#0") == 1088526162  # of kept runs too


def test_a_recording_knows_what_drew_weights_and_which_hold_other_numbers():
    class Own(layers.Layer):
        def build(self, shape):
            self.w = self.add_weight(shape=(shape[-1], 3), initializer="he_normal", name="w")
            self.free = keras.Variable(initializers.Ones(), shape=(3,), name="free")

        def call(self, x):
            return x @ self.w * self.free

    with initializers_recorded() as recording:
        model = keras.Sequential([keras.Input((4,)), Own(name="own"), layers.Dense(2, name="dense")])
        model.layers[1].kernel.assign(np.ones((3, 2)))
    recorded, layer = recording.of(model), model.layers[0]
    assert isinstance(recorded.initializer(layer.w), initializers.HeNormal)
    assert isinstance(recorded.initializer(layer.free), initializers.Ones)
    assert [variable for variable in model.variables if recorded.has_changed(variable)] == [model.layers[1].kernel]
    later = layers.Dense(2)
    later.build((None, 2))
    assert recorded.initializer(later.kernel) is None


def test_an_initializer_draws_the_same_again_whatever_is_seeded_and_its_clone_does_not():
    made = initializers.HeNormal()
    first = np.asarray(made((6, 5)))
    keras.utils.set_random_seed(3)
    assert np.array_equal(made((6, 5)), first)
    assert not np.array_equal(made.clone()((6, 5)), first)
    layer = layers.Dense(5)
    layer.build((None, 6))
    assert np.array_equal(layer.kernel_initializer((6, 5)), layer.kernel)
