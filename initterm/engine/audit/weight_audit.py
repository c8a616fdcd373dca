"""An audit of a file of weights alone: what its numbers are, which are one draw, and which common law drew them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np
from msgspec import structs

from initterm.engine.audit.auditing import audit
from initterm.engine.models.tensors import Tensor
from initterm.engine.models.weight_files import OpenedWeights
from initterm.engine.weights.fits import WeightMoments, fit_of, result_of
from initterm.engine.weights.precision import precision_of
from initterm.experiments.audit import events
from initterm.theory.initializers import InitializerSpec
from initterm.theory.laws import law_of, scaled_law
from initterm.theory.shapes import Shape
from initterm.theory.wording import counted

KERAS = ("he_normal", "he_uniform", "glorot_normal", "glorot_uniform", "lecun_normal", "lecun_uniform")

COMMON: Mapping[str, InitializerSpec] = {
    name: InitializerSpec.parse(text)
    for name, text in (
        *((name, name) for name in KERAS),
        ("PyTorch's default, kaiming_uniform_(a=√5)", "variance_scaling(scale=0.333333, distribution='uniform')"),
        ("PyTorch's kaiming_normal_", "variance_scaling(scale=2.0, distribution='untruncated_normal')"),
        ("PyTorch's xavier_normal_", "variance_scaling(mode='fan_avg', distribution='untruncated_normal')"),
        ("N(0, 0.02²)", "random_normal(stddev=0.02)"),
        ("N(0, 0.02²) cut at 2σ", "truncated_normal(stddev=0.02)"),
        ("N(0, 0.01²)", "random_normal(stddev=0.01)"),
        ("N(0, 1)", "random_normal(stddev=1.0)"),
    )
}
"""Laws that kernels are often drawn by, as they are told."""

FEWEST, MOST = 512, 2**20
"""Numbers of a kernel that tell laws apart, and how many of them are looked at."""

NEAR = 0.05
"""How far a kernel's std may be from a law's for the fit to be worth its time."""

LEAST_P = 1e-3

FIX = "draw or load the tensor anew, and save the file again"


def audit_of_weights(opened: OpenedWeights) -> Iterator[events.AuditEvent]:
    """The events of ``audit`` for a file of weights, whose graph and whose layers' declarations nobody knows.

    Weights of which no common law drew most kernels are taken to be trained, so that their values aren't judged.
    """
    kernels = [tensor for tensor in opened.tensors if tensor.role == "kernel" and _varies(tensor)]
    drawn = [name for name in map(common_law, kernels) if name]
    trained = 2 * len(drawn) < len(kernels)
    for event in audit(replace(opened, steps=1) if trained else opened):
        if isinstance(event, events.GraphMeasured):
            yield events.GraphMeasured(
                "", note=f"A file of weights tells no graph: no signal. {_laws(drawn, len(kernels))}"
            )
        elif isinstance(event, events.Finding):
            yield structs.replace(event, fix=FIX, initializer="")
        else:
            yield event


def _varies(tensor: Tensor) -> bool:
    """Whether it has enough numbers to tell a law, which aren't all the same."""
    values = tensor.values
    return values.size >= FEWEST and bool((values != values.flat[0]).any())


def _laws(drawn: list[str], kernels: int) -> str:
    """How many kernels each law drew, the most frequent first."""
    if not drawn:
        return (
            "No kernel is as a common initializer draws it."
            if kernels
            else "No kernel is large enough to tell its law."
        )
    names = sorted(set(drawn), key=lambda name: (-drawn.count(name), name))
    told = ", ".join(f"{drawn.count(name)} by {name}" for name in names)
    return f"Of {counted('kernel', kernels)} these are as drawn: {told}."


def common_law(tensor: Tensor) -> str:
    """The common law that a kernel fits best; empty where it fits none."""
    values = tensor.values.astype(np.float32).reshape(-1, tensor.dims[-1])
    matrix = values[: max(1, MOST // values.shape[1])]
    if not np.isfinite(matrix).all() or matrix.min() == matrix.max():
        return ""
    moments, precision, best = (
        WeightMoments.of(matrix.ravel().astype(np.float64)),
        precision_of(tensor.dtype),
        (LEAST_P, ""),
    )
    for name, spec in COMMON.items():
        law = scaled_law(spec, tensor.sums) if spec.scaling and tensor.sums else law_of(spec, Shape(tensor.dims))
        if abs(moments.std / law.std - 1) < NEAR and (fit := result_of(fit_of(matrix, moments, law, precision))):
            best = max(best, (fit.p_distribution or 0.0, name))
    return best[1]
