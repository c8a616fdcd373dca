"""A person's model, opened once: what an audit, its proof and a training work on."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from initterm.engine.keras_types import Layer, Model, Operation, SymbolicTensor
from initterm.engine.models.called import Called, Slot, SlotShape, called_as_built, sizes_of
from initterm.engine.models.graph import Graph, activation_of, graphs_of
from initterm.engine.models.keras_privates import functional_of, layers_within, maker_of
from initterm.engine.models.recording import NOTHING_RECORDED, Recorded
from initterm.engine.models.tensors import Tensor, tensors_of
from initterm.engine.runtime import keras

ENDINGS = (".keras", ".h5", ".hdf5")
"""Of the files that hold models."""

MOST_LAG = 0.05
"""The share of their first values that moving statistics may still hold when they are validated with."""


@dataclass(frozen=True)
class Output:
    """One output of a model: its shape, and the activation of the layer that puts it out, empty where there is none."""

    shape: SlotShape
    activation: str


def inputs_of(model: Model, graph: Graph | None, called: Called | None = None) -> tuple[Slot, ...]:
    """The inputs of a model's graph, in the shapes in which it is called where that is known; of one that is code those
    of its call, none where that isn't known."""
    slots = called.slots if called else ()
    if graph is None:
        return tuple(replace(slot, rows=_rows_in(model, slot)) for slot in slots)
    tensors = graph.functional.inputs
    own = tuple(_slot_of(model, graph, tensor) for tensor in tensors)
    return tuple(replace(one, shape=slot.shape) for one, slot in zip(own, slots, strict=True)) if slots else own


def _slot_of(model: Model, graph: Graph, tensor: SymbolicTensor) -> Slot:
    """A graph's input, with what it is looked up in."""
    takers = _takers_of(graph, tensor)
    words = next(filter(None, map(_vocabulary_of, takers)), ())
    name = str(getattr(tensor, "name", ""))
    return Slot(tuple(tensor.shape), str(tensor.dtype), _rows_for(model, takers, tensor), name, words)


def outputs_of(graph: Graph | None) -> tuple[Output, ...]:
    """The outputs of a model's graph; none of a model that is code, which doesn't tell."""
    if graph is None:
        return ()
    return tuple(Output(tuple(one.shape), _last_activation(one)) for one in graph.functional.outputs)


def _last_activation(tensor: SymbolicTensor) -> str:
    """The activation of the layer that puts a tensor out, in a nested model that of its last."""
    last = maker_of(tensor)
    inner = functional_of(last)
    return _last_activation(inner.outputs[0]) if inner is not None else activation_of(last)


def _takers_of(graph: Graph, tensor: SymbolicTensor) -> list[Operation]:
    """The operations that an input reaches, through those that keep its type and have nothing of their own."""
    reached, takers = {id(tensor)}, []
    for node in graph.nodes:
        if any(id(one) in reached for one in node.input_tensors):
            takers.append(node.operation)
            if not isinstance(node.operation, keras.layers.Layer) or not layers_with_tables(node.operation):
                reached |= {id(one) for one in node.outputs if str(one.dtype) == str(tensor.dtype) != "float32"}
    return takers


def layers_with_tables(layer: Any) -> list[Any]:
    """The embeddings in a layer, itself among them."""
    return [one for one in layers_within(layer) if isinstance(one, keras.layers.Embedding)]


def _vocabulary_of(taker: Operation) -> tuple[str, ...]:
    """The words that a layer looks up."""
    lookup: Any = taker
    if not isinstance(taker, keras.layers.StringLookup):
        return ()
    return tuple(map(str, lookup.get_vocabulary(include_special_tokens=False)))


def _rows_for(model: Model, takers: Sequence[Operation], tensor: SymbolicTensor) -> int | None:
    """The rows of the table that an input picks from: the smallest of those in what takes it."""
    tables = [table for one in takers if isinstance(one, keras.layers.Layer) for table in layers_with_tables(one)]
    direct: list[Any] = [one for one in takers if isinstance(one, keras.layers.Embedding)]
    if tables and ("int" in str(tensor.dtype) or direct):
        return min(int(table.input_dim) for table in direct or tables)
    hidden = any(isinstance(one, keras.Model) for one in takers)
    return _fewest_rows(model, len(tensor.shape)) if hidden else None


def _rows_in(model: Model, slot: Slot) -> int | None:
    """The rows of the smallest table of a model that is code, where an input may pick from it."""
    if slot.given is not None or slot.dtype in ("bool", "string"):
        return None
    return _fewest_rows(model, 2 if "int" in slot.dtype else len(slot.shape))


def _fewest_rows(model: Model, rank: int) -> int | None:
    """The rows of a model's smallest table, where an input of (count, steps) may pick from it."""
    tables = layers_with_tables(model)
    return min((int(table.input_dim) for table in tables), default=None) if rank == 2 else None


@dataclass(frozen=True, eq=False)
class OpenedModel:
    """A built model with what is known of it, each looked for when it is first asked for, and kept.

    ``model`` is Keras's, ``name`` what the person calls it, ``steps`` how many steps an optimizer has made with it, as
    far as that is known, ``recorded`` what drew its variables as it was built, ``asked`` how it is called where the
    person said so, or their function called it. What its layers declare is kept too: a model that declares otherwise by
    now is opened anew.
    """

    model: Model
    name: str = "model"
    steps: int = 0
    recorded: Recorded = NOTHING_RECORDED
    asked: Called | None = None

    @property
    def is_file(self) -> bool:
        """Whether it was read from a file, with whatever weights are in there."""
        return self.name.lower().endswith(ENDINGS)

    @cached_property
    def tensors(self) -> tuple[Tensor, ...]:
        """Every tensor once, nested models' too; its values are read from the model when they are asked for."""
        return tuple(tensors_of(self.model, self.recorded))

    @cached_property
    def layers(self) -> tuple[Layer, ...]:
        """The model and every layer in it."""
        return layers_within(self.model)

    def lag_after(self, steps: int) -> float:
        """The share of their first values that moving statistics hold after so many steps: momentum to their number.

        0 where there are none that are trained.
        """
        kinds = keras.layers.BatchNormalization
        kept = [one.momentum**steps for one in self.layers if isinstance(one, kinds) and one.trainable]
        return float(max(kept, default=0.0))

    @cached_property
    def graph(self) -> Graph | None:
        """What comes after what; None of a model that is only code."""
        return Graph.of(self.model)

    @cached_property
    def graphs(self) -> tuple[Graph, ...]:
        """The graph of the model and of each model nested in it."""
        return tuple(graphs_of(self.model))

    @cached_property
    def inputs(self) -> tuple[Slot, ...]:
        """What it takes; nothing where it is code and doesn't tell."""
        return inputs_of(self.model, self.graph, self.called)

    @cached_property
    def called(self) -> Called | None:
        """How a model that is code is called; of a graph only what is said of its open sizes. None where unknown."""
        return self.asked or (None if self.graph else called_as_built(self.model))

    @cached_property
    def outputs(self) -> tuple[Output, ...]:
        """What it puts out; nothing where it is code, which doesn't tell."""
        return outputs_of(self.graph)

    @cached_property
    def numbers_put_out(self) -> int:
        """How many numbers all layers of the graphs put out for one input; 0 of a model that is code."""
        outputs = [output for graph in self.graphs for node in graph.nodes for output in node.outputs]
        return sum(math.prod(sizes_of(tuple(one.shape))) for one in outputs)
