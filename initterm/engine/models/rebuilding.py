"""A person's function called again: which tensors it draws the same each time, though they are random."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import replace

from initterm.engine import memory
from initterm.engine.keras_types import Initializer, Variable
from initterm.engine.models.keras_privates import assignments_noted
from initterm.engine.models.opened import OpenedModel
from initterm.engine.models.recording import Repeat, RepeatKind
from initterm.engine.models.tensors import spec_of
from initterm.engine.models.variable_values import mark_of
from initterm.theory.refusal import Refusal

MOST_VARIABLES, MOST_NUMBERS, MOST_SECONDS = 400, 2**26, 4.0
"""Of models that are built again: others take too long, and of those only seeds that are written down are known."""


def built_again(opened: OpenedModel, open_again: Callable[[], OpenedModel], seconds: float = 0.0) -> OpenedModel:
    """The model with which of its tensors its function draws the same when it is called again.

    Args:
        opened: a function's model, recorded as it was built.
        open_again: opens it again; it isn't asked to where the function trained the model.
        seconds: the processor's time that it took to open it, which is the same beside other work.
    """
    soon = seconds <= MOST_SECONDS and opened.steps == 0 and _is_small(opened)
    repeats = dict(_again(opened, open_again) if soon else _written_down(opened))
    return replace(opened, recorded=replace(opened.recorded, repeats=repeats)) if repeats else opened


def _is_small(opened: OpenedModel) -> bool:
    variables = opened.model.variables
    return len(variables) <= MOST_VARIABLES and sum(map(_size, variables)) <= MOST_NUMBERS


def _size(variable: Variable) -> int:
    return math.prod(variable.shape)


def _again(opened: OpenedModel, open_again: Callable[[], OpenedModel]) -> Iterator[tuple[int, Repeat]]:
    """By a variable's id, why a second call gives the same numbers; nothing where that fails or gives another model."""
    variables = list(opened.model.variables)
    before = [mark_of(variable) for variable in variables]
    assigned: set[int] = set()
    try:
        with assignments_noted(lambda variable: assigned.add(id(variable))):
            again = open_again()
    except Exception as error:
        if isinstance(error, Refusal) or memory.ran_out(error):  # once is as often as it can be called
            return
        raise
    second = list(again.model.variables)
    if [tuple(one.shape) for one in second] != [tuple(one.shape) for one in variables]:
        return
    for one, other, mark in zip(variables, second, before, strict=True):
        drawing, redrawing = opened.recorded.initializer(one), again.recorded.initializer(other)
        anew = redrawing is not None or id(other) in assigned
        if drawing is None or not anew or opened.recorded.has_changed(one):
            continue
        if _is_random(drawing) and mark_of(other) == mark:
            yield id(one), Repeat(drawing, _kind(drawing, redrawing or drawing))


def _kind(first: Initializer, second: Initializer) -> RepeatKind:
    """Why two calls of a function drew the same by these initializers."""
    if first.get_config().get("seed") is not None:
        return "written"
    return "kept" if first is second else "set"


def _written_down(opened: OpenedModel) -> Iterator[tuple[int, Repeat]]:
    """Of a model that isn't built again what its integer seeds tell."""
    for variable in opened.model.variables:
        drawing = opened.recorded.initializer(variable)
        if drawing is not None and _is_random(drawing) and isinstance(drawing.get_config().get("seed"), int):
            yield id(variable), Repeat(drawing, "written")


def _is_random(initializer: Initializer) -> bool:
    """Whether it is one of the catalogue, and draws."""
    spec = spec_of(initializer)
    return spec is not None and spec.family.random
