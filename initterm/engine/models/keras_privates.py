"""Keras's private parts, which this one file touches, where it has no public name; checked against Keras 3.15."""

from __future__ import annotations

import importlib
import itertools
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from initterm.engine.keras_types import (
    Functional,
    Initializer,
    Layer,
    Model,
    Node,
    Operation,
    SymbolicTensor,
    Variable,
)
from initterm.engine.runtime import keras


def functional_of(operation: Operation) -> Functional | None:
    """The graph behind a functional or sequential model; None of a model that is only code, and of what is no model."""
    inside: Any = operation
    graph: Functional | None = inside if hasattr(inside, "_nodes_by_depth") else None
    return inside._functional if isinstance(operation, keras.Sequential) else graph


def nodes_of(functional: Functional) -> tuple[Node, ...]:
    """The nodes of a graph, in an order in which they can run."""
    inside: Any = functional
    depths = inside._nodes_by_depth
    return tuple(node for depth in sorted(depths, reverse=True) for node in depths[depth])


def maker_of(tensor: SymbolicTensor) -> Operation:
    """The operation that puts a tensor of a graph out."""
    inside: Any = tensor
    made_by: Operation = inside._keras_history.operation
    return made_by


def arguments_of(node: Node) -> tuple[tuple[object, ...], dict[str, object]]:
    """What a node's operation is called with: positional arguments, and those by name."""
    inside: Any = node
    return tuple(inside.arguments.args), dict(inside.arguments.kwargs)


def layers_within(model: Model) -> tuple[Layer, ...]:
    """A model and every layer in it, as Keras goes through them."""
    inside: Any = model
    return tuple(inside._flatten_layers())


def layers_as_added(model: Model) -> Iterator[Layer]:
    """A model and every layer in it, in the order in which they were added, each once."""
    seen: set[int] = set()
    waiting: list[Layer] = [model]
    while waiting:
        layer = waiting.pop()
        if id(layer) not in seen:
            seen.add(id(layer))
            yield layer
            waiting.extend(reversed(getattr(layer, "_layers", [])))


def own_variables(layer: Layer) -> list[Variable]:
    """The variables of a layer itself, without those of the layers in it."""
    inside: Any = layer
    return [*inside._trainable_variables, *inside._non_trainable_variables]


@contextmanager
def drawing_noted(note: Callable[[Variable, Initializer], None]) -> Iterator[None]:
    """Tell each variable that gets its first numbers meanwhile, with what draws them."""
    draw: Any = keras.Variable._initialize_with_initializer

    def noting(variable: Variable, initializer: Initializer) -> None:
        draw(variable, initializer)
        note(variable, initializer)

    with replaced(keras.Variable, "_initialize_with_initializer", noting):
        yield


@contextmanager
def seeds_replaced(seed_at: Callable[[int], int]) -> Iterator[None]:
    """Whatever this thread draws from Keras meanwhile has other seeds than it names: the first draw that of 0."""
    random: Any = importlib.import_module("keras.src.backend.tensorflow.random")
    draw_seed, drawing, places = random.draw_seed, threading.get_ident(), itertools.count()

    def another(seed: object) -> object:
        return draw_seed(seed_at(next(places)) if threading.get_ident() == drawing else seed)

    with replaced(random, "draw_seed", another):
        yield


@contextmanager
def replaced(owner: object, name: str, value: object) -> Iterator[None]:
    """An attribute is another one meanwhile, and then as it was: gone, where only its owner's class has it."""
    own = vars(owner)
    kept = name in own
    before = own.get(name)
    setattr(owner, name, value)
    try:
        yield
    finally:
        setattr(owner, name, before) if kept else delattr(owner, name)
