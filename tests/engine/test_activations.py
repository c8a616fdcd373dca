"""Every activation of the catalogue is Keras's own, its derivative GradientTape's."""

import inspect

import numpy as np
import pytest

from initterm.engine.networks.network import FUNCTIONS, activation_layer, function_of
from initterm.engine.runtime import keras, tf
from initterm.theory.activations import ACTIVATIONS, BY_NAME, CATALOGUE
from initterm.theory.duals import ELEMENTWISE
from initterm.theory.typed import PARAMETRIC, activation, parametric_of

OF_A_WHOLE_LAYER = {"softmax", "log_softmax", "sparsemax", "glu"}
WITHOUT_DEFAULTS = {"threshold"}
OTHER_NAMES = {"swish": "silu", "hard_swish": "hard_silu"}
NO_ACTIVATIONS = {"get", "serialize", "deserialize"}


@pytest.mark.parametrize("activation", [a for a in CATALOGUE if a.function], ids=lambda a: a.name)
def test_function_and_derivative_are_those_that_are_trained_with(activation):
    z = np.linspace(-10, 10, 4001) + 1e-4 * np.pi  # no node at a kink
    x = tf.constant(z, tf.float64)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = function_of(activation.name)(x)
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


@pytest.mark.parametrize(
    "text",
    [
        "x*tanh(softplus(x))",
        "where(x>0, x, 0.1*x)",
        "where(x > 0.25, sqrt(x), exp(x)/3)",
        "where(x > 1, log(x), 0.1*x)",
        "clip(x, -1, 2)**3 / (1 + abs(x))",
        "x*normal_cdf(x) + erf(x) - sin(x)*cos(2*x)",
        "maximum(x, 0.1*x) + minimum(expm1(x), log1p(x**2))",
        "prelu(x) + arctan(x) - sinh(x/4)/cosh(x/4) + sign(x)",
        "2 - gelu(x)*pi + e*elu(-x)",
    ],
)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_formula_is_in_tensorflow_what_it_is_in_theory(text, dtype):
    typed, layer = activation(text), activation_layer(text)
    z = np.concatenate([np.linspace(-10, 10, 2001) + 1e-3 * np.pi, [0.0]])
    x = tf.constant(z, dtype)
    layer = keras.layers.Activation(layer.activation, dtype=dtype)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = layer(x)
    slope = tape.gradient(y, x).numpy()
    close = 3e-5 if dtype == "float32" else 1e-7
    assert y.dtype == dtype
    assert y.numpy() == pytest.approx(typed.function(z), rel=close, abs=close)
    assert slope[:-1] == pytest.approx(typed.derivative(z)[:-1], rel=10 * close, abs=10 * close)  # but at the kink
    assert np.isfinite(slope).all()


def test_a_formula_that_is_constant_somewhere_keeps_its_shape():
    x = tf.constant([[-2.0, 3.0]])
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = activation_layer("where(x>0, 1, x**2)")(x)
    assert y.numpy().tolist() == [[4.0, 1.0]]
    assert tape.gradient(y, x).numpy().tolist() == [[-4.0, 0.0]]


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_every_function_of_formulas_is_tensorflows_too(name):
    z = np.linspace(0.01, 5, 200) if name in ("log", "sqrt") else np.linspace(-0.99, 5, 200)
    value = function_of(name)(tf.constant(z)).numpy()
    assert value == pytest.approx(ELEMENTWISE[name].function(z), rel=1e-6, abs=1e-8)


def test_every_parameter_of_keras_has_its_place():
    for name in ACTIVATIONS.keys() & vars(keras.activations).keys():
        taken = set(inspect.signature(getattr(keras.activations, name)).parameters) - {"x", "axis"}
        assert taken == {parameter.name for parameter in BY_NAME[name].parameters}, name


def test_every_activation_of_keras_that_acts_on_one_number_has_a_row():
    functions = {name for name, member in vars(keras.activations).items() if inspect.isfunction(member)}
    elementwise = functions - NO_ACTIVATIONS - OF_A_WHOLE_LAYER - WITHOUT_DEFAULTS - OTHER_NAMES.keys()
    rows = {activation.name for activation in CATALOGUE if activation.function} - FUNCTIONS.keys()
    assert rows == elementwise
    assert PARAMETRIC.keys() >= WITHOUT_DEFAULTS
    for other, name in OTHER_NAMES.items():
        assert vars(keras.activations)[other] is vars(keras.activations)[name]
        assert name in ACTIVATIONS
