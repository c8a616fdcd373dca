"""A row that Keras has no class for is drawn by its law, in Train too, and its Keras code draws the same."""

import math

import numpy as np
import pytest

from initterm.engine.networks.network import build_model, hidden_layers
from initterm.engine.runtime import keras
from initterm.engine.weights.drawing import ByLaw, keras_initializer
from initterm.experiments.training.network import NetworkSpec
from initterm.theory.initializer_rows import FAMILIES, Family
from initterm.theory.initializers import InitializerSpec
from initterm.theory.law import normal, points
from initterm.theory.laws import law_of
from initterm.theory.parameters import Parameter
from initterm.theory.shapes import Shape
from tests.engine.weights.drawing import sample

GAIN = (Parameter("gain", 1.0, power=1),)
SHAPE = Shape((64, 128))


def signs(values, shape):
    size = values["gain"] / math.sqrt(shape.fan_in)
    return points("w = ±gain/√fan_in", "a sign by chance", ((-size, 0.5), (size, 0.5)))


ROWS = [
    Family("signs", "", "w = ±gain/√fan_in", "tests", None, "tests", GAIN, law=signs,
           code="lambda shape, dtype=None: {gain} / shape[0]**0.5 * keras.ops.sign(keras.random.normal(shape))"),
    Family("bell", "", "N(0, gain²)", "tests", None, "tests", GAIN,
           law=lambda values, _: normal(0.0, values["gain"], "σ = gain"),
           code="lambda shape, dtype=None: {gain} * keras.random.normal(shape, dtype=dtype)"),
]  # fmt: skip


@pytest.fixture(autouse=True)
def rows(monkeypatch):
    for row in ROWS:
        monkeypatch.setitem(FAMILIES, row.name, row)


@pytest.mark.parametrize("text", ["signs", "signs(gain=2.0)", "bell", "bell(gain=0.1)"])
def test_weights_have_the_laws_moments_and_shape(text):
    spec = InitializerSpec.parse(text)
    drawn, law = sample(spec, SHAPE, 1), law_of(spec, SHAPE)
    assert drawn.std == pytest.approx(law.std, rel=0.05)
    assert drawn.fit is None or drawn.fit.p_value > 0.01
    assert sample(spec, SHAPE, 1) == drawn != sample(spec, SHAPE, 2)


@pytest.mark.parametrize("name", [row.name for row in ROWS])
def test_its_keras_code_draws_the_same(name):
    spec = InitializerSpec(name)
    written = eval(spec.keras_expression, {"keras": keras})
    dense = keras.layers.Dense(SHAPE.fan_out, kernel_initializer=written)
    dense.build((None, SHAPE.fan_in))
    assert np.std(dense.kernel) == pytest.approx(law_of(spec, SHAPE).std, rel=0.05)
    assert spec.keras_line == f"kernel_initializer={spec.keras_expression}"


def test_layers_differ_and_the_seed_decides():
    def kernels(seed):
        keras.utils.set_random_seed(seed)
        model = build_model(NetworkSpec((32, 32, 32)), InitializerSpec("bell"))
        return [keras.ops.convert_to_numpy(dense.kernel) for dense, _ in hidden_layers(model)][1:3]

    (first, second), again, other = kernels(1), kernels(1), kernels(2)
    assert not np.array_equal(first, second)
    assert np.array_equal(first, again[0])
    assert not np.array_equal(first, other[0])


def test_what_keras_has_a_class_for_is_drawn_by_that():
    assert not isinstance(keras_initializer(InitializerSpec("he_normal")), ByLaw)
