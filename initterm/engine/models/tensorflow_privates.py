"""TensorFlow's private parts, which this one file touches, where it has no public name; checked against 2.21."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

NoteOperation = Callable[[str, Sequence[Any], Sequence[Any]], None]
"""Told an operation's kind, the tensors that it takes and those that it gives."""


@contextmanager
def operations_noted(note: NoteOperation) -> Iterator[None]:
    """Tell each operation that this thread runs meanwhile; not those of functions that run as a whole."""
    callbacks: Any = importlib.import_module("tensorflow.python.framework.op_callbacks")

    def noting(
        kind: str | bytes,
        inputs: Sequence[Any],
        attributes: object,
        outputs: Sequence[Any],
        op_name: object = None,
        graph: object = None,
    ) -> None:
        if graph is None:
            note(kind.decode() if isinstance(kind, bytes) else kind, inputs, outputs)

    callbacks.add_op_callback(noting)
    try:
        yield
    finally:
        callbacks.remove_op_callback(noting)


GradientOf = Callable[[Any, Any], list[Any]]
"""Of an operation and the gradient that arrives at its output, that of each of its inputs."""


@contextmanager
def gradients_replaced(replaced: Mapping[str, Callable[[GradientOf], GradientOf]]) -> Iterator[None]:
    """Other gradients of operations meanwhile, by the operations' kinds, made of those that TensorFlow has."""
    registered: Any = importlib.import_module("tensorflow.python.framework.ops").gradient_registry._registry
    usual = {kind: registered[kind] for kind in replaced}
    registered.update({kind: {**usual[kind], "type": made(usual[kind]["type"])} for kind, made in replaced.items()})
    try:
        yield
    finally:
        registered.update(usual)


NO_TENSOR = -1


def identity_of(tensor: object) -> int:
    """The number that TensorFlow gives a tensor, and no other one after it; ``NO_TENSOR`` of anything else."""
    identity: int = getattr(tensor, "_id", NO_TENSOR)
    return identity


def handle_of(variable: Any) -> Any:
    """The tensor by which operations reach the numbers of a Keras variable."""
    return variable.value.handle
