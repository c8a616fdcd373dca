"""Checks of what a tensor's values are: finite, spread, independent draws of their law, and a gate open."""

from __future__ import annotations

import math

import numpy as np

from initterm.engine.audit.audited_tensor import MULTIPLIED, NOTHING_TO_MEND, AuditedTensor, CheckOfTensors
from initterm.engine.audit.constants import meaning_of_equal, meaning_of_zeros
from initterm.engine.models.tensors import FORGETTING
from initterm.experiments.audit.events import Finding, TensorAudited
from initterm.theory.law import Law
from initterm.theory.numbers import grouped, p_words, percent, plain, short

FALSE_ALARMS = 1e-6
"""How often a sound model may raise an alarm by chance, all its tensors' tests together (Bonferroni)."""

FAR_OUT = 1.5
"""A weight that many times beyond where its law ends is an outlier."""

FARTHEST_OF_ANY = 20.0
"""Where no law is declared: a weight that many std from the mean is an outlier."""

FEW = 0.01
"""The share of weights beyond the law's end up to which they are outliers, and not another law."""

ROUNDED = frozenset({"rounding", "repeated values"})
"""The checks of a fit that refuse what was rounded, and nothing else."""

MOST_MISFITS = 2
"""How many misfits are told, the plainest ones."""

FORGET_BIAS = 0.5
"""A forget gate's mean bias under this leaves the gate about half shut; Keras's unit_forget_bias gives 1."""


def not_finite(audited: AuditedTensor) -> Finding | None:
    """NaN and infinities."""
    count = audited.told.not_finite
    if not count:
        return None
    kind = "NaN" if np.isnan(audited.values).any() else "infinite"
    return audited.found(
        "not_finite",
        "error",
        f"{grouped(count)} of {grouped(audited.told.count)} weights are {kind}",
        f"the first at index {int(np.flatnonzero(~np.isfinite(audited.values))[0])}",
        "One such number makes every output that it reaches, and then every gradient, NaN.",
        audited.draw_again,
        audited.drawn_by,
    )


def all_equal(audited: AuditedTensor) -> Finding | None:
    """A kernel whose weights are all the same, zero or not; a note of what it does where that is meant."""
    told = audited.told
    if told.role not in MULTIPLIED or told.count < 2 or told.not_finite or told.low != told.high:
        return None
    zero = told.low == 0
    check, what = ("all_zero", "all weights are 0") if zero else ("all_equal", f"all weights are {plain(told.low)}")
    evidence = f"{grouped(told.count)} weights, declared {told.declared or 'nowhere'}"
    if meant := meaning_of_zeros(audited) if zero else meaning_of_equal(audited):
        return audited.found(check, "note", what, evidence, meant, NOTHING_TO_MEND)
    return audited.found(
        check,
        "warning" if zero and audited.around.is_output else "error",
        what,
        evidence,
        "Nothing passes, forward or back." if zero else "All units compute the same and get the same gradient.",
        audited.declare(audited.suited.keras_expression),
        str(audited.suited),
    )


def outliers(audited: AuditedTensor) -> Finding | None:
    """A few weights far beyond where the declared law ends."""
    told, law = audited.told, audited.law
    if told.role not in MULTIPLIED or told.std in (None, 0) or told.mean is None:
        return None
    if law and not law.atoms:
        centre, end = law.mean, _end_of(law, told.count)
    else:
        centre, end = told.mean, FARTHEST_OF_ANY * float(told.std or 0.0) / FAR_OUT
    if not told.not_finite and _all_within(told, centre, FAR_OUT * end):
        return None
    distance = np.abs(audited.values.astype(np.float64) - centre)
    beyond = int((distance > FAR_OUT * end).sum())
    if not beyond or beyond > FEW * told.count:
        return None
    farthest = float(distance[np.isfinite(distance)].max())
    sigma = law.std if law and law.std else float(told.std or 1.0)
    return audited.found(
        "outliers",
        "error",
        f"{grouped(beyond)} of {grouped(told.count)} weights lie far outside",
        f"the farthest is {short(farthest / sigma)} σ from the mean, where {short(end / sigma)} σ is the end",
        "One such weight outshouts all others of its unit, and its gradient does the same.",
        audited.draw_again,
        audited.drawn_by,
    )


def _all_within(told: TensorAudited, centre: float, distance: float) -> bool:
    """Whether the least and the largest weight, and so all, are so near to the centre."""
    return told.low is not None and told.high is not None and max(told.high - centre, centre - told.low) <= distance


def _end_of(law: Law, count: int) -> float:
    """Where a law ends: its limit, or where a sample this large reaches once in ``FALSE_ALARMS``."""
    if math.isfinite(law.high):
        return law.high - law.mean
    return law.std * math.sqrt(2 * math.log(2 * count / FALSE_ALARMS))


def off_law(audited: AuditedTensor) -> Finding | None:
    """Weights whose distribution isn't that of the declared initializer, or that aren't orthogonal where it is."""
    told, law = audited.told, audited.law
    if law is None or not _refused(audited, told.p_distribution) or outliers(audited):
        return None
    factor = (told.std or 0.0) / law.std
    return audited.found(
        "off_law",
        "error",
        f"the weights aren't what {told.declared} draws",
        f"std {short(told.std, 4)} (95% {short(told.std_low, 4)} to {short(told.std_high, 4)}), "
        f"declared {short(law.std, 4)}: {short(factor)} times; {p_words(told.p_distribution or 0.0)}",
        "Something scaled, replaced or loaded over these weights, or drew them by another law.",
        audited.draw_again,
        audited.drawn_by,
    )


def _refused(audited: AuditedTensor, p_value: float | None) -> bool:
    """Whether a sound model has such a p-value at none of its tensors."""
    return p_value is not None and p_value < FALSE_ALARMS / max(1, audited.tests)


def _otherwise_off(audited: AuditedTensor) -> bool:
    """Whether the fit is refused though each weight by itself may be what is declared."""
    told = audited.told
    alone = _refused(audited, told.p_value) and not _refused(audited, told.p_distribution)
    return alone and not outliers(audited)


def _only_rounded(audited: AuditedTensor) -> bool:
    """Whether rounding alone explains that the fit is refused."""
    up_to_rounding = audited.told.p_up_to_rounding
    if up_to_rounding is not None:
        return not _refused(audited, up_to_rounding)
    return ROUNDED.issuperset(audited.told.refused_by)


def dependent(audited: AuditedTensor) -> Finding | None:
    """Weights of the declared distribution that aren't independent draws of it."""
    told = audited.told
    if not _otherwise_off(audited) or _only_rounded(audited):
        return None
    return audited.found(
        "dependent",
        "error",
        f"the weights aren't independent draws of {told.declared}",
        f"{'; '.join(told.misfits[:MOST_MISFITS])}; {p_words(told.p_value or 0.0)}",
        "Their distribution is right, but something copied, sorted, replaced or shaped them after they were drawn.",
        audited.draw_again,
        audited.drawn_by,
    )


def rounded(audited: AuditedTensor) -> Finding | None:
    """Weights of the declared law on a grid that is coarser than their type's."""
    told = audited.told
    if not _otherwise_off(audited) or not _only_rounded(audited):
        return None
    return audited.found(
        "rounded",
        "warning",
        "the weights are on a coarser grid than their type",
        f"{told.misfits[0]}, and kept in {audited.tensor.dtype}",
        "They were saved, cast or quantized in a smaller type, and what that rounded away isn't drawn any more.",
        audited.draw_again,
        audited.drawn_by,
    )


def forget_bias(audited: AuditedTensor) -> Finding | None:
    """An LSTM whose forget gate doesn't begin open."""
    if audited.told.tensor != "bias" or not isinstance(audited.tensor.owner, FORGETTING):
        return None
    mean = float(np.split(audited.values, audited.tensor.gates)[1].mean())
    if not mean < FORGET_BIAS:
        return None
    return audited.found(
        "forget_bias",
        "warning",
        "the forget gate begins half shut",
        f"its mean bias is {short(mean)}, so it keeps {percent(1 / (1 + math.exp(-mean)))} of the state a step",
        "What is forgotten at the start sends no gradient back over many steps (Jozefowicz et al. 2015).",
        "unit_forget_bias=True",
    )


VALUE_CHECKS = (
    CheckOfTensors(not_finite, of_trained=True),
    CheckOfTensors(all_equal, of_frozen=False),
    CheckOfTensors(outliers, of_frozen=False),
    CheckOfTensors(off_law, of_frozen=False),
    CheckOfTensors(dependent, of_frozen=False),
    CheckOfTensors(rounded, of_frozen=False),
    CheckOfTensors(forget_bias),
)
