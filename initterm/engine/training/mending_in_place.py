"""What an audit proposes for a person's own model, done to the model itself, each tensor from a stream of its own."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from initterm.engine.audit.auditing import audit
from initterm.engine.audit.fixes import fixes_of
from initterm.engine.models.opened import OpenedModel
from initterm.engine.models.tensors import Tensor
from initterm.engine.training.mending import fixed_values, spec_of_fix
from initterm.engine.training.redrawing import FROZEN, Redrawn, stream_seeds
from initterm.engine.weights.drawing import keras_initializer
from initterm.experiments.audit.board import AuditBoard
from initterm.experiments.audit.events import Fix
from initterm.theory.refusal import Refusal

TRAINED = "The weights look trained: redrawn, they would lose what they learned. Mend the model before its training."
ANOTHER = "That audit is of a model with other tensors: {} is none of this one's."
REBUILDS = "a Dropout; build the model with AlphaDropout in its place"
"""Why a layer stays as it is."""


def mend(opened: OpenedModel, audited: AuditBoard, seed: int = 0) -> Redrawn:
    """Draw the tensors that an audit finds fault with as it proposes, and let their layers declare that.

    All are drawn before any is assigned, so that an error leaves the model as it was.

    Args:
        opened: the model.
        audited: what the audit told of it.
        seed: that of all streams.

    Raises:
        Refusal: the weights were trained, or the audit is of another model.
    """
    _refuse(opened, audited)
    fixes = fixes_of(opened.tensors, audited.findings)
    by_path = {fix.path: fix for fix in fixes if fix.tensor}
    at_fault = [tensor for tensor in opened.tensors if tensor.path in by_path]
    left = {fix.path: REBUILDS for fix in fixes if not fix.tensor}
    left |= {tensor.path: FROZEN for tensor in at_fault if not tensor.owner.trainable}
    seeds = stream_seeds(opened, seed)
    drawn = []
    for tensor in at_fault:
        if tensor.path not in left:
            fix = by_path[tensor.path]
            values = fixed_values(fix, tensor, spec_of_fix(fix, tensor), seeds[id(tensor.variable)])
            drawn.append((tensor, fix, values))
    for tensor, fix, values in drawn:
        tensor.variable.assign(values)
        _declare(tensor, fix)
    return Redrawn({tensor.path: fix.fixed for tensor, fix, _ in drawn}, left)


def audit_and_mend(open_again: Callable[[], OpenedModel], seed: int = 0) -> Redrawn:
    """Audit a model and mend it, and once more: what an error hid may ask for more.

    Args:
        open_again: opens the model as it stands.
        seed: that of all streams.

    Raises:
        Refusal: the weights were trained.
    """
    made = mend(*_audited(open_again()), seed)
    opened, board = _audited(open_again())
    if not made.drawn or board.trained:
        return made
    more = mend(opened, board, seed)
    return Redrawn(made.drawn | more.drawn, made.left | more.left)


def _audited(opened: OpenedModel) -> tuple[OpenedModel, AuditBoard]:
    return opened, functools.reduce(AuditBoard.after, audit(opened), AuditBoard(opened.name))


def _refuse(opened: OpenedModel, audited: AuditBoard) -> None:
    if audited.trained:
        raise Refusal(TRAINED)
    paths = {tensor.path for tensor in opened.tensors}
    if others := [tensor.path for tensor in audited.tensors if tensor.path not in paths]:
        raise Refusal(ANOTHER.format(others[0]))


def _declare(tensor: Tensor, fix: Fix) -> None:
    """Let the tensor's layer say what draws it."""
    layer: Any = tensor.owner
    if fix.kind == "forget_bias":
        layer.unit_forget_bias = True
    elif hasattr(layer, tensor.argument):
        setattr(layer, tensor.argument, keras_initializer(spec_of_fix(fix, tensor)))
