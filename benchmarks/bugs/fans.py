"""Public bugs of Keras's own fans: those of depthwise and transposed kernels, of a cell's gates and of biases."""

from __future__ import annotations

from typing import Any

from initterm.engine.runtime import keras

layers = keras.layers
INITIALIZERS = keras.initializers


def scaled(scale: float) -> Any:
    """σ² = scale/fan_in with the fan that Keras counts."""
    return INITIALIZERS.VarianceScaling(scale)


def of_images(layer: Any, channels: int) -> Any:
    """A classifier of images whose first layer is to be judged."""
    return keras.Sequential(
        [keras.Input((8, 8, channels)), layer, layers.Flatten(), layers.Dense(10, "softmax", name="head")]
    )


def depthwise(mended: bool = False) -> Any:
    """A depthwise kernel is drawn as if each output summed over all channels."""
    initializer = scaled(2.0 * 32) if mended else "he_normal"
    return of_images(layers.DepthwiseConv2D(3, activation="relu", depthwise_initializer=initializer, name="here"), 32)


def separable(mended: bool = False) -> Any:
    """A separable convolution's depthwise kernel too."""
    return of_images(
        layers.SeparableConv2D(
            64,
            3,
            activation="relu",
            depthwise_initializer=scaled(32.0) if mended else "glorot_uniform",
            pointwise_initializer="he_normal",
            name="here",
        ),
        32,
    )


def transposed(mended: bool = False) -> Any:
    """A transposed kernel has outputs before inputs, and is drawn as if it had not."""
    initializer = scaled(2.0 * 8 / 64) if mended else "he_normal"
    layer = layers.Conv2DTranspose(8, 3, padding="same", activation="relu", kernel_initializer=initializer, name="here")
    return of_images(layer, 64)


class ForEachGate(INITIALIZERS.Initializer):
    """The matrices of a cell's gates, each drawn by itself and all side by side."""

    def __init__(self, gates: int):
        self.gates = gates

    def __call__(self, shape, dtype=None):
        """The matrix (units, gates·units)."""
        units = shape[0]
        return keras.ops.concatenate([INITIALIZERS.Orthogonal()((units, units), dtype) for _ in range(self.gates)], 1)


def recurrent(kind: Any, gates: int, mended: bool) -> Any:
    """A classifier of sequences."""
    cell = kind(24, recurrent_initializer=ForEachGate(gates) if mended else "orthogonal", name="here")
    return keras.Sequential([keras.Input((12, 16)), cell, layers.Dense(10, "softmax", name="head")])


def lstm(mended: bool = False) -> Any:
    """The recurrent kernel of all four gates is orthogonal, and none of the gates' is."""
    return recurrent(layers.LSTM, 4, mended)


def gru(mended: bool = False) -> Any:
    """The same with three gates."""
    return recurrent(layers.GRU, 3, mended)


def bias(mended: bool = False) -> Any:
    """A bias by an initializer that goes by fans has the units for its fan, and not the layer's inputs."""
    initializer = INITIALIZERS.RandomUniform(-1.0, 1.0) if mended else "lecun_uniform"
    hidden = layers.Dense(256, "relu", kernel_initializer="he_uniform", bias_initializer=initializer, name="here")
    return keras.Sequential([keras.Input((1,)), hidden, layers.Dense(1, name="last")])
