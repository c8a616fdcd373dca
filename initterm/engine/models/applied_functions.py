"""Which activation a model applied, known by what became of some numbers, however it is written."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from initterm.engine.models.dataflow import Flow, FlowNode
from initterm.theory.activations import ACTIVATIONS
from initterm.theory.arrays import Array, Floats

PLAIN = {
    "Relu": "relu", "Relu6": "relu6", "LeakyRelu": "leaky_relu", "Elu": "elu", "Selu": "selu", "Softplus": "softplus",
    "Softsign": "softsign", "Tanh": "tanh", "Sigmoid": "sigmoid",
}  # fmt: skip
"""Operations that are activations."""

FEWEST = 8
"""So many different numbers tell two functions apart."""

ALIKE = 1e-2
"""How far two functions may be apart in units of the larger values, such as GELU and its approximations."""

LINE = 10.0
"""How many times nearer than a function a line must come: of a faint signal most functions are lines, almost."""

LEAST = 1e-30

SHIFTED = "Relu6"
"""The operation that other activations are made of, by a shift and a factor."""

UNKNOWN = "unknown"
"""Of a function that isn't in the catalogue."""


def applied_to(node: FlowNode) -> str:
    """The catalogue's name of what is applied to a node's numbers; empty where nothing is, else ``UNKNOWN``.

    What a normalization takes of them to measure their size isn't applied to them.
    """
    uses = node.uses
    if any(child.kind in ("normalized", "shift") for _, child in uses):
        uses = [(flow, child) for flow, child in uses if child.kind != "reduced"]
    names = [_name_of(flow) for flow in (*(flow for flow, _ in uses), *node.ends) if flow.bent]
    return next((name for name in names if name != UNKNOWN), next(iter(names), ""))


def _name_of(flow: Flow) -> str:
    before, after = flow.node.sample, flow.sample
    if before is None or after is None or before.size != after.size:
        return UNKNOWN
    known = np.isfinite(before) & np.isfinite(after)
    x, y = before[known], after[known]
    (kind, *more) = flow.bent
    if not more and kind in PLAIN and kind != SHIFTED:
        return PLAIN[kind]
    sides = (x < 0).any() and (x > 0).any()
    return _fitting(x, y) if sides and np.unique(x).size >= FEWEST else UNKNOWN


def _fitting(x: Array, y: Array) -> str:
    """The function that makes y of x, up to a factor: the one that comes closest, a line's where it is one."""
    apart = {"": _apart(y, np.polyval(np.polyfit(x, y, 1), x)) * LINE}
    for name, row in ACTIVATIONS.items():
        if row.function is not None and name != "linear":
            apart[name] = _apart_of_multiples(y, row.function(x))
    nearest = min(apart, key=lambda name: apart[name])
    if apart[nearest] <= ALIKE:
        return nearest
    return "leaky_relu" if _is_leaky(x, y) else UNKNOWN


def _apart_of_multiples(y: Array, shape: Floats) -> float:
    """How far y is from the nearest multiple of a function's values."""
    size = float(shape @ shape)
    return _apart(y, (float(shape @ y) / size) * shape) if size > 0 else math.inf


def _is_leaky(x: Array, y: Array) -> bool:
    """Whether y is one multiple of x below 0 and another, of the same sign, above."""
    slopes: Sequence[float] = [float(x[side] @ y[side]) / float(x[side] @ x[side]) for side in (x < 0, x > 0)]
    return slopes[0] * slopes[1] > 0 and _apart(y, np.where(x < 0, slopes[0], slopes[1]) * x) <= ALIKE


def _apart(y: Array, fitted: Array) -> float:
    return float(np.abs(y - fitted).max()) / max(float(np.abs(y).max()), LEAST)
