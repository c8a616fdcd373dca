"""The check of seeds: whether every model that a function builds begins with the same numbers."""

from __future__ import annotations

from dataclasses import dataclass

from initterm.engine.audit.audited_tensor import AuditedTensor, CheckOfTensors
from initterm.engine.models.recording import RepeatKind
from initterm.experiments.audit.events import Finding, Severity

ANEW = 'the initializer\'s name, such as "he_normal", or initializer.clone(), where the layer is made or drawn again'
"""What draws other numbers each time, whatever the tensor."""


@dataclass(frozen=True)
class RepeatWords:
    """How grave it is that a tensor is the same each time, what shows it, and what it means."""

    severity: Severity
    evidence: str
    why: str


SAID: dict[RepeatKind, RepeatWords] = {
    "kept": RepeatWords(
        "warning",
        "built again they were the same, and no seed is written down",
        "A Keras initializer keeps the seed that it was made with, also one that it chose itself. Made once, at import "
        "or for a model that is only reset, it draws the same each time: runs that should differ by chance are alike.",
    ),
    "written": RepeatWords(
        "note",
        "a seed is written down",
        "So a run can be repeated; runs with several seeds begin alike, and differ in their batches only.",
    ),
    "set": RepeatWords(
        "note",
        "built again they were the same: the function sets the seed itself",
        "So a run can be repeated; a loop over seeds around the function changes nothing in these numbers.",
    ),
}
"""By why they are the same."""


def frozen_seed(audited: AuditedTensor) -> Finding | None:
    """A random tensor that is the same in every model that the function builds."""
    if audited.tensor.repeat is None:
        return None
    said, what = SAID[audited.tensor.repeat], "every model that is built begins with the same numbers"
    return audited.found("frozen_seed", said.severity, what, said.evidence, said.why, ANEW)


SEED_CHECKS = (CheckOfTensors(frozen_seed),)
