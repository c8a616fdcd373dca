"""What is used of Keras's models, layers and tensors: Keras tells no types of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray


class Initializer(Protocol):
    """What draws a tensor."""

    def __call__(self, shape: Sequence[int], dtype: str | None = None) -> NDArray[np.float32]:
        """Numbers of that shape, in a tensor of TensorFlow's, which numpy takes as its own."""

    def get_config(self) -> dict[str, Any]:
        """Its parameters by their names."""


class Variable(Protocol):
    """Numbers of a layer."""

    name: str
    path: str
    shape: Sequence[int]
    dtype: str
    value: Any
    trainable: bool

    def __sub__(self, other: object) -> Any:
        """The difference, a tensor of TensorFlow's."""

    def __getitem__(self, at: object) -> Any:
        """A part of it, a tensor of TensorFlow's."""

    def assign(self, value: object) -> object:
        """Put other numbers in their place."""


class SymbolicTensor(Protocol):
    """What stands for a batch in a graph; the sizes are None where they are open."""

    shape: Sequence[int | None]
    dtype: str


class Operation(Protocol):
    """A layer, or a function of tensors that stands in a graph."""

    name: str
    call: Callable[..., object]


class Layer(Operation, Protocol):
    """A layer; a model is one too."""

    built: bool
    trainable: bool
    trainable_variables: list[Variable]
    non_trainable_variables: list[Variable]
    variables: list[Variable]
    compute_dtype: str

    def get_config(self) -> dict[str, Any]:
        """What it is made again from."""

    def get_build_config(self) -> dict[str, Any] | None:
        """The shapes that it was built with."""


class Dense(Layer, Protocol):
    """A dense layer."""

    units: int
    kernel: Variable


class ActivationLayer(Layer, Protocol):
    """A layer that is applied to each number of a tensor."""

    input: SymbolicTensor

    def __call__(self, inputs: object) -> object:
        """What it makes of a batch."""


class Node(Protocol):
    """A use of an operation in a graph: what it takes, what it gives, and the nodes that this comes from."""

    operation: Operation
    parent_nodes: Sequence[Node]
    input_tensors: Sequence[SymbolicTensor]
    outputs: Sequence[SymbolicTensor]


class Model(Layer, Protocol):
    """A model, whatever it is written as."""

    layers: list[Layer]
    losses: list[object]

    def __call__(self, inputs: object, *, training: bool = False) -> object:
        """What it makes of a batch, or of a structure of batches."""

    def build(self, input_shape: object) -> None:
        """Make its weights for inputs of a shape."""

    def load_weights(self, path: str) -> None:
        """Put the numbers of a file in the place of its weights."""


class Functional(Model, Protocol):
    """A model that is a graph: ``input`` is the structure in which it takes its inputs."""

    input: object
    inputs: Sequence[SymbolicTensor]
    outputs: Sequence[SymbolicTensor]
