"""What an audit's findings ask to fix: tensors to draw otherwise, and dropouts to replace."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from initterm.engine.models.tensors import Tensor
from initterm.experiments.audit.events import Finding, Fix


def fixes_of(tensors: Sequence[Tensor], findings: Sequence[Finding]) -> tuple[Fix, ...]:
    """A fix for each tensor with findings that a draw fixes, in the tensors' order, then for each dropout."""
    of_tensors = (
        _fix(tensor, about) for tensor in tensors if (about := [one for one in findings if _fixes(one, tensor)])
    )
    dropouts = (
        Fix("alpha_dropout", layer, "", (one.check,), "Dropout", "AlphaDropout")
        for one in findings
        if one.check == "selu_dropout"
        for layer in one.paths
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
    if finding.tensor:
        draws = finding.check == "forget_bias" or finding.initializer_of(tensor.path)
        return tensor.path in finding.paths and bool(draws)
    asks = finding.initializer and finding.severity != "note" and finding.initializer != tensor.declared
    return bool(asks) and tensor.layer in finding.paths and tensor.name == "kernel"


def _fix(tensor: Tensor, findings: Sequence[Finding]) -> Fix:
    checks = tuple(finding.check for finding in findings)
    if "forget_bias" in checks:
        return Fix("forget_bias", tensor.layer, tensor.name, checks, tensor.declared, "unit_forget_bias=True")
    wanted = [finding.initializer_of(tensor.path) for finding in findings if finding.initializer_of(tensor.path)]
    fixed = next((one for one in wanted if one != tensor.declared), wanted[0])
    return Fix("initializer", tensor.layer, tensor.name, checks, tensor.declared, fixed)
