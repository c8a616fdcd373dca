"""A gradient that leaves kernels out is that of all for what a layer takes, and computes nothing for its kernel."""

import numpy as np
import pytest

from initterm.engine.models.input_gradients import kernels_left_out
from initterm.engine.models.tensorflow_privates import operations_noted
from initterm.engine.runtime import keras, tf

layers = keras.layers


def gradients(layer, x, watched):
    """The gradients of watched tensors, and the kinds of operations that computed them."""
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(watched)
        output = layer(x)
    back = np.random.default_rng(2).standard_normal(output.shape).astype("float32")
    kinds = set()
    with operations_noted(lambda kind, inputs, outputs: kinds.add(kind)):
        return tape.gradient(output, watched, output_gradients=tf.constant(back)), kinds


@pytest.mark.parametrize(
    ("layer", "sizes"),
    [
        (layers.Conv1D(3, 3, dilation_rate=2), (9, 4)),
        (layers.Conv2D(3, 3, strides=2, padding="same"), (9, 8, 4)),
        (layers.Conv3D(3, 2, padding="same"), (4, 5, 6, 2)),
        (layers.DepthwiseConv2D(3, strides=2, depth_multiplier=2), (9, 9, 4)),
        (layers.SeparableConv2D(3, 3), (6, 6, 4)),
        (layers.Conv2DTranspose(3, 3, strides=2, padding="same"), (4, 5, 4)),
    ],
)
def test_what_a_layer_takes_has_the_same_gradient_and_its_kernel_none(layer, sizes):
    x = tf.constant(np.random.default_rng(1).standard_normal((2, *sizes)), tf.float32)
    layer.build(x.shape)
    kernels = [variable.value for variable in layer.variables if len(variable.shape) > 1]
    (usual, *of_kernels), _ = gradients(layer, x, [x, *kernels])
    with kernels_left_out():
        (alone,), kinds = gradients(layer, x, [x])
        (beside, *of_kernels_there), _ = gradients(layer, x, [x, *kernels])
    _, kinds_after = gradients(layer, x, [x])
    assert np.array_equal(alone, usual)
    assert np.array_equal(beside, usual)
    assert all(map(np.array_equal, of_kernels, of_kernels_there))
    assert not [kind for kind in kinds if "BackpropFilter" in kind]
    assert [kind for kind in kinds_after if "BackpropFilter" in kind]
