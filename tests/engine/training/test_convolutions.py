"""Convolutions and poolings with gradients of their own are Keras's, in value and gradient."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from initterm.engine.runtime import keras, tf
from initterm.engine.training.convolutions import fast_gradients

layers = keras.layers
CASES = {
    "valid": lambda: layers.Conv2D(4, 3),
    "same, even kernel": lambda: layers.Conv2D(4, (2, 4), padding="same"),
    "an even number of columns": lambda: layers.Conv2D(4, (3, 2)),
    "strides over an odd size": lambda: layers.Conv2D(4, 3, strides=2, padding="same"),
    "strides that leave pixels": lambda: layers.Conv2D(4, (3, 2), strides=(3, 2)),
    "pointwise with strides": lambda: layers.Conv2D(5, 1, strides=2),
    "gaps, which stay Keras's": lambda: layers.Conv2D(4, 2, dilation_rate=2),
    "groups, which stay Keras's": lambda: layers.Conv2D(4, 3, groups=2),
    "depthwise": lambda: layers.DepthwiseConv2D(3, depth_multiplier=2, padding="same"),
    "depthwise with strides": lambda: layers.DepthwiseConv2D(3, strides=2, padding="same"),
    "separable": lambda: layers.SeparableConv2D(3, 2),
    "pooling": lambda: layers.MaxPooling2D(2),
    "pooling of 3 by 2": lambda: layers.MaxPooling2D((3, 2)),
    "pooling that overlaps, which stays Keras's": lambda: layers.MaxPooling2D(3, strides=1, padding="same"),
    "sequence": lambda: keras.Sequential([layers.Reshape((49, 2)), layers.Conv1D(3, 4, strides=3, padding="same")]),
}


@pytest.mark.parametrize("case", CASES)
def test_values_and_gradients_are_those_of_keras(case: str) -> None:
    layer = CASES[case]()
    x = tf.constant(np.random.default_rng(1).integers(-3, 4, (5, 7, 7, 2)) / 2, tf.float32)
    weighed = tf.constant(np.random.default_rng(2).standard_normal(layer(x).shape), tf.float32)

    def value_and_gradients(x: Any) -> Any:
        with tf.GradientTape() as tape:
            tape.watch(x)
            loss = tf.reduce_sum(layer(x) ** 2 * weighed)
        return loss, tape.gradient(loss, [x, *(variable.value for variable in layer.trainable_variables)])

    plain = value_and_gradients(x)
    with fast_gradients():
        ours = tf.function(value_and_gradients, jit_compile=True, autograph=False)(x)
    for one, other in zip(tf.nest.flatten(ours), tf.nest.flatten(plain), strict=True):
        assert np.asarray(one) == pytest.approx(np.asarray(other), rel=1e-4, abs=1e-4)
