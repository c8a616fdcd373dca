"""Checks of recurrent kernels: what a step makes of the state, and whether gates are what the whole kernel is."""

from __future__ import annotations

import math

from initterm.engine.audit.audited_tensor import AuditedTensor, CheckOfTensors
from initterm.engine.models.graph import activation_of
from initterm.experiments.audit.events import Finding
from initterm.theory.activations import ACTIVATIONS
from initterm.theory.numbers import amount, grouped, plain, short

BOUNDED, UNBOUNDED = (2.5, 4.0), (1.2, 2.0)
"""How much a step may multiply a state before that is a warning, and an error: where the activation saturates, and
where it doesn't. Under 2 a saturating cell forgets a small disturbance, over 2 it grows."""

STEEPEST = {"sigmoid": 1 / 4, "hard_sigmoid": 1 / 6}
"""The slope at 0 of saturating activations; of all others it is 1."""

SURE = 4.0
"""A mean that is so many standard errors from 0 isn't chance."""


def recurrent_growth(audited: AuditedTensor) -> Finding | None:
    """A recurrent kernel that makes states, or what disturbs them, grow with every step."""
    told = audited.told
    if told.role != "recurrent" or not told.sums_over or not audited.std or told.not_finite:
        return None
    kind = activation_of(audited.tensor.owner)
    row = ACTIVATIONS[kind].row if kind in ACTIVATIONS else None
    saturates = bool(row and row.saturates)
    growth = _growth(audited) * (STEEPEST.get(kind, 1.0) if saturates else 1.0)
    worrying, grave = BOUNDED if saturates else UNBOUNDED
    if growth <= worrying:
        return None
    return audited.found(
        "recurrent_growth",
        "error" if growth >= grave else "warning",
        f"{told.declared or 'the recurrent kernel'} makes the recurrence {'chaotic' if saturates else 'grow'}",
        f"each {'gate' if audited.tensor.gates > 1 else 'unit'} sums over {amount(told.sums_over)} of the state: "
        f"{short(growth)} times the state a step, where {plain(2 if saturates else 1)} is the most that holds",
        f"{kind} bounds the state, but whatever disturbs it, and its gradient, grows with each step back "
        "(Pascanu et al. 2013)."
        if saturates
        else f"Nothing bounds {kind or 'a linear state'}: what grows a little a step has grown a lot at the end of a "
        "sequence (Le et al. 2015).",
        audited.declare('"orthogonal"'),
        "orthogonal",
    )


def _growth(audited: AuditedTensor) -> float:
    """How many times its size a step makes a random state, by the kernel alone.

    A matrix of n² independent entries has eigenvalues up to σ√n (Girko 1984), and one of n·mean.
    """
    told, law = audited.told, audited.law
    summed, std = float(told.sums_over or 0.0), float(audited.std or 0.0)
    mean = abs(law.mean if law else told.mean or 0.0)
    certain = bool(law) or mean > SURE * std / math.sqrt(told.count)
    return max(std * math.sqrt(summed), mean * summed if certain else 0.0)


def gate_orthogonality(audited: AuditedTensor) -> Finding | None:
    """An orthogonal kernel of several gates, none of which is orthogonal."""
    told, law, gates = audited.told, audited.law, audited.tensor.gates
    if told.role != "recurrent" or gates == 1 or not law or not law.orthogonal or not told.sums_over:
        return None
    columns = told.shape[-1]
    if told.sums_over >= columns:  # its columns are orthogonal, so that those of each gate are
        return None
    units, gain = columns // gates, law.orthogonal
    return audited.found(
        "gate_orthogonality",
        "note",
        f"{told.declared} spans all {gates} gates, so that none of them is orthogonal",
        f"a gate of {grouped(units)} units makes a state {short(gain / math.sqrt(gates))} times as large: its std is "
        f"{short(law.std)}, where orthogonal by itself it would be {short(gain / math.sqrt(units))}",
        "Keras draws one kernel for all gates. It is its default, and learns well where memory is short.",
        audited.declare(_by_gate(gates, gain)),
    )


def _by_gate(gates: int, gain: float) -> str:
    """Keras code that draws each gate by itself."""
    drawn = f"keras.initializers.Orthogonal({'' if gain == 1 else plain(gain)})((*s[:-1], s[-1] // {gates}), dtype)"
    return f"lambda s, dtype=None: keras.ops.concatenate([{drawn} for _ in range({gates})], -1)"


RECURRENT_CHECKS = (
    CheckOfTensors(recurrent_growth, of_trained=False),
    CheckOfTensors(gate_orthogonality, of_trained=False),
)
