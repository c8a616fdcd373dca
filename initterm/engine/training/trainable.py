"""What a trial is trained with: a compiled network whose state is assigned to it, whatever it is built of."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from initterm.engine.training.passes import Tally
from initterm.experiments.training.contender import Contender
from initterm.theory.arrays import Indices

NetworkState = tuple[Any, ...]
"""A trial's weights, layer states and optimizer state, as tensors on the device."""

Probed = dict[str, float]
"""Numbers of ``Diagnosed`` by their names; one may be infinite or NaN, and what has no meaning is left out."""

ExamplesT = TypeVar("ExamplesT", contravariant=True)


class Trainable(Protocol[ExamplesT]):
    """One architecture with its optimizer, compiled once; trials differ in the state that is assigned to it.

    Its examples are those that it was compiled for, on the device; they are picked by index.
    """

    def start(
        self, contender: Contender, seed: int, learning_rate: float, examples: ExamplesT, indices: Indices
    ) -> NetworkState:
        """The state that a trial begins with; what is fitted to a batch sees the first examples at ``indices``.

        Raises:
            Refusal: the contender can't be drawn.
        """

    def state(self) -> NetworkState:
        """The state as it is now."""

    def fits(self, state: NetworkState) -> bool:
        """Whether a state, as arrays, can be one of this network's."""

    def take(self, state: NetworkState) -> None:
        """Go on from this state; arrays will do as well."""

    def settle(self) -> None:
        """What is done to the state when training is over, before the test."""

    def train(self, examples: ExamplesT, *orders: Indices, rows: int | None = None) -> Iterator[Tally]:
        """A step for each row of indices (the first ``rows`` of them); a tally after each piece of work."""

    def evaluate(self, examples: ExamplesT, indices: Indices) -> Iterator[Tally]:
        """Loss and what judges over the examples at ``indices`` (n,), weights unchanged."""

    def probe(self, examples: ExamplesT, indices: Indices) -> Probed:
        """What a step on the first of ``indices`` (n,) would do; the state is another one then."""

    def weights(self) -> Iterator[tuple[str, NDArray[np.float32]]]:
        """Name and values of each trainable variable."""


def state_of(variables: list[Any]) -> NetworkState:
    """What variables hold now."""
    return tuple(variable.read_value() for variable in variables)


def take_state(variables: list[Any], state: NetworkState) -> None:
    """Assign what variables held before; arrays will do as well."""
    for variable, value in zip(variables, state, strict=True):
        variable.assign(value)


def fits_state(variables: list[Any], state: NetworkState) -> bool:
    """Whether variables could have held a state, as arrays: shapes and types are theirs."""
    shapes = [(tuple(value.shape), value.dtype) for value in state]
    return shapes == [(tuple(own.shape), own.dtype.as_numpy_dtype) for own in variables]


def arrays_of(state: NetworkState) -> tuple[NDArray[Any], ...]:
    """A state as arrays, from which any process can go on; on a CPU they share the tensors' memory."""
    return tuple(np.asarray(value) for value in state)
