"""The defaults of Keras, PyTorch and Flax, as their definitions say, for dense and convolution layers."""

import math

import pytest

from initterm.theory.frameworks import DEFAULTS
from initterm.theory.shapes import Shape


@pytest.mark.parametrize("shape", [Shape((784, 256)), Shape((3, 3, 64, 128))], ids=str)
def test_std_and_bound_are_the_definitions(shape):
    keras, pytorch, flax = (default.law(shape) for default in DEFAULTS)
    assert keras.high == pytest.approx(math.sqrt(6 / (shape.fan_in + shape.fan_out)))
    assert pytorch.high == pytest.approx(1 / math.sqrt(shape.fan_in))
    assert pytorch.std == pytest.approx(1 / math.sqrt(3 * shape.fan_in))
    assert flax.std == pytest.approx(1 / math.sqrt(shape.fan_in))


def test_the_keras_lines_of_pytorch():
    kernel, bias = DEFAULTS[1].keras_lines(Shape((100, 10)))
    assert kernel == (
        "kernel_initializer=keras.initializers.VarianceScaling"
        "(scale=0.3333333333333333, mode='fan_in', distribution='uniform')"
    )
    assert bias == "bias_initializer=keras.initializers.RandomUniform(-0.1, 0.1)"
