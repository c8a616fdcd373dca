"""Standardized images, random biases, the output's initializer and μP are what they are said to be."""

import numpy as np
import pytest

from initterm.engine.data.datasets import embedded_digits
from initterm.engine.networks.network import MUP_WIDTH, OptimizerStep, build_model, rates
from initterm.engine.runtime import keras, tf
from initterm.engine.training.probe import Probe
from initterm.engine.training.training import train_on
from initterm.experiments.training.contender import Contender
from initterm.experiments.training.events import DataLoaded
from initterm.experiments.training.experiment import Experiment
from initterm.experiments.training.network import NetworkSpec
from initterm.theory.initializers import InitializerSpec
from initterm.theory.refusal import Refusal

numpy_of = keras.ops.convert_to_numpy
HE = InitializerSpec("he_normal")


@pytest.fixture(scope="module")
def digits():
    return embedded_digits("")


def test_standardized_images_have_mean_0_and_variance_1_over_all_training_images(digits):
    images = digits.scale("standardized")(digits.x_train)
    assert images.mean() == pytest.approx(0, abs=1e-5)
    assert images.std() == pytest.approx(1, abs=1e-5)
    assert np.array_equal(digits.scale("standardized")(digits.x_train[:9]), images[:9])
    pixels = digits.scale("pixels")(digits.x_train)
    assert (pixels.min(), pixels.max()) == (0, 1)


def test_biases_are_normal_in_hidden_layers_only():
    model = build_model(NetworkSpec((400, 400), bias_std=0.3), HE)
    first, second, output = (numpy_of(layer.bias) for layer in model.layers if hasattr(layer, "bias"))
    assert np.concatenate([first, second]).std() == pytest.approx(0.3, rel=0.1)
    assert not np.array_equal(first, second)
    assert not output.any()


@pytest.mark.parametrize(("too", "value"), [(False, 0.0), (True, 0.25)])
def test_the_output_has_the_initializer_too_if_asked_for(too, value):
    model = build_model(NetworkSpec((8,), initialize_output=too), InitializerSpec.parse("constant(value=0.25)"))
    assert np.all(numpy_of(model.layers[-1].kernel) == 0.25) == too
    assert numpy_of(model.layers[-1].kernel).std() == pytest.approx(0.0 if too else 0.33, abs=0.1)


def test_under_mup_rates_and_the_output_fall_with_the_width():
    width = 4 * MUP_WIDTH
    model = build_model(NetworkSpec((width, width), parametrization="mup"), HE)
    assert rates(NetworkSpec((width, width), parametrization="mup"), model) == [1, 1, 0.25, 1, 0.25, 1]
    assert rates(NetworkSpec((width, width)), model) == [1] * 6
    assert numpy_of(model.layers[-1].kernel).std() == pytest.approx(MUP_WIDTH**0.5 / width, rel=0.1)


def test_a_step_with_rates_is_one_of_those_learning_rates():
    values, gradients = np.array([1.0, -2.0], np.float32), [tf.constant([0.5, -3.0])] * 2
    slow, fast = keras.Variable(values), keras.Variable(values)
    optimizer = keras.optimizers.Adam(0.01)
    OptimizerStep(optimizer, [slow, fast], [0.25, 1.0])(gradients)
    assert numpy_of(fast) - values == pytest.approx([-0.01, 0.01], rel=1e-3)
    assert numpy_of(slow) - values == pytest.approx([-0.0025, 0.0025], rel=1e-3)


def test_the_changes_of_logits_and_features_are_what_a_step_does_to_them(digits):
    keras.utils.set_random_seed(1)
    model = build_model(NetworkSpec((32, 16)), HE)
    optimizer = keras.optimizers.Adam(0.01)
    optimizer.build(model.trainable_variables)
    x, y = digits.x_train[:64].astype(np.float32) / 255, digits.y_train[:64].astype(np.int32)
    output = model.layers[-1]
    last_hidden = keras.Model(model.inputs[0], output.input)

    def logits():
        return numpy_of(last_hidden(x)) @ numpy_of(output.kernel) + numpy_of(output.bias)

    features = keras.Model(model.inputs[0], model.layers[-2].input)
    before, features_before = logits(), numpy_of(features(x))
    probe = Probe(model, OptimizerStep(optimizer, model.trainable_variables, [1.0] * 6))
    told = probe(tf.constant(x), tf.constant(y))
    moved = logits() - before
    moved -= moved.mean(axis=1, keepdims=True)
    assert told["logit_change"] == pytest.approx(np.sqrt((moved**2).mean()), rel=1e-3)
    of_features = numpy_of(features(x)) - features_before
    assert told["feature_change"] == pytest.approx(np.sqrt((of_features**2).mean()), rel=1e-3)


def test_the_data_tell_how_many_images_each_class_has(digits):
    experiment = Experiment((Contender(HE),), NetworkSpec((8,)), epochs=1, samples=400)
    data = next(event for event in train_on(digits, experiment) if isinstance(event, DataLoaded))
    assert data.train_classes == tuple(np.bincount(digits.y_train[:320]))
    assert sum(data.test_classes) == data.test


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"bias_std": -1}, "σ_b is from 0 to 1,000,000, such as 0.05, not -1"),
        ({"parametrization": "ntk"}, "standard, mup"),
    ],
)
def test_settings_that_cannot_be(settings, says):
    with pytest.raises(Refusal, match=says):
        NetworkSpec((8,), **settings)


def test_an_input_that_is_unknown():
    with pytest.raises(Refusal, match="pixels, standardized"):
        Experiment(source="sound")
