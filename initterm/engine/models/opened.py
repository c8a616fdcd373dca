"""A person's model, opened once: what an audit, its proof and a training work on."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from initterm.engine.keras_types import Layer, Model, Node, SymbolicTensor
from initterm.engine.models.graph import Graph, activation_of, graphs_of
from initterm.engine.models.keras_privates import functional_of, layers_within, maker_of
from initterm.engine.models.recording import NOTHING_RECORDED, Recorded
from initterm.engine.models.tensors import Tensor, tensors_of
from initterm.engine.runtime import keras

UNKNOWN_SIZES = {2: 16, 3: 64, 4: 64, 5: 16}
"""What stands for a dimension that a model leaves open, by the input's rank: a sequence's steps, an image's pixels."""

ENDINGS = (".keras", ".h5", ".hdf5")
"""Of the files that hold models."""

MOST_LAG = 0.05
"""The share of their first values that moving statistics may still hold when they are validated with."""

SlotShape = tuple[int | None, ...]
"""Of a batch, (count, ...); None where open."""


@dataclass(frozen=True)
class Slot:
    """One input of a model: its shape, its type, and the rows of the table that it picks from, None where it picks
    from none."""

    shape: SlotShape
    dtype: str
    rows: int | None

    @property
    def sizes(self) -> tuple[int, ...]:
        """The shape of one input, with sizes in the place of open dimensions."""
        return sizes_of(self.shape)


@dataclass(frozen=True)
class Output:
    """One output of a model: its shape, and the activation of the layer that puts it out, empty where there is none."""

    shape: SlotShape
    activation: str


def sizes_of(shape: SlotShape) -> tuple[int, ...]:
    """The shape of one of a batch, with sizes in the place of open dimensions."""
    unknown = UNKNOWN_SIZES.get(len(shape), 16)
    return tuple(size or unknown for size in shape[1:])


def inputs_of(model: Model, graph: Graph | None) -> tuple[Slot, ...]:
    """The inputs of a model's graph; of one that is code that which it was built with, none where it doesn't tell."""
    if graph is not None:
        tensors = graph.functional.inputs
        return tuple(Slot(tuple(one.shape), str(one.dtype), _rows_for(model, graph.nodes, one)) for one in tensors)
    shape = (model.get_build_config() or {}).get("input_shape")
    if not isinstance(shape, list | tuple) or not all(isinstance(size, int | None) for size in shape):
        return ()
    return (Slot((None, *shape[1:]), str(model.compute_dtype), _fewest_rows(model, len(shape))),)


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


def _rows_for(model: Model, nodes: Sequence[Node], tensor: SymbolicTensor) -> int | None:
    """The rows of the table that an input picks from: a table's that takes it directly, else the smallest table's."""
    takers = [node.operation for node in nodes if any(one is tensor for one in node.input_tensors)]
    tables = [int(one.input_dim) for one in takers if isinstance(one, keras.layers.Embedding)]
    if tables:
        return tables[0]
    hidden = "int" in str(tensor.dtype) or any(isinstance(one, keras.Model) for one in takers)
    return _fewest_rows(model, len(tensor.shape)) if hidden else None


def _fewest_rows(model: Model, rank: int) -> int | None:
    """The rows of a model's smallest table, where an input of (count, steps) may pick from it."""
    tables = [layer for layer in layers_within(model) if isinstance(layer, keras.layers.Embedding)]
    return min((int(table.input_dim) for table in tables), default=None) if rank == 2 else None


@dataclass(frozen=True, eq=False)
class OpenedModel:
    """A built model with what is known of it, each looked for when it is first asked for, and kept.

    ``model`` is Keras's, ``name`` what the person calls it, ``steps`` how many steps an optimizer has made with it, as
    far as that is known, ``recorded`` what drew its variables as it was built. What its layers declare is kept too: a
    model that declares otherwise by now is opened anew.
    """

    model: Model
    name: str = "model"
    steps: int = 0
    recorded: Recorded = NOTHING_RECORDED

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
        return inputs_of(self.model, self.graph)

    @cached_property
    def outputs(self) -> tuple[Output, ...]:
        """What it puts out; nothing where it is code, which doesn't tell."""
        return outputs_of(self.graph)

    @cached_property
    def numbers_put_out(self) -> int:
        """How many numbers all layers of the graphs put out for one input; 0 of a model that is code."""
        outputs = [output for graph in self.graphs for node in graph.nodes for output in node.outputs]
        return sum(math.prod(sizes_of(tuple(one.shape))) for one in outputs)
