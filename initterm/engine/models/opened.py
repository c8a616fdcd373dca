"""A person's model, opened once: what an audit, its proof and a training work on."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

from initterm.engine.keras_types import Layer, Model
from initterm.engine.models.graph import Graph, graphs_of
from initterm.engine.models.keras_privates import layers_within
from initterm.engine.models.slots import Output, Slot, inputs_of, outputs_of, sizes_of
from initterm.engine.models.tensors import Tensor, tensors_of


@dataclass(frozen=True, eq=False)
class OpenedModel:
    """A built model with what is known of it, each looked for when it is first asked for, and kept.

    ``model`` is Keras's, ``name`` what the person calls it, ``steps`` how many steps an optimizer has made with it, as
    far as that is known. What its layers declare is kept too: a model that declares otherwise by now is opened anew.
    """

    model: Model
    name: str = "model"
    steps: int = 0

    @cached_property
    def tensors(self) -> tuple[Tensor, ...]:
        """Every tensor once, nested models' too; its values are read from the model when they are asked for."""
        return tuple(tensors_of(self.model))

    @cached_property
    def layers(self) -> tuple[Layer, ...]:
        """The model and every layer in it."""
        return layers_within(self.model)

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
