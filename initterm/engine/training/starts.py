"""What each variable of a person's own model begins with where no contender draws it in another way."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

import numpy as np

from initterm.engine.keras_types import Variable
from initterm.engine.models.draws import drawn, drawn_by, is_of_keras, seed_of, streams_of
from initterm.engine.models.opened import OpenedModel
from initterm.engine.models.tensors import FORGETTING, RANDOM_STATE, Tensor
from initterm.engine.runtime import keras
from initterm.engine.training.taking_part import named
from initterm.theory.initializers import InitializerSpec

TensorDraw = Callable[[int], Any]
"""Gives the numbers of a tensor from the seed of its stream."""

TensorDraws = Mapping[int, TensorDraw]
"""How some tensors are drawn, by their variables' ids; all others begin as the model declares."""

RANDOM = ("kernel", "depthwise", "recurrent", "embedding", "other")
"""Roles of tensors that break the symmetry between units."""

MOVING = "moving_"
"""What the names of statistics begin with that training makes, and that begin anew with it."""


class Starts:
    """The variables of a model, each with its stream, and as what it begins.

    Weights that were loaded, that are frozen, or of which nobody knows what drew them, stay as they are now. All others
    begin as the model declares, by a stream of the trial's seed; so do the states of random generators.

    Args:
        opened: the model.
        as_it_stands: all weights stay as they are now.
    """

    def __init__(self, opened: OpenedModel, *, as_it_stands: bool = False) -> None:
        variables = opened.model.variables
        self._streams: tuple[tuple[Variable, str], ...] = tuple(zip(variables, streams_of(variables), strict=True))
        tensors = [tensor for tensor in opened.tensors if not (as_it_stands or _stays(opened, tensor))]
        self._anew = {id(one.variable): draw for one in tensors if (draw := declared_draw(opened, one))}
        self._draws = {id(variable): self._anew.get(id(variable)) or _as_it_is(variable) for variable in variables}
        self.notes = tuple(self._told(opened))

    def begin(self, seed: int, draws: TensorDraws) -> None:
        """Assign all variables as a trial of this seed begins, of which some are drawn in another way."""
        for variable, stream in self._streams:
            draw = draws.get(id(variable)) or self._draws[id(variable)]
            variable.assign(draw(seed_of(seed, stream)))

    def draws_anew(self, tensor: Tensor) -> bool:
        """Whether a tensor begins each trial as it is declared, and not as it is now."""
        return id(tensor.variable) in self._anew

    def _told(self, opened: OpenedModel) -> Iterator[str]:
        """What a person may not expect of these starts."""
        if opened.is_file:
            yield f"The weights in {opened.name} aren't used: each trial begins as its layers declare."
        kept = [tensor for tensor in opened.tensors if tensor.role in RANDOM and not self.draws_anew(tensor)]
        if weights := [tensor for tensor in kept if not is_state(tensor)]:
            yield f"Not drawn, but as in the model, loaded, frozen or without an initializer: {named(weights)}."
        fixed = [tensor for tensor in opened.tensors if tensor.role in RANDOM and self._is_fixed(opened, tensor)]
        if fixed:
            yield f"What draws {named(fixed)} gives the same numbers for every seed."

    def _is_fixed(self, opened: OpenedModel, tensor: Tensor) -> bool:
        """Whether an initializer of a person's own draws the same random numbers, whatever the seed."""
        initializer, draw = opened.recorded.initializer(tensor.variable), self._anew.get(id(tensor.variable))
        if initializer is None or draw is None or is_of_keras(initializer):
            return False
        first, second = (np.asarray(draw(seed)) for seed in (0, 1))
        return first.size > 1 and first.min() < first.max() and np.array_equal(first, second)


def is_state(tensor: Tensor) -> bool:
    """Whether its layer changes it by itself, and no training does."""
    variable: Any = tensor.variable
    return bool(tensor.owner.trainable) and not variable.trainable


def _stays(opened: OpenedModel, tensor: Tensor) -> bool:
    """Whether a tensor was loaded, is frozen, or is no weight but a state that training doesn't make."""
    kept = is_state(tensor) and not tensor.name.startswith(MOVING)
    return opened.recorded.has_changed(tensor.variable) or not tensor.owner.trainable or kept


def declared_draw(opened: OpenedModel, tensor: Tensor) -> TensorDraw | None:
    """How a tensor was drawn as the model was built, else by what its layer tells; None where that isn't known.

    An LSTM draws its bias otherwise than it tells, with its forget gate open.
    """
    if initializer := opened.recorded.initializer(tensor.variable):
        return partial(drawn, initializer, tensor.variable)
    if isinstance(tensor.owner, FORGETTING) and tensor.name == "bias":
        return None
    if tensor.spec:
        return partial(_drawn_by, tensor.spec, tensor)
    return partial(drawn, tensor.initializer, tensor.variable) if tensor.initializer else None


def _drawn_by(spec: InitializerSpec, tensor: Tensor, seed: int) -> Any:
    return drawn_by(spec, tensor.dims, tensor.fans, seed, tensor.dtype)


def _as_it_is(variable: Variable) -> TensorDraw:
    """The numbers that a variable has now; of a random generator's state a new one."""
    if variable.name == RANDOM_STATE:
        return lambda seed: np.array([seed, 0])
    values = np.array(keras.ops.convert_to_numpy(variable))
    return lambda _: values
