"""What each variable of a person's own model begins with where no contender draws it in another way."""

from __future__ import annotations

from typing import Any

import numpy as np

from initterm.engine.keras_types import Initializer, Variable
from initterm.engine.models.draws import drawn, seed_of, streams_of
from initterm.engine.models.opened import OpenedModel
from initterm.engine.models.tensors import RANDOM_STATE, Tensor
from initterm.engine.runtime import keras
from initterm.theory.arrays import Array

MOVING = "moving_"
"""What the names of statistics begin with that training makes, and that begin anew with it."""


class Starts:
    """The variables of a model, each with its stream, and as what it begins.

    Weights that were loaded, that are frozen, or of which nobody knows what drew them, stay as they are now. All others
    begin as the model declares, by a stream of the trial's seed; so do the states of random generators.
    """

    def __init__(self, opened: OpenedModel) -> None:
        variables = opened.model.variables
        self.streams: tuple[tuple[Variable, str], ...] = tuple(zip(variables, streams_of(variables), strict=True))
        tensors = {id(tensor.variable): tensor for tensor in opened.tensors}
        self._initializers: dict[int, Initializer] = {}
        self._kept: dict[int, Array] = {}
        for variable in variables:
            initializer = _initializer_of(opened, variable, tensors.get(id(variable)))
            if initializer is not None:
                self._initializers[id(variable)] = initializer
            elif variable.name != RANDOM_STATE:
                self._kept[id(variable)] = np.array(keras.ops.convert_to_numpy(variable))

    def values(self, variable: Variable, seed: int, stream: str) -> Any:
        """The numbers with which a variable begins a trial of this seed."""
        if id(variable) in self._kept:
            return self._kept[id(variable)]
        if variable.name == RANDOM_STATE:
            return np.array([seed_of(seed, stream), 0])
        return drawn(self._initializers[id(variable)], variable, seed, stream)


def _initializer_of(opened: OpenedModel, variable: Variable, tensor: Tensor | None) -> Initializer | None:
    """What draws a variable anew; None where it begins as it is, and of random generators' states."""
    if tensor is None or opened.recorded.has_changed(variable) or _is_frozen(tensor):
        return None
    return opened.recorded.initializer(variable) or _with_forget_gate(tensor)


def _is_frozen(tensor: Tensor) -> bool:
    variable: Any = tensor.variable
    return not tensor.owner.trainable or not (variable.trainable or tensor.name.startswith(MOVING))


def _with_forget_gate(tensor: Tensor) -> Initializer | None:
    """What the layer declares; an LSTM draws its bias otherwise, with its forget gate open."""
    layer: Any = tensor.owner
    gated = isinstance(layer, keras.layers.LSTMCell) and tensor.name == "bias" and layer.unit_forget_bias
    return None if gated else tensor.initializer
