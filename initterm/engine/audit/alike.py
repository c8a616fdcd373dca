"""Findings of which the same is said, as one finding."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator

import msgspec

from initterm.experiments.audit.events import Finding

DECLARED = ("identical", "fan_convention", "bias_fan", "selu_without_lecun", "unusual_scale", "unusual_shift")
"""Checks of what layers declare, which is told once however many declare it."""


def told_once(findings: Iterable[Finding]) -> Iterator[Finding]:
    """Findings in their order, those that are alike as one where the first of them stands.

    Errors and warnings are alike where all their words are the same. Notes are where they say the same of why, and so
    is what layers declare: their figures are those of the first.
    """
    groups: dict[Hashable, list[Finding]] = {}
    for finding in findings:
        groups.setdefault(_sameness(finding), []).append(finding)
    return (alike[0] if len(alike) == 1 else _one_of(alike) for alike in groups.values())


def _sameness(finding: Finding) -> Hashable:
    about = (finding.check, finding.severity, bool(finding.tensor), finding.why)
    if finding.severity == "note" or finding.check in DECLARED:
        return about
    return (*about, finding.what, finding.evidence, finding.fix, finding.initializer)


def _one_of(alike: list[Finding]) -> Finding:
    first = alike[0]
    paths = [path for one in alike for path in one.paths][1:]
    initializers = tuple(one.initializer_of(path) for one in alike for path in one.paths)[1:]
    differ = any(initializer != first.initializer for initializer in initializers)
    lines = list(dict.fromkeys(one.fix for one in alike))
    fix = first.fix if len(lines) == 1 else f"{first.fix}, and the others each by its own"
    mends = initializers if differ else ()
    what = first.what if len({one.what for one in alike}) == 1 else f"{first.what}; others likewise"
    return msgspec.structs.replace(first, what=what, others=tuple(paths), mends=mends, fix=fix)
