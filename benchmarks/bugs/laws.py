"""Public bugs of laws: a std that is a variance, a mean that was meant as a std, and scales that should be ones."""

from __future__ import annotations

import math
from typing import Any

from benchmarks.bugs.shared_draws import TokenAndPositionEmbedding, classified
from initterm.engine.runtime import keras

layers = keras.layers
INITIALIZERS = keras.initializers


class Glorot(INITIALIZERS.Initializer):
    """A person's own Glorot, which takes the variance for the std; mended, its root."""

    def __init__(self, mended: bool):
        self.mended = mended

    def __call__(self, shape, dtype=None):
        """Draws of the normal."""
        variance = 2.0 / (shape[0] + shape[1])
        return keras.random.normal(shape, 0.0, math.sqrt(variance) if self.mended else variance, dtype)


def hidden_layers(units: int, depth: int, activation: str, initializer: Any) -> Any:
    """A classifier whose hidden layers are each drawn by an initializer of its own."""
    hidden = [
        layers.Dense(units, activation, kernel_initializer=initializer(), name=f"hidden_{number}")
        for number in range(depth)
    ]
    return keras.Sequential([keras.Input((units,)), *hidden, layers.Dense(10, "softmax", name="head")])


def variance_as_std(mended: bool = False) -> Any:
    """mlpack's Glorot drew with std 2/(fan_in + fan_out)."""
    return hidden_layers(64, 4, "tanh", lambda: Glorot(mended))


def mean_for_std(mended: bool = False) -> Any:
    """The first argument of a normal initializer is the mean."""
    std = math.sqrt(2 / 128)
    return hidden_layers(
        128, 4, "relu", lambda: INITIALIZERS.RandomNormal(0.0, std) if mended else INITIALIZERS.RandomNormal(std)
    )


def small_scales(mended: bool = False) -> Any:
    """Batch normalization in Keras 0.3 drew its scale uniformly from -0.05 to 0.05."""
    parts: list[Any] = []
    for number in range(3):
        scale = "ones" if mended else INITIALIZERS.RandomUniform(-0.05, 0.05)
        parts += [
            layers.Dense(64, use_bias=False, kernel_initializer="he_normal", name=f"hidden_{number}"),
            layers.BatchNormalization(gamma_initializer=scale, name=f"bn_{number}"),
            layers.Activation("relu", name=f"relu_{number}"),
        ]
    return keras.Sequential([keras.Input((64,)), *parts, layers.Dense(10, "softmax", name="head")])


def table_by_fans(mended: bool = False) -> Any:
    """keras-hub drew tables by Glorot, so that places were louder than words by the root of how many more these are."""
    inputs = keras.Input((12,), dtype="int32")
    table = TokenAndPositionEmbedding(
        4000, 12, 32, lambda initializer: initializer.clone() if mended else "glorot_uniform", name="embedding"
    )
    return classified(inputs, layers.LayerNormalization()(table(inputs)))


def one_seed(mended: bool = False) -> Any:
    """NetKet gave each layer the same seed."""
    seeds = iter(range(5, 9))
    return hidden_layers(64, 3, "relu", lambda: INITIALIZERS.HeNormal(seed=next(seeds) if mended else 5))
