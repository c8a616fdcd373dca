"""A network of the experiment's shape, from ordinary Keras layers."""

from __future__ import annotations

import itertools
from typing import Any

from initterm.engine.datasets import CLASSES, IMAGE_SIZE
from initterm.engine.experiment import NetworkSpec
from initterm.engine.memory import refuse_if_too_large
from initterm.engine.runtime import keras
from initterm.engine.weights import keras_initializer
from initterm.theory.initializers import InitializerSpec

BYTES_A_PARAMETER = 4
COPIES = 6
"""Weights, gradients, Adam's two moments, and the starting weights of the next trial while they are copied."""


def build_model(spec: NetworkSpec, initializer: InitializerSpec) -> Any:
    """An unbuilt-for-training ``keras.Model``: (batch, 28, 28) float32 in, (batch, 10) probabilities out.

    Each layer gets an initializer instance of its own: one instance gives layers of equal shape equal kernels. The
    starting weights depend on ``keras.utils.set_random_seed`` alone.

    Raises:
        Refusal: the network is too large for the memory.
    """
    refuse_if_too_large(
        COPIES * BYTES_A_PARAMETER * parameter_count(spec),
        f"A network of {parameter_count(spec):,} parameters",
    )
    inputs = keras.Input((IMAGE_SIZE, IMAGE_SIZE))
    signal = keras.layers.Flatten()(inputs)
    for units in spec.hidden:
        signal = _hidden(spec, units, initializer, signal)
    return keras.Model(inputs, keras.layers.Dense(CLASSES, activation="softmax")(signal))


def parameter_count(spec: NetworkSpec) -> int:
    """Kernels and biases of the Dense layers."""
    widths = (IMAGE_SIZE**2, *spec.hidden, CLASSES)
    return sum((before + 1) * after for before, after in itertools.pairwise(widths))


def _hidden(spec: NetworkSpec, units: int, initializer: InitializerSpec, below: Any) -> Any:
    """Dense, batch normalization if asked for, activation, dropout if asked for, and the residual sum."""
    signal = keras.layers.Dense(units, kernel_initializer=keras_initializer(initializer))(below)
    if spec.batch_norm:
        signal = keras.layers.BatchNormalization()(signal)
    signal = _activation_layer(spec.activation)(signal)
    if spec.dropout:
        dropout = keras.layers.AlphaDropout if spec.activation == "selu" else keras.layers.Dropout
        signal = dropout(spec.dropout)(signal)
    if spec.residual and below.shape[-1] == units:
        signal = keras.layers.Add()([below, signal])
    return signal


def _activation_layer(name: str) -> Any:
    return keras.layers.PReLU() if name == "prelu" else keras.layers.Activation(name)
