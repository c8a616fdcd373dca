"""What an audit proposes for a person's own model: some of its tensors drawn otherwise than they are declared."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial

from initterm.engine.audit.auditing import audit
from initterm.engine.audit.fixes import fixed_values, fixes_of, followed, spec_of_fix
from initterm.engine.models.keras_privates import replaced
from initterm.engine.models.opened import OpenedModel
from initterm.engine.models.tensors import Tensor
from initterm.engine.training.starts import Starts, TensorDraws
from initterm.engine.weights.drawing import keras_initializer
from initterm.experiments.audit.board import AuditBoard
from initterm.experiments.audit.events import Fix
from initterm.experiments.training.contender import Contender

SEED = 42
"""Of the draw that is audited."""

HIDING = "fan_convention"
"""The check whose findings keep others about the same tensor back: once they are fixed, it is asked again."""

MOST_NAMED = 4
"""How many tensors a note names."""


@dataclass(frozen=True)
class Mended:
    """How the tensors are drawn that an audit finds fault with, and what is to be said of that."""

    draws: TensorDraws
    notes: tuple[str, ...]


def mended(opened: OpenedModel, starts: Starts, may: Callable[[Tensor], bool]) -> Mended:
    """What an audit of a model as it begins asks for, and an audit of the model that is mended so.

    Args:
        opened: the model, whose variables hold another draw afterwards.
        starts: with what they begin as declared.
        may: whether a tensor may be drawn otherwise than it is declared.
    """
    tensors = {tensor.path: tensor for tensor in opened.tensors}
    asked = _asked(replace(opened, steps=0), starts, {})
    fixes = _of_tensors(asked, tensors, may)
    if any(HIDING in fix.checks for fix in fixes):
        again = _of_tensors(_declaring(opened, starts, fixes, tensors), tensors, may)
        fixes = _of_tensors(followed(fixes, again), tensors, may)
    return Mended(_draws(fixes, tensors), tuple(_notes(fixes, asked)))


def _asked(opened: OpenedModel, starts: Starts, draws: TensorDraws) -> tuple[Fix, ...]:
    """The fixes that an audit asks for, of a model that begins so."""
    starts.begin(SEED, draws)
    board = functools.reduce(AuditBoard.after, audit(opened), AuditBoard(opened.name))
    return fixes_of(opened.tensors, board.findings)


def _declaring(
    opened: OpenedModel, starts: Starts, fixes: Sequence[Fix], tensors: dict[str, Tensor]
) -> tuple[Fix, ...]:
    """What is asked for once the layers declare what they were mended to; they declare what they did afterwards."""
    known = dict(opened.recorded.initializers)
    with ExitStack() as declaring:
        for fix in fixes:
            tensor = tensors[fix.path]
            known[id(tensor.variable)] = keras_initializer(spec_of_fix(fix, tensor), SEED)
            if hasattr(tensor.owner, tensor.argument):
                declaring.enter_context(replaced(tensor.owner, tensor.argument, known[id(tensor.variable)]))
            if fix.kind == "forget_bias":
                declaring.enter_context(replaced(tensor.owner, "unit_forget_bias", True))
        again = replace(opened, steps=0, recorded=replace(opened.recorded, initializers=known))
        return _asked(again, starts, _draws(fixes, tensors))


def _of_tensors(fixes: Sequence[Fix], tensors: dict[str, Tensor], may: Callable[[Tensor], bool]) -> tuple[Fix, ...]:
    return tuple(fix for fix in fixes if fix.tensor and may(tensors[fix.path]))


def _draws(fixes: Sequence[Fix], tensors: dict[str, Tensor]) -> TensorDraws:
    by_tensor = [(fix, tensors[fix.path]) for fix in fixes]
    return {
        id(tensor.variable): partial(fixed_values, fix, tensor, spec_of_fix(fix, tensor)) for fix, tensor in by_tensor
    }


def _notes(fixes: Sequence[Fix], asked: Sequence[Fix]) -> list[str]:
    """What mended does, and what the audit proposes that it leaves out."""
    named = [f"{fix.path} by {fix.fixed}" for fix in fixes]
    more = f" and {len(named) - MOST_NAMED} more" if len(named) > MOST_NAMED else ""
    nothing = f"{MENDED} begins as declared: the audit asks for no other draw."
    notes = [f"{MENDED} draws {', '.join(named[:MOST_NAMED])}{more}." if named else nothing]
    if dropouts := [fix.layer for fix in asked if fix.kind == "alpha_dropout"]:
        notes.append(f"{MENDED} leaves {', '.join(dropouts)} as it is, where the audit proposes AlphaDropout.")
    return notes


MENDED = Contender(None, treatment="mended")
