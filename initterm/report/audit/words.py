"""An audit in words: findings told apart or together, where they are, what they come to, and numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from initterm.experiments.audit.board import AuditBoard
from initterm.experiments.audit.events import SEVERITIES, Finding, Severity, TensorAudited
from initterm.theory.numbers import amount

STYLES = {"error": "bold red", "warning": "yellow", "note": "dim"}
MARKS = {"error": "✗", "warning": "!", "note": "·", "ok": "✓"}

MOST_ALIKE: dict[Severity, int] = {"error": 5, "warning": 3, "note": 1}
"""Findings of one kind that are told in full."""


@dataclass(frozen=True)
class Alike:
    """Findings of one kind that aren't told one by one."""

    findings: tuple[Finding, ...]

    @property
    def words(self) -> str:
        """How many they are, and where."""
        return f"{len(self.findings)} more of this kind: {', '.join(map(place, self.findings))}."


def told_apart(findings: Sequence[Finding]) -> Iterator[Finding | Alike]:
    """Those of one check and severity after one another, the first ones each by itself, the others together."""
    kinds: dict[tuple[str, Severity], list[Finding]] = {}
    for finding in findings:
        kinds.setdefault((finding.check, finding.severity), []).append(finding)
    for (_, severity), alike in kinds.items():
        most = MOST_ALIKE[severity]
        yield from alike[:most]
        if rest := alike[most:]:
            yield Alike(tuple(rest))


def place(finding: Finding) -> str:
    """Layer and tensor, as far as the finding is about them."""
    return "/".join(filter(None, (finding.layer, finding.tensor)))


def summary(board: AuditBoard) -> str:
    """How many findings of each severity: ``2 errors, 1 warning.``"""
    said = counted(board.findings)
    return f"{said}." if said else "Nothing found: the initialization is what the model declares."


def counted(findings: Sequence[Finding]) -> str:
    """``2 errors, 1 warning``; empty where there are none."""
    counts = {severity: sum(one.severity == severity for one in findings) for severity in SEVERITIES}
    return ", ".join(f"{count} {severity}{'s' * (count > 1)}" for severity, count in counts.items() if count)


def fans_text(tensor: TensorAudited) -> str:
    """The fan_in that Keras counts, and what one output really sums over where that is another number."""
    counted, real = amount(tensor.fan_in), amount(tensor.sums_over)
    return counted if counted == real else f"{counted} → {real}"
