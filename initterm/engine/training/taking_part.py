"""Which tensors of a person's own model take part in a comparison of initializers."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable, Sequence
from typing import Any

from initterm.engine.models.opened import OpenedModel
from initterm.engine.models.output_layers import multiplies, output_tensors
from initterm.engine.models.tensors import Tensor
from initterm.theory.refusal import Refusal, meant, shown

MOST_NAMED = 4
"""How many paths a sentence names."""


def taking_part(opened: OpenedModel, where: str = "") -> tuple[Tensor, ...]:
    """The tensors whose paths fit a pattern, as of a shell; without one the usual ones.

    Those are the trained kernels whose declared law goes by fans, of layers before the output, but for loaded ones.

    Raises:
        Refusal: there is none.
    """
    return _fitting(opened.tensors, where) if where else _usual(opened)


def _usual(opened: OpenedModel) -> tuple[Tensor, ...]:
    drawn = [tensor for tensor in opened.tensors if multiplies(tensor) and is_trained(tensor)]
    by_fans = [tensor for tensor in drawn if tensor.spec and tensor.spec.scaling]
    fresh = [tensor for tensor in by_fans if not opened.recorded.has_changed(tensor.variable)]
    last = {id(tensor.variable) for tensor in output_tensors(opened)}
    found = tuple(tensor for tensor in fresh if id(tensor.variable) not in last)
    if found:
        return found
    if fresh:
        raise Refusal(f"Only the output's {_named(fresh)} would take part; choose tensors with --where.")
    if by_fans:
        raise Refusal("All kernels that go by fans were loaded, and none would be drawn; choose some with --where.")
    if drawn:
        raise Refusal(
            f"No kernel is declared by fans; choose those that take part with --where, such as {drawn[0].path}."
        )
    raise Refusal("The model has no kernel that is trained, so that no initializer of one can be compared.")


def _fitting(tensors: Sequence[Tensor], where: str) -> tuple[Tensor, ...]:
    named = [tensor for tensor in tensors if fnmatch.fnmatchcase(tensor.path, where)]
    found = tuple(tensor for tensor in named if is_trained(tensor))
    if found:
        return found
    if named:
        raise Refusal(f"'{shown(where)}' names tensors that aren't trained: {_named(named)}.")
    paths = [tensor.path for tensor in tensors if is_trained(tensor)]
    near = meant(where, paths)
    there = f"did you mean {near}?" if near else f"there are {', '.join(paths[:MOST_NAMED])}."
    raise Refusal(f"No tensor's path fits '{shown(where)}'; {there}")


def is_trained(tensor: Tensor) -> bool:
    """Whether training changes its numbers, which aren't whole ones."""
    variable: Any = tensor.variable
    return bool(variable.trainable) and "float" in tensor.dtype


def _named(tensors: Iterable[Tensor]) -> str:
    """The paths of some tensors, the first of many."""
    paths = [tensor.path for tensor in tensors]
    more = f" and {len(paths) - MOST_NAMED} more" if len(paths) > MOST_NAMED else ""
    return ", ".join(paths[:MOST_NAMED]) + more
