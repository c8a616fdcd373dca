"""How many examples a model is sent, so that what it computes has room: counted in a run of few of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from initterm.engine.models.inputs import MOST_INPUTS, Data, Drawing, Inputs, inputs_for
from initterm.engine.models.opened import OpenedModel
from initterm.engine.models.tensorflow_privates import operations_noted
from initterm.engine.runtime import tf

TRIED = 2
"""How many examples are counted with; a layer may not take one alone."""

MOST_NUMBERS = 2**27
"""How many numbers all operations may put out for a batch, which are kept until the gradient has passed: 512 MiB."""

BYTES_A_NUMBER = 8
"""An output in single precision, and a gradient as large."""


@dataclass
class Counted:
    """How many numbers operations have put out."""

    numbers: int = 0


@contextmanager
def operations_counted() -> Iterator[Counted]:
    """The numbers that all operations put out meanwhile, inside layers and each step of a recurrence too."""
    counted = Counted()

    def note(kind: str, _: Sequence[Any], outputs: Sequence[Any]) -> None:
        if kind not in SHARING:
            counted.numbers += sum(one.shape.num_elements() or 0 for one in outputs if tf.is_tensor(one))

    with operations_noted(note):
        yield counted


SHARING = ("Identity", "ReadVariableOp", "Reshape", "ExpandDims", "Squeeze", "Shape")
"""Operations whose outputs are numbers that were there before."""


def numbers_an_example(opened: OpenedModel, data: Data | None, drawing: Drawing) -> int:
    """How many numbers a model's operations put out for each example, 1 at least."""
    inputs = inputs_for(opened, data, TRIED, drawing)
    if inputs is None:
        return 1
    with operations_counted() as counted:
        call(opened, inputs)
    return max(1, counted.numbers // max(1, len(inputs.batches[0])))


def count_within(numbers: int) -> int:
    """For how many examples of so many numbers there is room: ``MOST_INPUTS`` at most, and 1 at least."""
    return max(1, min(MOST_INPUTS, MOST_NUMBERS // numbers))


def call(opened: OpenedModel, inputs: Inputs, told: Callable[[Sequence[Any]], None] | None = None) -> object:
    """What a model puts out in training mode; ``told`` of the tensors that it takes before it is called."""
    model: Any = opened.model
    batches = [tf.convert_to_tensor(batch) for batch in inputs.batches]
    if told:
        told(batches)
    args, kwargs = inputs.called.filled(batches)
    return model(*args, **kwargs, training=True)
