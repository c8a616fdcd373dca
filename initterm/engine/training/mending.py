"""What an audit proposes for a person's own model: some of its tensors drawn otherwise than they are declared."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from initterm.engine.audit.auditing import audit
from initterm.engine.audit.fixes import fixes_of, followed
from initterm.engine.models.cloning import clone_of
from initterm.engine.models.draws import drawn_by
from initterm.engine.models.keras_privates import replaced
from initterm.engine.models.opened import OpenedModel
from initterm.engine.models.tensors import FORGETTING, Tensor
from initterm.engine.training.starts import Starts, TensorDraws
from initterm.engine.weights.drawing import keras_initializer
from initterm.experiments.audit.board import AuditBoard
from initterm.experiments.audit.events import Fix
from initterm.experiments.training.contender import Contender
from initterm.theory.initializers import InitializerSpec

SEED = 42
"""Of the draw that is audited."""

MOST_NAMED = 4
"""How many tensors a note names."""

DECLARED, MENDED = (Contender(None, treatment=name) for name in ("declared", "mended"))
ZEROS = InitializerSpec("zeros")


@dataclass(frozen=True)
class FixedModel:
    """A model of which what fixes name begins otherwise, and all else as ``starts`` has it.

    ``opened`` is the model itself, or where a dropout is replaced a clone of it.
    """

    opened: OpenedModel
    starts: Starts
    fixes: tuple[Fix, ...] = ()

    def fixed_by(self, fixes: Sequence[Fix]) -> FixedModel:
        """The model with these fixes too; of one tensor the later draw counts.

        Raises:
            Refusal: a dropout is to be replaced, and the model can't be built again.
        """
        together = followed(self.fixes, fixes)
        if not any(fix.kind == "alpha_dropout" for fix in fixes):
            return replace(self, fixes=together)
        clone = clone_of(self.opened, together)
        return FixedModel(clone, Starts(clone, as_it_stands=True), together)

    @cached_property
    def draws(self) -> TensorDraws:
        """How the tensors at fault are drawn."""
        return {
            id(tensor.variable): partial(fixed_values, fix, tensor, spec_of_fix(fix, tensor))
            for fix, tensor in self._fixed
        }

    @property
    def _fixed(self) -> Iterator[tuple[Fix, Tensor]]:
        by_path = {fix.path: fix for fix in self.fixes if fix.tensor}
        return ((by_path[one.path], one) for one in self.opened.tensors if one.path in by_path)

    def begin(self, seed: int) -> None:
        """Assign all variables as a trial of this seed begins."""
        self.starts.begin(seed, self.draws)

    @contextmanager
    def begun(self, seed: int) -> Iterator[OpenedModel]:
        """The model as a trial of this seed begins, whose layers declare meanwhile what they were drawn by."""
        self.begin(seed)
        known = dict(self.opened.recorded.initializers)
        with ExitStack() as declaring:
            for fix, tensor in self._fixed:
                known[id(tensor.variable)] = keras_initializer(spec_of_fix(fix, tensor), seed)
                if hasattr(tensor.owner, tensor.argument):
                    declaring.enter_context(replaced(tensor.owner, tensor.argument, known[id(tensor.variable)]))
                if fix.kind == "forget_bias":
                    declaring.enter_context(replaced(tensor.owner, "unit_forget_bias", True))
            yield replace(self.opened, steps=0, recorded=replace(self.opened.recorded, initializers=known))


def fixed_values(fix: Fix, tensor: Tensor, spec: InitializerSpec, seed: int) -> NDArray[Any]:
    """The numbers of a tensor as a fix draws it, by this initializer, in its shape."""
    values = np.array(drawn_by(spec, tensor.dims, tensor.fans, seed))
    layer: Any = tensor.owner
    if isinstance(tensor.owner, FORGETTING) and tensor.name == "bias":
        opened = fix.kind == "forget_bias" or layer.unit_forget_bias
        np.split(values, tensor.gates)[1][:] = float(opened)
    return values


def spec_of_fix(fix: Fix, tensor: Tensor) -> InitializerSpec:
    """What a fix of this tensor draws by; of a bias whose forget gate is opened that is its own."""
    return InitializerSpec.parse(fix.fixed) if fix.kind == "initializer" else tensor.spec or ZEROS


@dataclass(frozen=True)
class Mended:
    """How the tensors are drawn that an audit finds fault with, and what is to be said of that."""

    draws: TensorDraws
    notes: tuple[str, ...]


def mended(opened: OpenedModel, starts: Starts, may: Callable[[Tensor], bool]) -> Mended:
    """What an audit of a model as it begins asks for.

    Args:
        opened: the model, whose variables hold another draw afterwards.
        starts: with what they begin as declared.
        may: whether a tensor may be drawn otherwise than it is declared.
    """
    paths = {tensor.path for tensor in opened.tensors if may(tensor)}

    def allowed(fixes: Sequence[Fix]) -> tuple[Fix, ...]:
        return tuple(fix for fix in fixes if fix.tensor and fix.path in paths)

    model = FixedModel(opened, starts)
    asked = _asked(model)
    fixed = model.fixed_by(allowed(asked))
    return Mended(fixed.draws, tuple(_notes(fixed.fixes, asked)))


def _asked(fixed: FixedModel) -> tuple[Fix, ...]:
    """The fixes that an audit asks for, of a model that is fixed so far."""
    with fixed.begun(SEED) as opened:
        board = functools.reduce(AuditBoard.after, audit(opened), AuditBoard(opened.name))
        return fixes_of(opened.tensors, board.findings)


def _notes(fixes: Sequence[Fix], asked: Sequence[Fix]) -> list[str]:
    """What mended does, and what the audit proposes that it leaves out."""
    named = [f"{fix.path} by {fix.fixed}" for fix in fixes]
    more = f" and {len(named) - MOST_NAMED} more" if len(named) > MOST_NAMED else ""
    nothing = f"{MENDED} begins as declared: the audit asks for no other draw."
    notes = [f"{MENDED} draws {', '.join(named[:MOST_NAMED])}{more}." if named else nothing]
    if dropouts := [fix.layer for fix in asked if fix.kind == "alpha_dropout"]:
        notes.append(f"{MENDED} leaves {', '.join(dropouts)} as it is, where the audit proposes AlphaDropout.")
    return notes
