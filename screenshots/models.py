"""A small model with faults of the kind that nobody sees, for the picture of an audit."""

from __future__ import annotations

import keras
from keras import layers


def detector() -> keras.Model:
    """A depthwise stem drawn by all channels' fan, one initializer for two layers, and a glorot among ReLUs."""
    keras.utils.set_random_seed(42)
    shared = keras.initializers.HeNormal()
    return keras.Sequential(
        [
            keras.Input((16, 16, 32)),
            layers.DepthwiseConv2D(3, depthwise_initializer="he_normal", activation="relu", name="stem"),
            layers.Conv2D(64, 3, kernel_initializer=shared, activation="relu", name="conv_1"),
            layers.Conv2D(64, 3, kernel_initializer=shared, activation="relu", name="conv_2"),
            layers.Conv2DTranspose(16, 3, kernel_initializer="he_normal", activation="relu", name="up"),
            layers.Flatten(name="flatten"),
            layers.Dense(128, activation="relu", name="dense"),
            layers.Dense(10, activation="softmax", name="head"),
        ],
        name="detector",
    )
