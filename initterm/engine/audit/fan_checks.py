"""Checks of tensors for which no fans of their own shape are right: tables that are looked up, and biases."""

from __future__ import annotations

import math
from typing import Any

from initterm.engine.audit.audited_tensor import AuditedTensor, CheckOfTensors
from initterm.engine.models.tensors import Tensor
from initterm.experiments.audit.events import Finding
from initterm.theory.fans import Fans
from initterm.theory.initializers import InitializerSpec
from initterm.theory.laws import scaled_law
from initterm.theory.numbers import amount, grouped, rounded, short

OFF = 1.5
"""A std is told from so many times too large or small on."""

MORE_ROWS = 10
"""The table that is told for comparison has so many times the rows."""

ROWS_STD = "random_uniform"
"""What Keras draws a table by where nobody says otherwise, at any number of rows."""


def table_by_rows(audited: AuditedTensor) -> Finding | None:
    """A table that is looked up, whose std goes by how many rows it has."""
    told, spec = audited.told, audited.tensor.spec
    if told.role != "embedding" or spec is None or spec.scaling is None or len(told.shape) != len(("row", "width")):
        return None
    rows, width = told.shape
    if Fans(rows, width).by_mode(spec.scaling[1]) < OFF**2 * width:
        return None
    longer = scaled_law(spec, Fans(MORE_ROWS * rows, width)).std
    made_up_for = audited.around.normalized and not audited.around.is_branch  # a sum of tables keeps their sizes apart
    return audited.found(
        "fan_convention",
        "note" if made_up_for or _is_reversed(audited.tensor) else "warning",
        f"{told.declared} goes by the table's {grouped(rows)} rows",
        f"std {short(told.std_expected)} for rows of {grouped(width)}; ten times as many would have {short(longer)}",
        "A lookup picks one row and adds nothing up: how large that is shouldn't hang on how many others there are.",
        audited.declare(f'"{ROWS_STD}"'),
        ROWS_STD,
    )


def _is_reversed(tensor: Tensor) -> bool:
    """Whether a table makes a model's outputs too, which add up the width of a row."""
    owner: Any = tensor.owner
    return hasattr(owner, "tie_weights") or hasattr(owner, "reverse")


def bias_fan(audited: AuditedTensor) -> Finding | None:
    """A bias that is drawn by fans, which Keras takes from the bias's own shape instead of the kernel's."""
    told, spec, beside = audited.told, audited.tensor.spec, audited.tensor.beside
    if spec is None or spec.scaling is None or beside is None or not audited.law:
        return None
    right = scaled_law(spec, beside).std
    factor = audited.law.std / right
    apart = max(factor, 1 / factor)
    if apart < OFF:
        return None
    fixed = _drawn_with(spec.scaling[2], right)
    return audited.found(
        "bias_fan",
        "note" if audited.around.normalized else "warning",
        f"{told.declared} on a bias comes out {short(apart)} times too {'large' if factor > 1 else 'small'}",
        f"Keras takes the fans from the bias's own shape {told.shape}; its unit sums over {amount(beside.fan_in)}: "
        f"std {short(audited.law.std)} instead of {short(right)}",
        "A bias that is drawn by fans is meant to go by the kernel's (LeCun et al. 1998, section 4.6); "
        "most begin at zero.",
        audited.declare(fixed.keras_expression),
        str(fixed),
    )


def _drawn_with(distribution: str, std: float) -> InitializerSpec:
    """An initializer of this distribution, mean 0 and std, that goes by no fans."""
    if distribution == "uniform":
        limit = rounded(math.sqrt(3) * std, 4)
        return InitializerSpec.of("random_uniform", {"minval": -limit, "maxval": limit})
    return InitializerSpec.of("random_normal", {"stddev": rounded(std, 4)})


FAN_CHECKS = (
    CheckOfTensors(table_by_rows, of_trained=True),
    CheckOfTensors(bias_fan, of_trained=True),
)
