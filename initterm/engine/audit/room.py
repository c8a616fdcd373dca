"""How many examples a model is sent, so that what it computes has room: counted in a run of few of them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from initterm.engine import memory
from initterm.engine.models.grouped_convolutions import depthwise_as_such
from initterm.engine.models.inputs import MOST_INPUTS, Data, InputDrawing, Inputs, inputs_for
from initterm.engine.models.opened import OpenedModel
from initterm.engine.models.operation_kinds import SUMS
from initterm.engine.models.tensorflow_privates import operations_noted
from initterm.engine.runtime import tf
from initterm.theory.refusal import Refusal

TRIED = (1, 2)
"""How many examples are counted with: a layer may not take one alone."""

MOST_NUMBERS = 2**27
"""How many numbers all operations may put out for a batch, which are kept until the gradient has passed: 512 MiB."""

MOST_PRODUCTS = 2**35
"""How many products all operations may add up for a batch, so that a person doesn't wait: some seconds of a core."""

BYTES_A_NUMBER = 8
"""An output in single precision, and a gradient as large."""


@dataclass
class Expense:
    """How many numbers operations have put out, and how many products they have added up, the largest kinds of them."""

    numbers: int = 0
    products: int = 0

    def each(self, examples: int) -> Expense:
        """That of one example."""
        return Expense(max(1, self.numbers // examples), max(1, self.products // examples))

    @property
    def affordable(self) -> int:
        """For how many examples of this cost there is room and time: ``MOST_INPUTS`` at most, and 1 at least."""
        return max(1, min(MOST_INPUTS, MOST_NUMBERS // self.numbers, MOST_PRODUCTS // self.products))


@contextmanager
def operations_counted() -> Iterator[Expense]:
    """What all operations cost meanwhile, inside layers and each step of a recurrence too."""
    cost = Expense()

    def note(kind: str, inputs: Sequence[Any], outputs: Sequence[Any]) -> None:
        if kind not in SHARING:
            cost.numbers += sum(map(_size, outputs))
            cost.products += _products(kind, inputs, outputs)

    with operations_noted(note):
        yield cost


SHARING = ("Identity", "ReadVariableOp", "Reshape", "ExpandDims", "Squeeze", "Shape")
"""Operations whose outputs are numbers that were there before."""


def _size(tensor: Any) -> int:
    return int(tensor.shape.num_elements() or 0) if tf.is_tensor(tensor) else 0


def _products(kind: str, inputs: Sequence[Any], outputs: Sequence[Any]) -> int:
    """How many products a convolution or a product of matrices adds up."""
    if kind not in SUMS or len(inputs) < 2 or not outputs:
        return 0
    first, second, out = _size(inputs[0]), _size(inputs[1]), _size(outputs[0])
    if "BackpropInput" in kind:  # a transposed convolution: the sizes come first, then the kernel
        return _size(inputs[2]) * second // max(1, int(inputs[1].shape[-1]))
    if "Depthwise" in kind:
        return out * int(math.prod(inputs[1].shape[:2]))
    if "Conv" in kind:
        return out * second // max(1, int(inputs[1].shape[-1]))
    return math.isqrt(first * second * out)


def cost_of_an_example(opened: OpenedModel, data: Data | None, drawing: InputDrawing) -> Expense:
    """What a model's operations cost for each example; not run where its layers' outputs have room for one alone."""
    least = Expense(max(1, opened.numbers_put_out), 1)
    if least.affordable == 1:
        return least
    cost = _cost_in_a_run(opened, data, drawing)
    return Expense(max(least.numbers, cost.numbers), cost.products)


def _cost_in_a_run(opened: OpenedModel, data: Data | None, drawing: InputDrawing) -> Expense:
    alone, together = TRIED
    try:
        return _cost_of(opened, data, drawing, alone)
    except Exception as error:  # of layers of the person's own, which tell what is wrong when more are sent
        if isinstance(error, Refusal) or memory.ran_out(error):
            raise
        return _cost_of(opened, data, drawing, together)


def _cost_of(opened: OpenedModel, data: Data | None, drawing: InputDrawing, count: int) -> Expense:
    inputs = inputs_for(opened, data, count, drawing)
    if inputs is None:
        return Expense(1, 1)
    with operations_counted() as cost:
        call(opened, inputs)
    return cost.each(max(1, len(inputs.batches[0])))


def call(opened: OpenedModel, inputs: Inputs, told: Callable[[Sequence[Any]], None] | None = None) -> object:
    """What a model puts out in training mode; ``told`` of the tensors that it takes before it is called."""
    model: Any = opened.model
    batches = [tf.convert_to_tensor(batch) for batch in inputs.batches]
    if told:
        told(batches)
    args, kwargs = inputs.called.filled(batches)
    with depthwise_as_such(opened.model):
        return model(*args, **kwargs, training=True)
