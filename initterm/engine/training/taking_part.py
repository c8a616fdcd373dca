"""Which tensors of a person's own model take part in a comparison of initializers."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable, Sequence
from typing import Any

from initterm.engine.models.deep_graphs import DeepGraphs
from initterm.engine.models.output_layers import multiplies, output_tensors
from initterm.engine.models.recording import Recorded
from initterm.engine.models.tensors import Tensor
from initterm.theory.initializers import InitializerSpec
from initterm.theory.laws import law_of
from initterm.theory.refusal import Refusal, meant, shown
from initterm.theory.shapes import Shape

MOST_NAMED = 4
"""How many paths a sentence names."""


def taking_part(graphs: DeepGraphs, recorded: Recorded, where: str = "") -> tuple[Tensor, ...]:
    """The tensors whose paths fit a pattern, as of a shell; without one the usual ones.

    Those are the trained kernels whose declared law goes by fans, of layers before the output, but for loaded ones.

    Raises:
        Refusal: there is none.
    """
    return _fitting(graphs.tensors, where) if where else _usual(graphs, recorded)


def _usual(graphs: DeepGraphs, recorded: Recorded) -> tuple[Tensor, ...]:
    kernels = [tensor for tensor in graphs.tensors if multiplies(tensor) and is_trained(tensor)]
    last = {id(tensor.variable) for tensor in output_tensors(graphs)}
    hidden = [tensor for tensor in kernels if id(tensor.variable) not in last]
    fresh = [tensor for tensor in hidden if not recorded.has_changed(tensor.variable)]
    found = tuple(tensor for tensor in fresh if tensor.spec and tensor.spec.scaling)
    if not found:
        raise Refusal(_why_none(kernels, hidden, fresh))
    return found


def _why_none(kernels: Sequence[Tensor], hidden: Sequence[Tensor], fresh: Sequence[Tensor]) -> str:
    """Why no tensor takes part, by those that are left when output layers, and then loaded ones, are taken away."""
    if not kernels:
        return (
            "The model has no kernel that is trained, so that no initializer of one can be compared; other tensors are "
            "chosen with --where, such as '*/embeddings'."
        )
    if not hidden:
        return (
            f"Before the model's output no kernel is trained; choose tensors with --where, such as {kernels[0].path}."
        )
    if not fresh:
        return f"All kernels before the output were loaded or trained; choose with --where, such as {hidden[0].path}."
    called_so = [tensor for tensor in fresh if tensor.role != "other"]
    of_output = [tensor for tensor in kernels if tensor.spec and tensor.spec.scaling]
    path = (called_so or of_output or fresh)[0].path
    return f"No kernel before the output is declared by fans; choose some with --where, such as {path}."


def _fitting(tensors: Sequence[Tensor], where: str) -> tuple[Tensor, ...]:
    fitting = [tensor for tensor in tensors if fnmatch.fnmatchcase(tensor.path, where)]
    found = tuple(tensor for tensor in fitting if is_trained(tensor))
    if found:
        return found
    if fitting:
        raise Refusal(f"'{shown(where)}' names tensors that aren't trained: {named(fitting)}.")
    paths = [tensor.path for tensor in tensors if is_trained(tensor)]
    near = meant(where, paths)
    there = f"did you mean {near}?" if near else f"there are {', '.join(paths[:MOST_NAMED])}."
    raise Refusal(f"No tensor's path fits '{shown(where)}'; {there}")


def refuse_undrawable(initializer: InitializerSpec, tensors: Iterable[Tensor]) -> None:
    """Refuse tensors of shapes that an initializer can't serve, or what it begins with.

    Raises:
        Refusal: there is one.
    """
    for tensor in tensors:
        try:
            law_of(initializer.drawn, Shape(tensor.dims))
        except Refusal as refusal:
            raise Refusal(f"{initializer} can't draw {tensor.path}: {refusal}") from None


def is_trained(tensor: Tensor) -> bool:
    """Whether training changes its numbers, which aren't whole ones."""
    variable: Any = tensor.variable
    return bool(variable.trainable) and "float" in tensor.dtype


def named(tensors: Iterable[Tensor]) -> str:
    """The paths of some tensors, the first of many."""
    paths = [tensor.path for tensor in tensors]
    more = f" and {len(paths) - MOST_NAMED} more" if len(paths) > MOST_NAMED else ""
    return ", ".join(paths[:MOST_NAMED]) + more
