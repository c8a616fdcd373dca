"""A step of an optimizer, with a learning rate of its own for each variable."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from initterm.engine.keras_types import Variable
from initterm.engine.runtime import tf


class OptimizerStep:
    """Applies gradients; ``rates`` multiply what that changes of each of the variables.

    For optimizers without weight decay this is the same as multiplying each variable's learning rate.
    """

    def __init__(self, optimizer: Any, variables: Sequence[Variable], rates: Sequence[float]) -> None:
        self._optimizer = optimizer
        self._variables = list(variables)
        self._others = [(variable, rate) for variable, rate in zip(variables, rates, strict=True) if rate != 1]

    def __call__(self, gradients: Sequence[object]) -> None:
        """Change the variables by their gradients, in the variables' order."""
        before = [tf.identity(variable.value) for variable, _ in self._others]
        self._optimizer.apply(gradients, self._variables)
        for (variable, rate), old in zip(self._others, before, strict=True):
            variable.assign(old + rate * (variable - old))
