"""Checks of what a layer declares: fans that aren't what an output sums over, and SELU without its initializer."""

from __future__ import annotations

import math

from initterm.engine.audit.audited_tensor import CELLS, MULTIPLIED, AuditedTensor, CheckOfTensors
from initterm.experiments.audit.events import Finding, Severity
from initterm.theory.initializers import InitializerSpec
from initterm.theory.numbers import amount, grouped, short

FAR_OFF, OFF = 1.98, 1.5
"""A std so many times too large or small is an error, or a warning: twice but for rounding, and half as much again."""

SUITED = 1.3
"""A layer's gain within this factor of the guide's suits: a tenth of the variance is left after 4 layers off by it."""


def fan_convention(audited: AuditedTensor) -> Finding | None:
    """Fans that aren't what one output sums over, so that the initializer's promise isn't kept."""
    told, spec = audited.told, audited.tensor.spec
    if spec is None or spec.scaling is None or not told.std_expected or not told.std_correct or told.sums_over is None:
        return None
    factor = told.std_expected / told.std_correct
    apart = max(factor, 1 / factor)
    if apart < OFF or (spec.name == "variance_scaling" and _suits(audited, told.std_expected)):
        return None
    fixed = _fixed(audited, spec)
    counted = f"Keras counts fan_in {grouped(told.fan_in)}, fan_out {grouped(told.fan_out)}"
    return audited.found(
        "fan_convention",
        _fan_severity(audited, apart),
        f"{told.declared} comes out {short(apart)} times too {'large' if factor > 1 else 'small'}",
        f"{counted}; one output sums over {amount(told.sums_over)}, one input feeds {amount(told.feeds)}: "
        f"std {short(told.std_expected, 4)} instead of {short(told.std_correct, 4)}",
        "The signal's variance changes by the square of that at this layer." + _softened(audited),
        audited.declare(fixed.keras_expression),
        str(fixed),
    )


def _fan_severity(audited: AuditedTensor, apart: float) -> Severity:
    if audited.around.normalized or isinstance(audited.tensor.owner, CELLS):
        return "note"
    return "error" if apart >= FAR_OFF else "warning"


def _fixed(audited: AuditedTensor, spec: InitializerSpec) -> InitializerSpec:
    """What keeps the declared promise with the real fans; what suits what follows where that promise doesn't."""
    unknown = audited.misfit(audited.told.std_correct) is None
    return audited.for_real_fans(spec) if unknown or _suits(audited, audited.told.std_correct) else audited.suited


def _suits(audited: AuditedTensor, std: float | None) -> bool:
    """Whether a std is known to suit the activation that follows."""
    misfit = audited.misfit(std)
    return misfit is not None and 1 / SUITED <= misfit <= SUITED


def selu_without_lecun(audited: AuditedTensor) -> Finding | None:
    """SELU on weights whose variance isn't 1/fan_in."""
    told = audited.told
    if audited.around.activation != "selu" or told.role not in MULTIPLIED or not told.sums_over or not audited.std:
        return None
    if audited.frozen or 0.9 <= math.sqrt(audited.scale) <= 1.1 or fan_convention(audited):
        return None
    return audited.found(
        "selu_without_lecun",
        "warning",
        f"SELU on {told.declared or 'weights'} doesn't normalize itself",
        f"fan_in·σ² = {short(audited.scale)}, where SELU's fixed point needs 1",
        "Mean 0 and variance 1 are SELU's fixed point for weights of variance 1/fan_in alone (Klambauer et al. 2017).",
        audited.declare(audited.suited.keras_expression),
        str(audited.suited),
    )


def _softened(audited: AuditedTensor) -> str:
    return " The normalization beside it makes up for the signal." if audited.around.normalized else ""


DECLARATION_CHECKS = (
    CheckOfTensors(fan_convention, of_trained=True),
    CheckOfTensors(selu_without_lecun, of_trained=True),
)
