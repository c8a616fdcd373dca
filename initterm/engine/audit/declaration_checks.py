"""Checks of what a layer declares: fans that aren't what an output sums over, and laws that don't suit what follows."""

from __future__ import annotations

import math

from initterm.engine.audit.audited_tensor import MULTIPLIED, SUITABLE, AuditedTensor, CheckOfTensors, Suited
from initterm.engine.models.tensors import GATES
from initterm.experiments.audit.events import Finding, Severity
from initterm.theory.initializers import InitializerSpec
from initterm.theory.numbers import amount, grouped, short
from initterm.theory.propagation import Arrival, Chain, predict

FAR_OFF, OFF = 1.98, 1.5
"""A std so many times too large or small is an error, or a warning: twice but for rounding, and half as much again."""

SUITED = 1.3
"""A layer's gain within this factor of the guide's suits: a tenth of the variance is left after 4 layers off by it."""

INNER = ("depthwise_kernel", "recurrent_kernel")
"""Tensors inside a layer, whose sums meet no activation."""

CELLS = tuple(cell for cell, gates in GATES.items() if gates > 1)

ELSEWHERE = ("softmax", "selu")
"""Activations that ``unsuited`` leaves alone: one belongs on the output, the other has a check of its own."""

SUCH_LAYERS = 10
WIDTH = 256
"""Of the layers that theory is asked about, for which it is the same at any width."""


def fan_convention(audited: AuditedTensor) -> Finding | None:
    """Fans that aren't what one output sums over, so that the initializer's promise isn't kept."""
    told, spec = audited.told, audited.tensor.spec
    if spec is None or spec.scaling is None or not told.std_expected or not told.std_correct or told.sums_over is None:
        return None
    factor = told.std_expected / told.std_correct
    apart = max(factor, 1 / factor)
    if apart < OFF:
        return None
    fixed = _fixed(spec.scaling, audited.tensor.miscount(spec))
    counted = f"Keras counts fan_in {grouped(told.fan_in)}, fan_out {grouped(told.fan_out)}"
    return audited.found(
        "fan_convention",
        _fan_severity(audited, apart),
        f"{told.declared} comes out {short(apart)} times too {'large' if factor > 1 else 'small'}",
        f"{counted}; one output sums over {amount(told.sums_over)}, one input feeds {amount(told.feeds)}: "
        f"std {short(told.std_expected, 4)} instead of {short(told.std_correct, 4)}",
        "The signal's variance changes by the square of that at this layer." + _softened(audited),
        audited.declare(fixed),
        str(InitializerSpec.parse(fixed)),
    )


def _fan_severity(audited: AuditedTensor, apart: float) -> Severity:
    if audited.around.normalized or isinstance(audited.tensor.owner, CELLS):
        return "note"
    return "error" if apart >= FAR_OFF else "warning"


def _fixed(scaling: tuple[float, str, str], miscount: float) -> str:
    """A variance scaling whose scale makes up for the fans that Keras counts."""
    scale, mode, distribution = scaling
    arguments = f"scale={short(scale * miscount, 4)}, mode={mode!r}, distribution={distribution!r}"
    return f"keras.initializers.VarianceScaling({arguments})"


def unsuited(audited: AuditedTensor) -> Finding | None:
    """An initializer that doesn't suit the activation that follows, by the guide."""
    told, around = audited.told, audited.around
    suited = _suited_to(audited)
    if suited is None or fan_convention(audited):
        return None
    scale = _declared_scale(audited)
    factor = math.sqrt(scale / suited.scale)
    if 1 / SUITED <= factor <= SUITED:
        return None
    return audited.found(
        "unsuited",
        "note" if around.normalized else "warning",
        f"{told.declared or 'the initializer'} doesn't suit {around.activation}",
        f"its scale is {short(scale)}, where the guide's {suited.initializer} has {short(suited.scale)}: "
        f"{short(factor)} times its std at each such layer",
        _ten_layers(around.activation, scale) + _softened(audited),
        audited.declare(suited.initializer.keras_expression),
        str(suited.initializer),
    )


def _suited_to(audited: AuditedTensor) -> Suited | None:
    """What suits a tensor that makes the sums which an activation is applied to; None of any other."""
    told, around = audited.told, audited.around
    sums = told.role in MULTIPLIED and told.tensor not in INNER and not isinstance(audited.tensor.owner, CELLS)
    judged = sums and told.sums_over and audited.std and not around.is_output and not around.is_gate
    return SUITABLE.get(around.activation) if judged and around.activation not in ELSEWHERE else None


def _declared_scale(audited: AuditedTensor) -> float:
    """σ²·n, with the real fan n of the mode that is declared; fan_in where none is. 0 of what sums over nothing."""
    spec, sums = audited.tensor.spec, audited.tensor.sums
    mode = spec.scaling[1] if spec and spec.scaling else "fan_in"
    return float(audited.std or 0.0) ** 2 * sums.by_mode(mode) if sums else 0.0


def _ten_layers(activation: str, scale: float) -> str:
    """What theory says that ten layers of equal width leave of signal and gradient, with weights of this scale."""
    drawn = InitializerSpec.of("variance_scaling", {"scale": scale, "distribution": "untruncated_normal"})
    chain = Chain((WIDTH,) * (SUCH_LAYERS + 1), activation)
    (predicted,) = predict(chain, [drawn], Arrival(WIDTH))
    if predicted.silent or predicted.gradient_silent:
        return "What suits is what keeps signals and gradients at their size."
    signal = predicted.preactivation_std[-1] / predicted.preactivation_std[0]
    gradient = predicted.gradient_std(SUCH_LAYERS + 1)[0]
    left = f"{short(signal, 2)} of the signal and {short(gradient, 2)} of the gradient"
    return f"By theory {SUCH_LAYERS} such layers leave {left}."


def selu_without_lecun(audited: AuditedTensor) -> Finding | None:
    """SELU on weights whose variance isn't 1/fan_in."""
    told = audited.told
    if audited.around.activation != "selu" or told.role not in MULTIPLIED or not told.sums_over or not audited.std:
        return None
    if 0.9 <= math.sqrt(audited.scale) <= 1.1 or fan_convention(audited):
        return None
    return audited.found(
        "selu_without_lecun",
        "warning",
        f"SELU on {told.declared or 'weights'} doesn't normalize itself",
        f"fan_in·σ² = {short(audited.scale)}, where SELU's fixed point needs 1",
        "Mean 0 and variance 1 are SELU's fixed point for weights of variance 1/fan_in alone (Klambauer et al. 2017).",
        audited.declare('"lecun_normal"'),
        "lecun_normal",
    )


def _softened(audited: AuditedTensor) -> str:
    return " The normalization beside it makes up for the signal." if audited.around.normalized else ""


DECLARATION_CHECKS = (
    CheckOfTensors(fan_convention, of_trained=True),
    CheckOfTensors(unsuited, of_trained=True),
    CheckOfTensors(selu_without_lecun, of_trained=True),
)
