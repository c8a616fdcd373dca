"""Kernels of a person's own model fitted to a batch, one layer after the other as they run."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from initterm.engine.keras_types import Layer, Model, Variable
from initterm.engine.models.keras_privates import replaced
from initterm.engine.models.tensors import GATES, PLACES, Tensor
from initterm.engine.networks.fitting import FitLayer
from initterm.engine.runtime import keras, tf

layers = keras.layers
LINEAR = tuple(kind for kind in PLACES if kind not in GATES)
"""Layers whose output, before its activation, is as many times larger as their kernel."""


def fitted_last(tensors: Iterable[Tensor]) -> dict[int, Tensor]:
    """The tensors that can be fitted, by the ids of their layers: of a layer with several the last one."""
    return {id(tensor.owner): tensor for tensor in tensors if isinstance(tensor.owner, LINEAR) and len(tensor.dims) > 1}


def fit_tensors(model: Model, tensors: Iterable[Tensor], fit_layer: FitLayer, x: object) -> None:
    """Fit kernels in one pass of a batch in training mode, as at a first step; all else in the model stays as it is.

    Args:
        model: with the weights that the kernels are fitted from.
        tensors: those to fit; of recurrent cells and of layers of a person's own they stay as they are.
        fit_layer: how a kernel is fitted.
        x: the batch, as the model takes it.
    """
    kept = [(variable, keras.ops.copy(variable)) for variable in model.non_trainable_variables]
    with ExitStack() as listening:
        for tensor in fitted_last(tensors).values():
            listening.enter_context(_fitted_when_called(tensor, fit_layer))
        model(x, training=True)
    for variable, value in kept:
        variable.assign(value)


class _Kernel:
    """A variable in single precision, whatever type the layer computes in."""

    def __init__(self, variable: Variable) -> None:
        self._variable = variable
        self._values: NDArray[np.float32] = np.asarray(keras.ops.convert_to_numpy(variable), np.float32)

    def __truediv__(self, divisor: float) -> NDArray[np.float32]:
        return self._values / np.float32(divisor)

    def assign(self, values: NDArray[np.float32]) -> None:
        self._values = values
        self._variable.assign(values)


@contextmanager
def _fitted_when_called(tensor: Tensor, fit_layer: FitLayer) -> Iterator[None]:
    """Its layer fits the tensor, the first time that it is called with numbers."""
    layer: Any = tensor.owner
    call, kernel = layer.call, _Kernel(tensor.variable)
    waiting = [kernel]

    @functools.wraps(call)
    def fitting(*args: object, **kwargs: object) -> object:
        if waiting and not any(map(tf.is_symbolic_tensor, keras.tree.flatten((args, kwargs)))):
            fit_layer(waiting.pop(), lambda: _sums(layer, call, args, kwargs))
        return call(*args, **kwargs)

    with replaced(layer, "call", fitting):
        yield


def _sums(layer: Layer, call: Any, args: tuple[object, ...], kwargs: dict[str, object]) -> object:
    """The layer's output before its activation, in single precision."""
    with replaced(layer, "activation", None) if hasattr(layer, "activation") else ExitStack():
        return tf.cast(call(*args, **kwargs), tf.float32)
