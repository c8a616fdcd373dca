"""Convolutions of one channel a group run by TensorFlow's kernels for those, and give what Keras's own do."""

import numpy as np
import pytest

from initterm.engine.models.grouped_convolutions import depthwise_as_such
from initterm.engine.models.tensorflow_privates import operations_noted
from initterm.engine.runtime import keras, tf
from tests.engine.audit.planted import chain

layers = keras.layers


class Standardized(layers.Conv2D):
    def convolution_op(self, inputs, kernel):
        return super().convolution_op(inputs, kernel - keras.ops.mean(kernel))


def output_and_gradient(model, x):
    """What a model puts out, the gradient of that at its input, and the kinds of operations that ran."""
    kinds = set()
    with operations_noted(lambda kind, inputs, outputs: kinds.add(kind)), tf.GradientTape() as tape:
        tape.watch(x)
        output = model(x, training=True)
    back = np.random.default_rng(2).standard_normal(output.shape).astype("float32")
    return output, tape.gradient(output, x, output_gradients=tf.constant(back)), kinds


@pytest.mark.parametrize(
    ("layer", "is_depthwise"),
    [
        (layers.Conv2D(4, 7, padding="same", groups=4), True),
        (layers.Conv2D(8, 3, strides=2, groups=4, activation="relu", bias_initializer="ones"), True),
        (layers.Conv2D(8, 3, groups=2), False),
        (layers.Conv2D(4, 3, dilation_rate=2, groups=4), False),
        (Standardized(4, 3, groups=4), False),
        (layers.Conv2D(4, 3), False),
    ],
    ids=["same", "strides", "groups", "dilated", "of one's own", "plain"],
)
def test_what_is_depthwise_runs_as_such_and_gives_the_same(layer, is_depthwise):
    model = chain(layer, shape=(9, 9, 4))
    x = tf.constant(np.random.default_rng(1).standard_normal((2, 9, 9, 4)), tf.float32)
    output, gradient, _ = output_and_gradient(model, x)
    with depthwise_as_such(model):
        output_there, gradient_there, kinds = output_and_gradient(model, x)
    assert np.allclose(output, output_there, rtol=1e-5, atol=1e-5)
    assert np.allclose(gradient, gradient_there, rtol=1e-5, atol=1e-5)
    assert ("DepthwiseConv2dNative" in kinds) is is_depthwise
    assert "convolution_op" not in vars(layer)
