"""What makes a finding of a tensor: a table of checks, each a function of one tensor and what stands around it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from initterm.engine.audit_events import Finding, Severity, TensorAudited
from initterm.engine.runtime import keras
from initterm.engine.subjects import MULTIPLIED, Subject
from initterm.theory.activations import ACTIVATIONS
from initterm.theory.guide import ROWS
from initterm.theory.initializers import InitializerSpec
from initterm.theory.laws import Law

FALSE_ALARMS = 0.0001
"""How often a sound model may raise an alarm by chance, all its tensors' tests together (Bonferroni)."""

FAR_OFF, OFF = 1.98, 1.5
"""A std so many times too large or small is an error, or a warning: twice but for rounding, and half as much again."""

SUITED = 1.3
"""A layer's gain within this factor of the guide's suits: a tenth of the variance is left after 4 layers off by it."""

FAR_OUT = 1.5
"""A weight that many times beyond where its law ends is an outlier."""

FARTHEST_OF_ANY = 20.0
"""Where no law is declared: a weight that many std from the mean is an outlier."""

FEW = 0.01
"""The share of weights beyond the law's end up to which they are outliers, and not another law."""

FORGET_BIAS = 0.5
"""A forget gate's mean bias under this leaves the gate about half shut; Keras's unit_forget_bias gives 1."""

INNER = ("depthwise_kernel", "recurrent_kernel")
"""Tensors inside a layer, whose sums meet no activation."""

CELLS = (keras.layers.LSTMCell, keras.layers.GRUCell)


TensorCheck = Callable[[Subject], Finding | None]


def not_finite(subject: Subject) -> Finding | None:
    """NaN and infinities."""
    count = subject.told.not_finite
    if not count:
        return None
    kind = "NaN" if np.isnan(subject.values).any() else "infinite"
    return subject.found(
        "not_finite",
        "error",
        f"{count:,} of {subject.told.count:,} weights are {kind}",
        f"the first at index {int(np.flatnonzero(~np.isfinite(subject.values))[0])}",
        "One such number makes every output that it reaches, and then every gradient, NaN.",
        subject.draw_again,
    )


def all_equal(subject: Subject) -> Finding | None:
    """A kernel whose weights are all the same, zero or not."""
    told = subject.told
    if told.role not in MULTIPLIED or told.count < 2 or told.not_finite or told.low != told.high:
        return None
    zero = told.low == 0
    return subject.found(
        "all_zero" if zero else "all_equal",
        "warning" if zero and subject.around.is_output else "error",
        "all weights are 0" if zero else f"all weights are {told.low:g}",
        f"{told.count:,} weights, declared {told.declared or 'nowhere'}",
        "Nothing passes, forward or back." if zero else "All units compute the same and get the same gradient.",
        subject.declare('"he_normal"' if subject.around.activation in _HE else '"glorot_uniform"'),
    )


def outliers(subject: Subject) -> Finding | None:
    """A few weights far beyond where the declared law ends."""
    told, law = subject.told, subject.law
    if told.role not in MULTIPLIED or told.std in (None, 0) or told.mean is None:
        return None
    centre, end = (law.mean, _end_of(law, told.count)) if law and not law.atoms else (told.mean, _loose_end(told))
    distance = np.abs(subject.values.astype(np.float64) - centre)
    beyond = int((distance > FAR_OUT * end).sum())
    if not beyond or beyond > FEW * told.count:
        return None
    farthest = float(distance[np.isfinite(distance)].max())
    sigma = law.std if law and law.std else float(told.std or 1.0)
    return subject.found(
        "outliers",
        "error",
        f"{beyond:,} of {told.count:,} weights lie far outside",
        f"the farthest is {farthest / sigma:.3g} σ from the mean, where {end / sigma:.3g} σ is the end",
        "One such weight outshouts all others of its unit, and its gradient does the same.",
        subject.draw_again,
    )


def _end_of(law: Law, count: int) -> float:
    """Where a law ends: its limit, or where a sample this large reaches once in ``FALSE_ALARMS``."""
    if math.isfinite(law.high):
        return law.high - law.mean
    return law.std * math.sqrt(2 * math.log(2 * count / FALSE_ALARMS))


def _loose_end(told: TensorAudited) -> float:
    return FARTHEST_OF_ANY * float(told.std or 0.0) / FAR_OUT


def off_law(subject: Subject) -> Finding | None:
    """Weights that aren't what the declared initializer draws."""
    told, law = subject.told, subject.law
    if told.p_value is None or law is None or told.p_value >= FALSE_ALARMS / max(1, subject.tests):
        return None
    if outliers(subject):
        return None
    factor = (told.std or 0.0) / law.std
    severity: Severity = "error"
    return subject.found(
        "off_law",
        severity,
        f"the weights aren't what {told.declared} draws",
        f"std {told.std:.4g} (95% {told.std_low:.4g} to {told.std_high:.4g}), declared {law.std:.4g}: "
        f"{factor:.3g} times; p = {told.p_value:.1g}",
        "Something scaled, replaced or loaded over these weights, or drew them by another law.",
        subject.draw_again,
    )


def fan_convention(subject: Subject) -> Finding | None:
    """Fans that aren't what one output sums over, so that the initializer's promise isn't kept."""
    told = subject.told
    if not told.std_expected or not told.std_correct or told.sums_over is None:
        return None
    factor = told.std_expected / told.std_correct
    apart = max(factor, 1 / factor)
    if apart < OFF:
        return None
    counted = f"Keras counts fan_in {told.fan_in:,}, fan_out {told.fan_out:,}"
    return subject.found(
        "fan_convention",
        _fan_severity(subject, apart),
        f"{told.declared} comes out {_times(factor)}",
        f"{counted}; one output sums over {told.sums_over:,g}, one input feeds {told.feeds:,g}: "
        f"std {told.std_expected:.4g} instead of {told.std_correct:.4g}",
        "The signal's variance changes by the square of that at this layer." + _softened(subject),
        subject.declare(_mended(subject)),
    )


def _fan_severity(subject: Subject, apart: float) -> Severity:
    if subject.around.normalized or isinstance(subject.tensor.owner, CELLS):
        return "note"
    return "error" if apart >= FAR_OFF and subject.told.role != "embedding" else "warning"


def _mended(subject: Subject) -> str:
    """A variance scaling whose scale makes up for the fans that Keras counts."""
    spec, fans, sums = subject.tensor.spec, subject.tensor.fans, subject.tensor.sums
    assert spec is not None
    assert spec.scaling is not None
    assert fans is not None
    assert sums is not None
    scale, mode, distribution = spec.scaling
    counted, real = (
        {"fan_in": one.fan_in, "fan_out": one.fan_out, "fan_avg": (one.fan_in + one.fan_out) / 2}[mode]
        for one in (fans, sums)
    )
    return (
        f"keras.initializers.VarianceScaling(scale={scale * counted / real:.4g}, "
        f"mode={mode!r}, distribution={distribution!r})"
    )


RECTIFIERS = ("relu6", "silu", "mish", "hard_silu", "celu")
"""Activations without a row in the guide that are close to ReLU, GELU or ELU, and take He's."""

_BY_GUIDE = {row.activation.name: row.initializer for row in ROWS}
_HE = {name for name, spec in _BY_GUIDE.items() if spec.name == "he_normal"} | set(RECTIFIERS)
_LINEAR_AT_0 = ("tanh", "softsign", "hard_tanh", "sigmoid")


def _wanted_gain(activation: str) -> float | None:
    """The √(fan_in)·σ that suits: He's passes on the variance, Glorot's and LeCun's is 1; None where nobody says."""
    if activation in _HE:
        return ACTIVATIONS[activation].gain_forward
    return 1.0 if activation in _LINEAR_AT_0 else None


def unsuited(subject: Subject) -> Finding | None:
    """An initializer that doesn't suit the activation that follows, by the guide."""
    told, activation = subject.told, subject.around.activation
    wanted = _wanted_gain(activation)
    judged = told.role in MULTIPLIED and told.sums_over and not subject.around.is_output and told.tensor not in INNER
    if not judged or wanted is None or not subject.std or isinstance(subject.tensor.owner, CELLS):
        return None
    if fan_convention(subject) or (activation not in _HE and told.declared.startswith("glorot")):
        return None
    factor = subject.std * math.sqrt(float(told.sums_over or 1)) / wanted
    if 1 / SUITED <= factor <= SUITED:
        return None
    suited = _BY_GUIDE.get(activation, InitializerSpec("he_normal" if activation in _HE else "glorot_uniform"))
    return subject.found(
        "unsuited",
        "note" if subject.around.normalized else "warning",
        f"{told.declared or 'the initializer'} doesn't suit {activation}",
        f"each such layer multiplies the signal by {factor:.3g}; after ten, by {factor**10:.2g}",
        f"{activation} wants √(fan_in)·σ = {wanted:.3g}, here it is {factor * wanted:.3g}." + _softened(subject),
        subject.declare(suited.keras_expression),
    )


def selu_without_lecun(subject: Subject) -> Finding | None:
    """SELU on weights whose variance isn't 1/fan_in."""
    told = subject.told
    if subject.around.activation != "selu" or told.role not in MULTIPLIED or not told.sums_over or not subject.std:
        return None
    gain = subject.std * math.sqrt(told.sums_over)
    if 0.9 <= gain <= 1.1 or fan_convention(subject):
        return None
    return subject.found(
        "selu_without_lecun",
        "warning",
        f"SELU on {told.declared or 'weights'} doesn't normalize itself",
        f"fan_in·σ² = {gain**2:.3g}, where SELU's fixed point needs 1",
        "Mean 0 and variance 1 are SELU's fixed point for weights of variance 1/fan_in alone (Klambauer et al. 2017).",
        subject.declare('"lecun_normal"'),
    )


def forget_bias(subject: Subject) -> Finding | None:
    """An LSTM whose forget gate doesn't begin open."""
    cell = subject.tensor.owner
    if subject.told.tensor != "bias" or not isinstance(cell, keras.layers.LSTMCell):
        return None
    mean = float(subject.values[cell.units : 2 * cell.units].mean())
    if not mean < FORGET_BIAS:
        return None
    return subject.found(
        "forget_bias",
        "warning",
        "the forget gate begins half shut",
        f"its mean bias is {mean:.3g}, so it keeps {1 / (1 + math.exp(-mean)):.0%} of the state a step",
        "What is forgotten at the start sends no gradient back over many steps (Jozefowicz et al. 2015).",
        "unit_forget_bias=True",
    )


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


def _softened(subject: Subject) -> str:
    return " The normalization beside it makes up for the signal." if subject.around.normalized else ""


def _times(factor: float) -> str:
    return f"{factor:.3g} times too large" if factor > 1 else f"{1 / factor:.3g} times too small"
