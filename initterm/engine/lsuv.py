"""Layer-sequential unit variance: weights scaled layer by layer until each layer's output on a batch has variance 1.

Mishkin & Matas 2016, All you need is a good init, arXiv:1511.06422, algorithm 1.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from initterm.engine.network import hidden_layers
from initterm.engine.runtime import keras, tf

IMAGES = 256
"""How many inputs the batch has."""

TOLERANCE = 0.01
"""How far from 1 the variance of the batch may be."""

MOST_TRIES = 10

LEAST_VARIANCE = 1e-20
"""A layer whose output is constant can't be scaled, and is left as it is."""


def fit_layer(kernel: Any, output: Callable[[], Any]) -> Any:
    """Divide a kernel by the std of the layer's output until that is 1; the output then.

    Args:
        kernel: the variable to scale.
        output: gives the layer's output, before its activation, with the kernel as it is.
    """
    for _ in range(MOST_TRIES):
        result = output()
        variance = float(tf.math.reduce_variance(result))
        if not variance > LEAST_VARIANCE or abs(variance - 1) <= TOLERANCE:
            return result
        kernel.assign(kernel / variance**0.5)
    return output()


def fit_model(model: Any, images: Any) -> None:
    """Fit the hidden Dense layers of a model, from the first to the last.

    Args:
        model: one that ``network.build_model`` built.
        images: the batch, (n, 28, 28).
    """
    hidden = {id(dense) for dense, _ in hidden_layers(model)}
    values = {id(model.inputs[0]): images}
    for layer in model.layers:
        if isinstance(layer, keras.layers.InputLayer):
            continue
        given = layer.input
        before = [values[id(one)] for one in given] if isinstance(given, list) else values[id(given)]
        output = partial(layer, before)
        values[id(layer.output)] = fit_layer(layer.kernel, output) if id(layer) in hidden else output()
