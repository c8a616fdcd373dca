"""Checks of what a normalization multiplies with and adds: a gamma of about 1, and a beta of about 0."""

from __future__ import annotations

import math

from initterm.engine.audit.audited_tensor import AuditedTensor, CheckOfTensors
from initterm.engine.models.graph import NORMALIZATIONS
from initterm.experiments.audit.events import Finding, Severity
from initterm.theory.law import Law
from initterm.theory.numbers import short

USUAL = (0.5, 2.0)
"""Of a gamma, rms."""

SPREAD = 0.5
"""The std of a gamma by its mean from which on some of its channels are nearly shut, or turned."""

SHIFTED, FAR_SHIFTED = 0.5, 1.0
"""From this rms on a beta is a note; over the other, where it is larger than the signal itself, a warning."""


def unusual_scale(audited: AuditedTensor) -> Finding | None:
    """A normalization whose gamma is declared to begin far from 1; zeros are meant so."""
    law = audited.law if audited.told.role == "scale" and _is_normalization(audited) else None
    if law is None or not (size := _rms(law)):
        return None
    if USUAL[0] <= size <= USUAL[1] and law.std < SPREAD * abs(law.mean):
        return None
    severity: Severity = "note" if audited.around.is_branch else "warning"
    turned = " and turns half of its channels" if law.std > abs(law.mean) else ""
    return audited.found(
        "unusual_scale",
        severity,
        f"{audited.told.declared} makes gamma {short(size)} instead of 1",
        f"gamma has mean {short(law.mean)} and std {short(law.std)}, so that the layer puts out a std of "
        f"{short(size)}{turned}",
        "What was brought to a std of 1 leaves the layer with gamma's: that undoes what the normalization is for.",
        audited.declare('"ones"'),
        "ones" if severity == "warning" else "",
    )


def unusual_shift(audited: AuditedTensor) -> Finding | None:
    """A normalization whose beta is declared to begin far from 0."""
    law = audited.law if audited.told.tensor == "beta" and _is_normalization(audited) else None
    if law is None or (size := _rms(law)) < SHIFTED:
        return None
    severity: Severity = "warning" if size > FAR_SHIFTED else "note"
    return audited.found(
        "unusual_shift",
        severity,
        f"{audited.told.declared} makes beta {short(size)} instead of 0",
        f"beta has mean {short(law.mean)} and std {short(law.std)}, beside a signal that is brought to a std of 1",
        "It shifts every input of a unit alike: activations saturate, or are always on or off.",
        audited.declare('"zeros"'),
        "zeros" if severity == "warning" else "",
    )


def _is_normalization(audited: AuditedTensor) -> bool:
    return isinstance(audited.tensor.owner, NORMALIZATIONS)


def _rms(law: Law) -> float:
    return math.hypot(law.mean, law.std)


NORMALIZATION_CHECKS = (
    CheckOfTensors(unusual_scale),
    CheckOfTensors(unusual_shift),
)
