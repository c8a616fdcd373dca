"""TensorFlow's private parts, which this one file touches, where it has no public name; checked against 2.21."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator, Sequence
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
