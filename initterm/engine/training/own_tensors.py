"""The tensors of a person's own model that take part in a comparison, and the start of each of its trials.

Nothing is built again: the model stays as it is, and all its variables are assigned.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from initterm.engine.models.draws import drawn_by, seed_of
from initterm.engine.models.opened import OpenedModel
from initterm.engine.models.tensors import Tensor, keras_fans
from initterm.engine.training.starts import Starts
from initterm.engine.training.taking_part import taking_part
from initterm.experiments.training.contender import Contender
from initterm.experiments.training.events import ModelTensor
from initterm.experiments.training.model import ModelSpec
from initterm.theory.fans import Fans
from initterm.theory.initializers import InitializerSpec
from initterm.theory.laws import law_of
from initterm.theory.refusal import Refusal
from initterm.theory.shapes import Shape

Draw = Callable[[int], Any]
"""Gives the numbers of a tensor from the seed of its stream."""

Draws = Mapping[int, Draw]
"""How a contender draws tensors, by their variables' ids; all others begin as the model declares."""


class OwnTensors:
    """The tensors of a model that contenders draw in their ways, and all the others, which are the same for all.

    Args:
        opened: the model, of which every variable is assigned at each draw.
        own: which tensors take part, and by which fans they are drawn.
        contenders: all that will be drawn.
        labels: the classes of the examples to train with, (count,); None where the targets are none.

    Raises:
        Refusal: no tensor takes part, or a contender can't draw one of them.
    """

    def __init__(
        self,
        opened: OpenedModel,
        own: ModelSpec,
        contenders: Sequence[Contender],
        labels: NDArray[np.integer[Any]] | None = None,
    ) -> None:
        self.notes: tuple[str, ...] = ()
        self._chosen = taking_part(opened, own.where)
        self._fans = {tensor.path: fans_of(tensor, own) for tensor in self._chosen}
        self.rows = tuple(map(self._row, self._chosen))
        self.others = len(opened.tensors) - len(self.rows)
        self._starts = Starts(opened)
        self._draws = {contender: self._draws_of(contender) for contender in contenders}

    def draw(self, contender: Contender, seed: int, x: object) -> None:
        """Assign every variable of the model, as a trial of this contender and seed begins.

        Args:
            contender: one of those that were told at first.
            seed: that of the trial.
            x: a batch of the model's inputs, for contenders that are fitted to one.
        """
        draws = self._draws[contender]
        for variable, stream in self._starts.streams:
            draw = draws.get(id(variable))
            variable.assign(draw(seed_of(seed, stream)) if draw else self._starts.values(variable, seed, stream))

    def _row(self, tensor: Tensor) -> ModelTensor:
        fans = self._fans[tensor.path]
        return ModelTensor(tensor.path, tensor.dims, (fans.fan_in, fans.fan_out), tensor.declared)

    def _draws_of(self, contender: Contender) -> Draws:
        if contender.initializer:
            return self._by_initializer(contender.initializer)
        if contender.treatment == "declared":
            return {}
        raise Refusal(f"{contender} isn't there yet.")

    def _by_initializer(self, spec: InitializerSpec) -> Draws:
        """Every tensor that takes part by one initializer.

        Raises:
            Refusal: it can't serve the shape of one.
        """
        for tensor in self._chosen:
            try:
                law_of(spec.drawn, Shape(tensor.dims))
            except Refusal as refusal:
                raise Refusal(f"{spec} can't draw {tensor.path}: {refusal}") from None
        return {
            id(tensor.variable): partial(_drawn_by, spec, tensor.dims, self._fans[tensor.path], tensor.dtype)
            for tensor in self._chosen
        }


def fans_of(tensor: Tensor, own: ModelSpec) -> Fans:
    """The fans by which contenders draw a tensor: those by which one output sums where its layer tells, or Keras's."""
    counted = tensor.sums if own.fans == "summed" else tensor.fans
    return counted or Fans(*keras_fans(tensor.dims))


def _drawn_by(spec: InitializerSpec, dims: tuple[int, ...], fans: Fans, dtype: str, seed: int) -> Any:
    return drawn_by(spec, dims, fans, seed, dtype)
