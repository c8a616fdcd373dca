"""What each layer of a model puts out as the model runs."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from initterm.engine.keras_types import Model, Operation
from initterm.engine.models.graph import Graph, activation_of
from initterm.engine.models.keras_privates import replaced_attribute
from initterm.engine.runtime import keras, tf
from initterm.theory.arrays import Array

FEWEST_ROWS = 16
"""Of fewer different inputs, or fewer outputs, of a unit it isn't told whether it varies."""

LOOKED_AT = 64
"""How many of a layer's inputs are compared."""


@dataclass(frozen=True, eq=False)
class LayerCall:
    """A layer or operation, and its name with those of the models it is nested in."""

    name: str
    operation: Operation


@dataclass(frozen=True, eq=False)
class LayerOutput:
    """A layer or operation, the first tensor that it took, None where it took none, and the one that it put out."""

    step: LayerCall
    taken: Any
    output: Any

    @property
    def numbers(self) -> Array:
        """What it put out."""
        return numbers_of(self.output)

    @property
    def rows(self) -> int:
        """How many outputs each unit has."""
        units = int(self.output.shape[-1])
        return int(self.output.shape.num_elements()) // units if units else 0

    @property
    def dead_fraction(self) -> float | None:
        """The share of units whose output never varies; None of too few outputs, and of a layer that isn't fed enough.

        A layer without weights and activation isn't asked: one that counts or compares may well put out mostly zeros.
        """
        layer: Any = self.step.operation
        acts = getattr(layer, "weights", None) or activation_of(layer)
        if not acts or self.rows < FEWEST_ROWS or not _varies(self.taken):
            return None
        by_unit = self.numbers.reshape(-1, self.output.shape[-1])
        with np.errstate(invalid="ignore"):
            return float((by_unit.max(axis=0) == by_unit.min(axis=0)).mean())


def numbers_of(tensor: object) -> Array:
    """A tensor's numbers, in single precision."""
    return np.asarray(tf.cast(tensor, tf.float32))


def _varies(taken: Any) -> bool:
    """Whether a layer's inputs are enough different ones."""
    if taken is None or not (taken.dtype.is_floating or taken.dtype.is_integer) or not taken.shape.rank:
        return False
    rows = np.asarray(taken).reshape(-1, max(1, int(taken.shape[-1])))
    step = max(1, len(rows) // LOOKED_AT)
    return len({row.tobytes() for row in rows[::step][:LOOKED_AT].astype(np.float32)}) >= FEWEST_ROWS


@contextmanager
def recorded(model: Model, tapped: Callable[[Any], Any] = lambda tensor: tensor) -> Iterator[list[LayerOutput]]:
    """A list that fills as the model is called; nested models' layers are in it, those inside of a layer are not.

    What ``tapped`` makes of each output of floats goes on in its place. Each layer's ``call`` is listened to, which
    works for graphs and for models that are only code, and let go again.
    """
    layer_outputs: list[LayerOutput] = []
    with ExitStack() as listening:
        seen: set[int] = set()
        for step in steps_of(model):
            if id(step.operation) not in seen:
                seen.add(id(step.operation))
                listening.enter_context(replaced_attribute(step.operation, "call", _noted(step, layer_outputs, tapped)))
        yield layer_outputs


def steps_of(model: Model, prefix: str = "") -> Iterator[LayerCall]:
    """Each step of a model, nested models' steps in their places."""
    graph = Graph.of(model)
    for operation in [node.operation for node in graph.nodes] if graph else model.layers:
        name = f"{prefix}{operation.name}"
        if isinstance(operation, keras.Model):
            yield from steps_of(operation, f"{name}/")
        elif not isinstance(operation, keras.layers.InputLayer):
            yield LayerCall(name, operation)


def _noted(step: LayerCall, layer_outputs: list[LayerOutput], tapped: Callable[[Any], Any]) -> Callable[..., object]:
    call = step.operation.call

    @functools.wraps(call)
    def noted(*args: object, **kwargs: object) -> object:
        output = call(*args, **kwargs)
        leaves = keras.tree.flatten(output)
        if not leaves or not _is_signal(leaves[0], step.operation):
            return output
        if leaves[0].dtype.is_floating:
            leaves[0] = tapped(leaves[0])
        taken = next((one for one in keras.tree.flatten((args, kwargs)) if tf.is_tensor(one)), None)
        layer_outputs.append(LayerOutput(step, taken, leaves[0]))
        passed_on: object = keras.tree.pack_sequence_as(output, leaves)
        return passed_on

    return noted


def _is_signal(first: Any, operation: Operation) -> bool:
    """Whether an operation's first output is a tensor that can be looked at.

    Of floats, or of whole numbers where the layer computes in them, and so rounds what it is given.
    """
    if not tf.is_tensor(first) or tf.is_symbolic_tensor(first) or not first.shape.rank:
        return False
    rounds = first.dtype.is_integer and "int" in str(getattr(operation, "compute_dtype", ""))
    return bool(first.dtype.is_floating or rounds)
