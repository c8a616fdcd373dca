"""Every activation of the catalogue is Keras's own, its derivative GradientTape's."""

import inspect

import numpy as np
import pytest

from initterm.engine.runtime import keras, tf
from initterm.theory.activations import ACTIVATIONS, CATALOGUE
from initterm.theory.parametric import PARAMETRIC, parametric_of

OF_A_WHOLE_LAYER = {"softmax", "log_softmax", "sparsemax", "glu"}
WITHOUT_DEFAULTS = {"threshold"}
OTHER_NAMES = {"swish": "silu", "hard_swish": "hard_silu"}
NO_ACTIVATIONS = {"get", "serialize", "deserialize"}
LAYERS_ONLY = {"prelu"}


@pytest.mark.parametrize(
    "activation", [a for a in CATALOGUE if a.function and a.name not in LAYERS_ONLY], ids=lambda a: a.name
)
def test_function_and_derivative_are_keras_own(activation):
    z = np.linspace(-10, 10, 4001) + 1e-4 * np.pi  # no node at a kink
    x = tf.constant(z, tf.float64)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = getattr(keras.activations, activation.name)(x)
    size = np.maximum(1, np.abs(y.numpy()))
    assert np.max(np.abs(activation.function(z) - y.numpy()) / size) < 1e-6
    assert np.max(np.abs(activation.derivative(z) - tape.gradient(y, x).numpy()) / size) < 1e-6


@pytest.mark.parametrize(
    ("text", "parameters"),
    [
        ("leaky_relu(negative_slope=0.3)", {"negative_slope": 0.3}),
        ("relu(max_value=2.0)", {"max_value": 2.0}),
        ("relu(negative_slope=0.1, threshold=1.0)", {"negative_slope": 0.1, "threshold": 1.0}),
        ("elu(alpha=0.5)", {"alpha": 0.5}),
        ("celu(alpha=2.0)", {"alpha": 2.0}),
        ("gelu(approximate=True)", {"approximate": True}),
        ("squareplus(b=1.5)", {"b": 1.5}),
        ("threshold(threshold=0.3, default_value=-1.0)", {"threshold": 0.3, "default_value": -1.0}),
        ("soft_shrink(threshold=0.7)", {"threshold": 0.7}),
        ("hard_shrink(threshold=0.7)", {"threshold": 0.7}),
    ],
)
def test_parameters_mean_what_they_mean_in_keras(text, parameters):
    activation = parametric_of(text)
    z = np.linspace(-10, 10, 4001) + 1e-4 * np.pi
    x = tf.constant(z, tf.float64)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = getattr(keras.activations, text.partition("(")[0])(x, **parameters)
    assert activation.function(z) == pytest.approx(y.numpy(), abs=1e-6)
    assert activation.derivative(z) == pytest.approx(tape.gradient(y, x).numpy(), abs=1e-6)


def test_every_parameter_of_keras_has_its_place():
    for name in ACTIVATIONS.keys() & vars(keras.activations).keys():
        taken = set(inspect.signature(getattr(keras.activations, name)).parameters) - {"x", "axis"}
        assert taken == set(PARAMETRIC[name].defaults if name in PARAMETRIC else ()), name


def test_every_activation_of_keras_that_acts_on_one_number_has_a_row():
    functions = {name for name, member in vars(keras.activations).items() if inspect.isfunction(member)}
    elementwise = functions - NO_ACTIVATIONS - OF_A_WHOLE_LAYER - WITHOUT_DEFAULTS - OTHER_NAMES.keys()
    rows = {activation.name for activation in CATALOGUE if activation.function} - LAYERS_ONLY
    assert rows == elementwise
    assert PARAMETRIC.keys() >= WITHOUT_DEFAULTS
    for other, name in OTHER_NAMES.items():
        assert vars(keras.activations)[other] is vars(keras.activations)[name]
        assert name in ACTIVATIONS
