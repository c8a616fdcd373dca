"""What is found of a tensor by the checks of its values and of its layer's declarations."""

from __future__ import annotations

from collections.abc import Iterator

from initterm.engine.audit.audited_tensor import AuditedTensor
from initterm.engine.audit.declaration_checks import DECLARATION_CHECKS
from initterm.engine.audit.value_checks import VALUE_CHECKS
from initterm.experiments.audit.events import Finding


def tensor_findings(audited: AuditedTensor, trained: bool) -> Iterator[Finding]:
    """What the checks find of a tensor; of trained weights only what doesn't depend on their values."""
    for row in (*VALUE_CHECKS, *DECLARATION_CHECKS):
        if row.of_trained or not trained:
            finding = row.check(audited)
            if finding:
                yield finding
