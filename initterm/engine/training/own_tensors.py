"""The tensors of a person's own model that take part in a comparison, and the start of each of its trials.

Nothing is built again: the model stays as it is, and all its variables are assigned.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from initterm.engine.models.deep_graphs import DeepGraphs
from initterm.engine.models.draws import drawn_by
from initterm.engine.models.opened import OpenedModel
from initterm.engine.models.tensors import Tensor, keras_fans
from initterm.engine.networks.fitting import fitter_of
from initterm.engine.training.mending import mended
from initterm.engine.training.own_fitting import fit_tensors, fitted_last
from initterm.engine.training.starts import Starts, TensorDraws
from initterm.engine.training.taking_part import is_trained, named, refuse_undrawable, taking_part
from initterm.engine.training.treatments import LOG_PRIOR, Labels, delta_orthogonals, log_prior, residuals_at_zero
from initterm.experiments.training.contender import Contender
from initterm.experiments.training.events import ModelTensor
from initterm.experiments.training.model import ModelSpec
from initterm.theory.fans import Fans
from initterm.theory.initializers import InitializerSpec


class OwnTensors:
    """The tensors of a model that contenders draw in their ways, and all the others, which are the same for all.

    ``rows`` are those that take part, ``others`` is how many don't, ``notes`` say what a person should know of them.

    Args:
        opened: the model, of which every variable is assigned at each draw.
        own: which tensors take part, and by which fans they are drawn.
        contenders: all that will be drawn.
        labels: the classes of the examples to train with, (count,); None where the targets are none.

    Raises:
        Refusal: no tensor takes part, or a contender can't draw one of them.
    """

    def __init__(
        self, opened: OpenedModel, own: ModelSpec, contenders: Sequence[Contender], labels: Labels | None = None
    ) -> None:
        self._opened, self._own, self._labels = opened, own, labels
        self._graphs = DeepGraphs.of(opened)
        self._chosen = taking_part(self._graphs, opened.recorded, own.where)
        self._starts = Starts(opened)
        self.rows = tuple(map(self._row, self._chosen))
        self.others = len(opened.tensors) - len(self.rows)
        self.notes = tuple(self._starts.notes)
        self._draws = {contender: self._draws_of(contender) for contender in contenders}

    def draw(self, contender: Contender, seed: int, x: object) -> None:
        """Assign every variable of the model, as a trial of this contender and seed begins.

        Args:
            contender: one of those that were told at first.
            seed: that of the trial.
            x: a batch of the model's inputs, for contenders that are fitted to one.
        """
        self._starts.begin(seed, self._draws[contender])
        if contender.initializer and contender.initializer.family.fitted:
            fit_tensors(self._opened.model, self._chosen, fitter_of(contender.initializer), x)

    def _row(self, tensor: Tensor) -> ModelTensor:
        fans = self._fans(tensor)
        return ModelTensor(tensor.path, tensor.dims, (fans.fan_in, fans.fan_out), tensor.declared)

    def _fans(self, tensor: Tensor) -> Fans:
        """The fans by which contenders draw a tensor: those of its sums, where its layer tells them, or Keras's."""
        counted = tensor.sums if self._own.fans == "summed" else tensor.fans
        return counted or Fans(*keras_fans(tensor.dims))

    def _draws_of(self, contender: Contender) -> TensorDraws:
        if contender.initializer:
            return self._by_initializer(contender.initializer)
        treatments: Mapping[str, Callable[[], TensorDraws]] = {
            "declared": dict,
            "mended": self._mended,
            "zero_residual": partial(self._setting, contender, partial(residuals_at_zero, self._graphs)),
            "delta_orthogonal": partial(delta_orthogonals, self._chosen),
            LOG_PRIOR: partial(self._setting, contender, partial(log_prior, self._graphs, self._labels)),
        }
        return treatments[contender.treatment]()

    def _setting(self, contender: Contender, draws_of: Callable[[], TensorDraws]) -> TensorDraws:
        """What a contender draws, who says of which tensors: they may be others than those that take part."""
        draws = draws_of()
        tensors = [tensor for tensor in self._opened.tensors if id(tensor.variable) in draws]
        self.notes += (f"{contender} sets {named(tensors)}, and nothing else.",)
        return draws

    def _by_initializer(self, spec: InitializerSpec) -> TensorDraws:
        """Every tensor that takes part by one initializer.

        Raises:
            Refusal: it can't serve the shape of one.
        """
        refuse_undrawable(spec, self._chosen)
        if spec.family.fitted and (left := len(self._chosen) - len(fitted_last(self._chosen))):
            self.notes += (f"{spec} leaves {left} of {len(self._chosen)} tensors as they are drawn before it fits.",)
        return {id(one.variable): partial(_drawn_by, spec, one, self._fans(one)) for one in self._chosen}

    def _mended(self) -> TensorDraws:
        """What an audit asks for, of the tensors that ``where`` allows."""
        where = self._own.where or "*"
        found = mended(
            self._opened,
            self._starts,
            lambda one: is_trained(one) and self._starts.draws_anew(one) and fnmatch.fnmatchcase(one.path, where),
        )
        self.notes += found.notes
        return found.draws


def _drawn_by(spec: InitializerSpec, tensor: Tensor, fans: Fans, seed: int) -> Any:
    return drawn_by(spec, tensor.dims, fans, seed, tensor.dtype)
