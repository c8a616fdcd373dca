"""A model's tensors drawn anew in place, each from a stream of its own; nothing else is touched."""

from __future__ import annotations

import fnmatch
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from initterm.engine.keras_types import Model
from initterm.engine.models.deep_graphs import DeepGraphs
from initterm.engine.models.draws import drawn_by, seed_of, streams_of
from initterm.engine.models.opened import OpenedModel
from initterm.engine.models.tensors import FORGETTING, Tensor
from initterm.engine.training.starts import MOVING, TensorDraw, declared_draw, is_state
from initterm.engine.training.taking_part import refuse_undrawable, taking_part
from initterm.engine.weights.drawing import keras_initializer
from initterm.theory.initializers import InitializerSpec, scaled
from initterm.theory.refusal import Refusal, shown

FROZEN, STATE, UNKNOWN = "frozen", "a state that its layer makes", "nobody knows what drew it"
"""Why a tensor stays as it is."""


@dataclass(frozen=True)
class Redrawn:
    """Which tensors were drawn and by what, and which weren't and why, by their paths."""

    drawn: dict[str, str]
    left: dict[str, str]


def redraw(opened: OpenedModel, initializer: InitializerSpec | None = None, where: str = "", seed: int = 0) -> Redrawn:
    """Draw tensors anew; all are drawn before any is assigned, so that an error leaves the model as it was.

    Args:
        opened: the model.
        initializer: draws the kernels that ``taking_part`` names, by the fans that they sum over, and is what their
            layers declare from then on; None for what each declares.
        where: a pattern of paths, as of a shell: nothing else is touched. Without one the whole model begins anew, its
            optimizer too.
        seed: that of all streams.

    Raises:
        Refusal: there is nothing to draw, or the initializer can't draw a tensor.
    """
    chosen, seeds = _chosen(opened, initializer, where), stream_seeds(opened, seed)
    drawn: list[tuple[Tensor, str, Any]] = []
    left: dict[str, str] = {}
    for tensor in opened.tensors:
        if where and not fnmatch.fnmatchcase(tensor.path, where):
            continue
        spec, draw = chosen.get(id(tensor.variable)), _draw_of(opened, tensor, chosen)
        if isinstance(draw, str):
            left[tensor.path] = draw
        else:
            values = np.array(draw(seeds[id(tensor.variable)]))
            drawn.append((tensor, str(spec or tensor.declared), values))
    if not drawn:
        raise Refusal(_nothing(opened, where, left))
    for tensor, _, values in drawn:
        tensor.variable.assign(values)
        if spec := chosen.get(id(tensor.variable)):
            setattr(tensor.owner, tensor.argument, keras_initializer(spec))
    if not where:
        _begin_optimizer(opened.model)
    return Redrawn({tensor.path: by for tensor, by, _ in drawn}, left)


def stream_seeds(opened: OpenedModel, seed: int) -> dict[int, int]:
    """The seed of each variable's own stream, by the variables' ids."""
    variables = opened.model.variables
    return {id(one): seed_of(seed, name) for one, name in zip(variables, streams_of(variables), strict=True)}


def _chosen(opened: OpenedModel, initializer: InitializerSpec | None, where: str) -> dict[int, InitializerSpec]:
    """What draws the tensors that the initializer is for, by their variables' ids, by the fans of their sums."""
    if initializer is None:
        return {}
    if initializer.family.fitted:
        raise Refusal(f"{initializer} is fitted to a batch, and here is none; initterm.lsuv takes one.")
    tensors = taking_part(DeepGraphs.of(opened), opened.recorded, where)
    refuse_undrawable(initializer, tensors)
    return {id(one.variable): _for_tensor(initializer, one) for one in tensors}


def _for_tensor(initializer: InitializerSpec, tensor: Tensor) -> InitializerSpec:
    drawn = scaled(initializer, math.sqrt(tensor.miscount(initializer)))
    return InitializerSpec.of(drawn.name, dict(drawn.given))


def _draw_of(opened: OpenedModel, tensor: Tensor, chosen: dict[int, InitializerSpec]) -> TensorDraw | str:
    """How a tensor is drawn, or why it isn't."""
    if spec := chosen.get(id(tensor.variable)):
        return lambda seed: drawn_by(spec, tensor.dims, tensor.fans, seed, tensor.dtype)
    if not tensor.owner.trainable:
        return FROZEN
    if is_state(tensor) and not tensor.name.startswith(MOVING):
        return STATE
    if isinstance(tensor.owner, FORGETTING) and tensor.name == "bias" and tensor.spec:
        return _forgetting(tensor, tensor.spec)
    return declared_draw(opened, tensor) or UNKNOWN


def _forgetting(tensor: Tensor, spec: InitializerSpec) -> TensorDraw:
    """The bias of an LSTM, whose forget gate begins open where its layer says so."""
    layer: Any = tensor.owner

    def draw(seed: int) -> Any:
        values = np.array(drawn_by(spec, tensor.dims, tensor.fans, seed, tensor.dtype))
        if layer.unit_forget_bias:
            np.split(values, tensor.gates)[1][:] = 1
        return values

    return draw


def _begin_optimizer(model: Model) -> None:
    """Let the optimizer forget its steps and moments, as a new one of the same settings."""
    optimizer: Any = getattr(model, "optimizer", None)
    if optimizer is None or not optimizer.built:
        return
    fresh = type(optimizer).from_config(optimizer.get_config())
    fresh.build(model.trainable_variables)
    for old, new in zip(optimizer.variables, fresh.variables, strict=True):
        old.assign(new)


def _nothing(opened: OpenedModel, where: str, left: dict[str, str]) -> str:
    if left:
        path, why = next(iter(left.items()))
        return f"Nothing can be drawn anew: {path} is left ({why})."
    paths = ", ".join(_first(opened))
    return f"No tensor's path fits '{shown(where)}'; there are {paths}."


def _first(opened: OpenedModel) -> Iterator[str]:
    return (tensor.path for tensor in opened.tensors[:4])
