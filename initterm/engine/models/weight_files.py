"""A file of weights without a model: its tensors as an audit looks at them, told apart by their names and shapes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from initterm.engine import memory
from initterm.engine.keras_types import Layer
from initterm.engine.models.opened import OpenedModel
from initterm.engine.models.safetensors import ENDING, StoredTensors
from initterm.engine.models.tensors import Tensor, role_named
from initterm.engine.runtime import keras
from initterm.experiments.audit.events import Role
from initterm.theory.fans import Fans

TABLES = ("embed", "wte", "wpe", "lookup")
"""Parts of names of tables, whose rows are looked up."""

WEIGHT, RUNNING = "weight", "running_"
"""What PyTorch calls a kernel, a table or a scale, and the beginning of what it calls a statistic."""

TORCH = "pt"
"""What the header's ``format`` tells of a file whose kernels are (outputs, inputs, spatial...)."""


@dataclass(frozen=True, eq=False)
class OpenedWeights(OpenedModel):
    """The tensors of a file, ``held``, without the model that they are of."""

    held: tuple[Tensor, ...] = ()

    @cached_property
    def tensors(self) -> tuple[Tensor, ...]:
        """Those of the file that hold numbers with a fraction."""
        return self.held


def is_weight_file(target: str) -> bool:
    """Whether a target is a file of weights alone."""
    return target.lower().endswith(ENDING)


def opened_weights(target: str) -> OpenedWeights:
    """The tensors of a ``.safetensors`` file.

    Raises:
        Refusal: it can't be read, or is larger than memory.
    """
    stored = StoredTensors.of(Path(target))
    memory.refuse_if_too_large(8 * stored.count, f"Reading {target}")
    owner = keras.layers.Layer(name="weights")
    by_torch = stored.metadata.get("format", TORCH) == TORCH
    held = (_tensor(owner, name, values, by_torch) for name, values in stored if _is_real(values) and values.size)
    return OpenedWeights(keras.Model(name="weights"), target, held=tuple(held))


def _is_real(values: NDArray[np.generic]) -> bool:
    return values.dtype.kind == "f" or values.dtype.name == "bfloat16"


def _tensor(owner: Layer, name: str, values: NDArray[np.generic], by_torch: bool) -> Tensor:
    layer, _, leaf = name.replace("/", ".").rpartition(".")
    role = role_of(name, values.shape)
    variable = keras.Variable(values, dtype=values.dtype.name, trainable=role != "statistic", name=leaf)
    sums = _fans(values.shape, by_torch) if role == "kernel" else None
    return Tensor(owner, layer.replace(".", "/"), leaf, "", role, variable, None, sums)


def role_of(name: str, dims: Sequence[int]) -> Role:
    """What a tensor is for, by its name and shape: PyTorch calls kernels, tables and scales ``weight`` alike."""
    leaf = name.replace("/", ".").rpartition(".")[2].lower()
    if leaf.startswith(RUNNING):
        return "statistic"
    if not leaf.endswith(WEIGHT):
        return role_named(leaf)
    if len(dims) < 2:
        return "scale"
    return "embedding" if any(part in name.lower() for part in TABLES) else "kernel"


def _fans(dims: Sequence[int], by_torch: bool) -> Fans:
    """By the order of a kernel's dimensions, (outputs, inputs, spatial...) or (spatial..., inputs, outputs)."""
    if by_torch:
        field = math.prod(dims[2:])
        return Fans(field * dims[1], field * dims[0])
    field = math.prod(dims[:-2])
    return Fans(field * dims[-2], field * dims[-1])
