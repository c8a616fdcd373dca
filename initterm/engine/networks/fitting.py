"""Weights fitted to a batch: the methods that an initializer's row may name, and a model fitted by one of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from initterm.engine.keras_types import Functional
from initterm.engine.networks.network import hidden_layers
from initterm.engine.runtime import keras, tf
from initterm.theory.initializers import InitializerSpec

FitLayer = Callable[[Any, Callable[[], Any]], Any]
"""Takes a kernel and what gives its layer's output before the activation; changes the kernel, returns the output."""

IMAGES = 256
"""How many inputs the batch has."""

TOLERANCE = 0.01
"""How far from 1 the variance of the batch may be."""

MOST_TRIES = 50

LEAST_VARIANCE = 1e-20
"""A layer whose output is constant can't be scaled, and is left as it is."""


def unit_variance(kernel: Any, output: Callable[[], Any]) -> Any:
    """LSUV of a layer: its kernel divided by the std of the layer's output until that is 1; the output then.

    Mishkin & Matas 2016, All you need is a good init, arXiv:1511.06422, algorithm 1.

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


FITTERS: Mapping[str, FitLayer] = {"unit variance": unit_variance}


def fitter_of(initializer: InitializerSpec) -> FitLayer:
    """The method that the initializer's row names.

    Raises:
        LookupError: there is none of that name.
    """
    name = initializer.family.fitter
    if name not in FITTERS:
        raise LookupError(f"{initializer.name} is fitted by {name!r}; known are {', '.join(FITTERS)}")
    return FITTERS[name]


def fit_model(model: Functional, initializer: InitializerSpec, images: object) -> None:
    """Fit the hidden Dense layers of a model, from the first to the last.

    Args:
        model: one that ``network.build_model`` built.
        initializer: a fitted one.
        images: the batch, (n, ...).
    """
    fit_layer = fitter_of(initializer)
    hidden = {id(dense) for dense, _ in hidden_layers(model)}
    values = {id(model.inputs[0]): images}
    layer: Any
    for layer in model.layers:
        if isinstance(layer, keras.layers.InputLayer):
            continue
        given = layer.input
        before = [values[id(one)] for one in given] if isinstance(given, list) else values[id(given)]
        output = partial(layer, before)
        values[id(layer.output)] = fit_layer(layer.kernel, output) if id(layer) in hidden else output()
