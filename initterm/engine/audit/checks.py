"""What makes a finding of a tensor: a table of checks, each a function of one tensor and what stands around it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from initterm.engine.audit.declaration_checks import fan_convention, selu_without_lecun, unsuited
from initterm.engine.audit.subject import Subject
from initterm.engine.audit.value_checks import all_equal, forget_bias, not_finite, off_law, outliers
from initterm.experiments.audit.events import Finding

TensorCheck = Callable[[Subject], Finding | None]


@dataclass(frozen=True)
class CheckOfTensors:
    """A check and whether it says anything about weights that were trained."""

    check: TensorCheck
    of_trained: bool = False


TENSOR_CHECKS = (
    CheckOfTensors(not_finite, of_trained=True),
    CheckOfTensors(all_equal),
    CheckOfTensors(outliers),
    CheckOfTensors(off_law),
    CheckOfTensors(fan_convention, of_trained=True),
    CheckOfTensors(unsuited, of_trained=True),
    CheckOfTensors(selu_without_lecun, of_trained=True),
    CheckOfTensors(forget_bias),
)


def tensor_findings(subject: Subject, trained: bool) -> Iterator[Finding]:
    """What the checks find of a tensor; of trained weights only what doesn't depend on their values."""
    for row in TENSOR_CHECKS:
        if row.of_trained or not trained:
            finding = row.check(subject)
            if finding:
                yield finding
