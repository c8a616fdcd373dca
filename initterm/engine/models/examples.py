"""Small models to try an audit with, one with faults that are often met and one without any, and one to train."""

from __future__ import annotations

from initterm.engine.keras_types import Model
from initterm.engine.runtime import keras

SEED = 1


def faulty() -> Model:
    """A network for small images: a depthwise kernel drawn by a fan that is as many times too large as there are
    channels, and two Dense layers that share a seed and so begin alike.
    """
    keras.utils.set_random_seed(SEED)
    layers, same = keras.layers, keras.initializers.HeNormal(seed=SEED)
    model: Model = keras.Sequential(
        [
            keras.Input((8, 8, 64)),
            layers.DepthwiseConv2D(3, depthwise_initializer="he_normal", activation="relu", name="depthwise"),
            layers.Flatten(),
            layers.Dense(64, "relu", kernel_initializer="he_normal", name="narrowing"),
            layers.Dense(64, "relu", kernel_initializer=same, name="first_twin"),
            layers.Dense(64, "relu", kernel_initializer=same, name="second_twin"),
            layers.Dense(10, "softmax", name="head"),
        ]
    )
    return model


def sound() -> Model:
    """The same network as it should be."""
    keras.utils.set_random_seed(SEED)
    layers = keras.layers
    by_one_channel = keras.initializers.VarianceScaling(2.0 * 64, "fan_in", "truncated_normal")
    model: Model = keras.Sequential(
        [
            keras.Input((8, 8, 64)),
            layers.DepthwiseConv2D(3, depthwise_initializer=by_one_channel, activation="relu", name="depthwise"),
            layers.Flatten(),
            *(layers.Dense(64, "relu", kernel_initializer="he_normal", name=f"dense_{n}") for n in range(1, 4)),
            layers.Dense(10, "softmax", name="head"),
        ]
    )
    return model


def deep(depth: int = 20) -> Model:
    """Dense layers of ReLU as Keras draws them unless it is told otherwise, for images of 28×28: one to train."""
    layers = keras.layers
    hidden = [layers.Dense(64, "relu", name=f"dense_{n}") for n in range(1, depth + 1)]
    ends = keras.Input((28, 28)), layers.Flatten(), layers.Dense(10, "softmax", name="head")
    network = keras.Sequential([*ends[:2], *hidden, ends[2]])
    network.compile("adam", "sparse_categorical_crossentropy")
    model: Model = network
    return model
