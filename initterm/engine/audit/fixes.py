"""What an audit's findings ask to fix, and the model with that fixed: all else in it stays as it was."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from initterm.engine.models.cloning import clone_of, copy_weights
from initterm.engine.models.draws import drawn_by
from initterm.engine.models.opened import OpenedModel
from initterm.engine.models.tensors import Tensor
from initterm.engine.runtime import keras
from initterm.engine.weights.drawing import keras_initializer
from initterm.experiments.audit.events import Finding, Fix
from initterm.theory.initializers import InitializerSpec, scaled

ZEROS = InitializerSpec("zeros")


def fixes_of(tensors: Sequence[Tensor], findings: Sequence[Finding]) -> tuple[Fix, ...]:
    """A fix for each tensor with findings that a draw fixes, in the tensors' order, then for each dropout."""
    of_tensors = (
        _fix(tensor, about) for tensor in tensors if (about := [one for one in findings if _fixes(one, tensor)])
    )
    dropouts = (
        Fix("alpha_dropout", one.layer, "", (one.check,), "Dropout", "AlphaDropout")
        for one in findings
        if one.check == "selu_dropout"
    )
    return (*of_tensors, *dropouts)


def followed(first: Sequence[Fix], then: Sequence[Fix]) -> tuple[Fix, ...]:
    """Fixes and those that the model fixed by them asks for: of one tensor the later draw counts."""
    by_path = {fix.path: fix for fix in first}
    for fix in then:
        before = by_path.get(fix.path, fix)
        checks = tuple(dict.fromkeys((*before.checks, *fix.checks)))
        by_path[fix.path] = msgspec.structs.replace(fix, checks=checks, declared=before.declared)
    return tuple(by_path.values())


def _fixes(finding: Finding, tensor: Tensor) -> bool:
    """Whether drawing this tensor anew answers the finding; of findings about a layer its kernel does.

    A note about a layer is a consequence of the tensors' own faults, and goes with them; and a kernel that is declared
    as the finding asks isn't what it is about.
    """
    if finding.layer != tensor.layer or not (finding.initializer or finding.check == "forget_bias"):
        return False
    of_layer = not finding.tensor and finding.severity != "note" and finding.initializer != tensor.declared
    return finding.tensor == tensor.name or (of_layer and tensor.name == "kernel")


def _fix(tensor: Tensor, findings: Sequence[Finding]) -> Fix:
    checks = tuple(finding.check for finding in findings)
    if "forget_bias" in checks:
        return Fix("forget_bias", tensor.layer, tensor.name, checks, tensor.declared, "unit_forget_bias=True")
    wanted = max(findings, key=lambda one: (one.initializer != tensor.declared, one.check == "fan_convention"))
    fixed = InitializerSpec.parse(wanted.initializer)
    if wanted.check != "fan_convention" and wanted.initializer != tensor.declared:
        fixed = scaled(fixed, math.sqrt(tensor.miscount(fixed)))  # for fans that Keras counts otherwise than they are
    shortest = InitializerSpec.of(fixed.name, fixed.values)
    return Fix("initializer", tensor.layer, tensor.name, checks, tensor.declared, str(shortest))


class FixedModel:
    """A clone of a model in which only what the fixes name is drawn anew.

    Args:
        opened: as it stands, which is left as it is.
        fixes: what to fix.

    Raises:
        Refusal: the model can't be built again.
    """

    def __init__(self, opened: OpenedModel, fixes: Sequence[Fix]) -> None:
        self.fixes = tuple(fixes)
        self.opened = clone_of(opened, fixes)
        self._source = opened.model
        self._drawn = list(_paired(opened.tensors, self.opened.tensors, fixes))

    def draw(self, seed: int) -> None:
        """Begin anew: the model's own weights, those at fault drawn by this seed, each by a stream of its own."""
        copy_weights(self._source, self.opened.model)
        for index, (fix, of_source, of_clone) in enumerate(self._drawn):
            own_seed = int(np.random.default_rng([seed, index]).integers(2**31))
            of_clone.variable.assign(_values(fix, of_source, of_clone, own_seed))
        self.opened = OpenedModel(self.opened.model, self.opened.name)  # whose layers declare now what was drawn


def _paired(
    sources: Sequence[Tensor], clones: Sequence[Tensor], fixes: Sequence[Fix]
) -> Iterator[tuple[Fix, Tensor, Tensor]]:
    by_path = {fix.path: fix for fix in fixes if fix.tensor}
    for of_source, of_clone in zip(sources, clones, strict=True):
        if fix := by_path.get(of_source.path):
            yield fix, of_source, of_clone


def _values(fix: Fix, of_source: Tensor, of_clone: Tensor, seed: int) -> NDArray[Any]:
    """The tensor drawn anew; its layer declares then what it was drawn by."""
    layer: Any = of_clone.owner
    spec = spec_of_fix(fix, of_source)
    if hasattr(layer, of_clone.argument):
        setattr(layer, of_clone.argument, keras_initializer(spec, seed))
    if fix.kind == "forget_bias":
        layer.unit_forget_bias = True
    return fixed_values(fix, of_clone, spec, seed)


def fixed_values(fix: Fix, tensor: Tensor, spec: InitializerSpec, seed: int) -> NDArray[Any]:
    """The numbers of a tensor as a fix draws it, by this initializer, in its shape."""
    values = np.array(drawn_by(spec, tensor.dims, tensor.fans, seed))
    layer: Any = tensor.owner
    if isinstance(layer, keras.layers.LSTMCell) and tensor.name == "bias":
        opened = fix.kind == "forget_bias" or layer.unit_forget_bias
        values[layer.units : 2 * layer.units] = float(opened)
    return values


def spec_of_fix(fix: Fix, tensor: Tensor) -> InitializerSpec:
    """What a fix of this tensor draws by; of a bias whose forget gate is opened that is its own."""
    return InitializerSpec.parse(fix.fixed) if fix.kind == "initializer" else tensor.spec or ZEROS
