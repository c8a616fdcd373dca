"""A model's own weights, audited: each tensor measured, the signal sent through, and what isn't as it should be."""

from __future__ import annotations

import functools
import math
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain

import numpy as np
from msgspec import structs

from initterm.engine import runtime
from initterm.engine.audit.alike import told_once
from initterm.engine.audit.attention_checks import ATTENTION_CHECKS
from initterm.engine.audit.audited_tensor import AuditedTensor
from initterm.engine.audit.declaration_checks import DECLARATION_CHECKS
from initterm.engine.audit.examined import Examined
from initterm.engine.audit.fan_checks import FAN_CHECKS
from initterm.engine.audit.model_checks import MODEL_CHECKS, looks_trained, model_findings
from initterm.engine.audit.model_signal import measured_run, not_measured
from initterm.engine.audit.normalization_checks import NORMALIZATION_CHECKS
from initterm.engine.audit.recurrent_checks import RECURRENT_CHECKS
from initterm.engine.audit.seed_checks import SEED_CHECKS
from initterm.engine.audit.unused import layers_not_used
from initterm.engine.audit.value_checks import VALUE_CHECKS
from initterm.engine.keras_types import Model
from initterm.engine.models.graph import Surroundings, surroundings_of
from initterm.engine.models.inputs import Data
from initterm.engine.models.opened import OpenedModel
from initterm.engine.models.tensors import Tensor
from initterm.engine.weights.drawing import histogram, summed
from initterm.engine.weights.fits import WeightMoments, fit_of, fit_of_orthogonal, result_of
from initterm.engine.weights.precision import Precision, precision_of
from initterm.engine.weights.repeats import ROUNDING, grid_of
from initterm.engine.weights.scores import Weights
from initterm.experiments.audit import events
from initterm.experiments.audit.board import AuditBoard
from initterm.experiments.audit.events import TensorAudited
from initterm.experiments.message import Histogram, finite
from initterm.experiments.weights.events import Fit
from initterm.theory.arrays import Floats
from initterm.theory.law import Law, bin_edges, bin_range

DRAW_CHECKS = (*FAN_CHECKS, *RECURRENT_CHECKS, *NORMALIZATION_CHECKS, *SEED_CHECKS)
OF_MODELS = (*ATTENTION_CHECKS, *MODEL_CHECKS)

Z_95 = 1.959963984540054
"""The normal's 97.5% point."""

LARGEST_ORTHOGONAL = 2**32
"""Products up to which WᵀW is worth a second's work; of a larger kernel only the entries' law is tested."""

FEWEST_BINS, MOST_BINS = 8, 50

THREADS = 2
"""How many tensors are measured at once: each takes some times its size."""

FEWEST_FOR_FIT = 8
"""Of fewer weights no test says anything."""


@dataclass(frozen=True)
class TensorMoments:
    """WeightMoments, kurtosis E[(w − mean)⁴]/std⁴ (NaN where all are equal), and how many weights aren't finite."""

    moments: WeightMoments
    kurtosis: float
    not_finite: int

    @property
    def interval(self) -> tuple[float, float]:
        """The std's 95% interval, of half width z·std·√((κ − 1)/(4n)) (Kendall & Stuart, section 10.9)."""
        std, n = self.moments.std, self.moments.count
        half = Z_95 * std * math.sqrt(max(self.kurtosis - 1, 0.0) / (4 * n)) if std else 0.0
        return std - half, std + half


def spread_of(values: Weights) -> TensorMoments | None:
    """The spread of the finite ones of some weights, one dimension; None where there are none."""
    known = _finite(values)
    if not known.size:
        return None
    moments = result_of(summed(known, WeightMoments.of))
    kurtosis = math.nan
    if moments.low < moments.high:
        kurtosis = result_of(summed(known, lambda chunk: _fourth_powers(chunk, moments))) / known.size
    return TensorMoments(moments, float(kurtosis), values.size - known.size)


def _finite(values: Weights) -> Weights:
    """The finite ones; of many that all are, no copy is made."""
    finite = np.isfinite(values)
    return values if finite.all() else values[finite]


def _fourth_powers(chunk: Floats, moments: WeightMoments) -> np.float64:
    """Σ((w − mean)/std)⁴, by squares, since numpy's power of 4 takes many times longer."""
    powers = (chunk - moments.mean) / moments.std
    for _ in range(2):
        np.square(powers, out=powers)
    return np.float64(powers.sum())


def measured(tensor: Tensor) -> TensorAudited:
    """All that is told about a tensor."""
    values = tensor.values.astype(np.float32, copy=False).ravel()
    spread = spread_of(values)
    law, correct, fans, sums = tensor.law, tensor.correct_law, tensor.fans, tensor.sums
    low, high = spread.interval if spread else (math.nan, math.nan)
    fit, up_to_rounding = _fits(tensor, values, spread, law) if spread and law else (None, None)
    return TensorAudited(
        layer=tensor.layer,
        tensor=tensor.name,
        role=tensor.role,
        shape=tensor.dims,
        declared=tensor.declared,
        count=values.size,
        mean=finite(spread.moments.mean) if spread else None,
        std=finite(spread.moments.std) if spread else None,
        std_low=finite(low),
        std_high=finite(high),
        low=finite(spread.moments.low) if spread else None,
        high=finite(spread.moments.high) if spread else None,
        largest=finite(_largest(spread.moments)) if spread else None,
        kurtosis=finite(spread.kurtosis) if spread else None,
        not_finite=spread.not_finite if spread else values.size,
        fan_in=round(fans.fan_in) if fans else None,
        fan_out=round(fans.fan_out) if fans else None,
        sums_over=sums.fan_in if sums else None,
        feeds=sums.fan_out if sums else None,
        std_expected=law.std if law and not law.atoms else None,
        std_correct=correct.std if correct else None,
        p_value=fit.p_value if fit else None,
        histogram=_histogram(values, spread.moments, law) if spread else None,
        p_distribution=(up_to_rounding or fit).p_distribution if fit else None,
        tested=fit.tested if fit else "",
        refused_by=tuple(check.name for check in fit.checks if check.told) if fit else (),
        misfits=fit.misfits if fit else (),
        p_up_to_rounding=up_to_rounding.p_value if up_to_rounding else None,
    )


def _measured_beside_each_other(tensors: Sequence[Tensor]) -> Iterator[TensorAudited]:
    """What is told of each tensor, in order: numpy sorts and sums one while another's thread does the rest."""
    with ThreadPoolExecutor(THREADS) as threads:
        yield from threads.map(measured, tensors)


def _histogram(values: Weights, moments: WeightMoments, law: Law | None) -> Histogram:
    """Densities of the finite weights, over bins that no hard edge of the declared law runs through."""
    known = _finite(values)
    bins = max(FEWEST_BINS, min(MOST_BINS, math.isqrt(known.size)))
    low, high = moments.low, moments.high
    edges = bin_edges(law, low, high, bins) if law else np.linspace(*bin_range(low, high), bins + 1)
    return result_of(histogram(known, edges))


def _largest(moments: WeightMoments) -> float:
    """The largest |w − mean| in std; NaN where all are equal."""
    if moments.std == 0:
        return math.nan
    return max(moments.high - moments.mean, moments.mean - moments.low) / moments.std


def _fits(tensor: Tensor, values: Weights, spread: TensorMoments, law: Law) -> tuple[Fit | None, Fit | None]:
    """How the tensor fits the law, and how up to rounding to a smaller type where all its weights are numbers of one.

    What is rounded may lie beyond the law's limits, and orthogonal columns aren't any more.
    """
    fit = _fit(tensor, values, spread, law, precision_of(tensor.dtype))
    is_rounded = fit is not None and any(check.told and check.name == ROUNDING for check in fit.checks)
    coarse = grid_of(values) if is_rounded else None
    return fit, _fit(tensor, values, spread, law, coarse) if coarse else None


def _fit(tensor: Tensor, values: Weights, spread: TensorMoments, law: Law, precision: Precision) -> Fit | None:
    """How the tensor fits the law, as far as a precision shows; None where chance decides nothing."""
    if spread.not_finite or values.size < FEWEST_FOR_FIT or spread.moments.low == spread.moments.high:
        return None
    matrix = values.reshape(-1, tensor.dims[-1])
    if law.orthogonal and matrix.size * min(matrix.shape) > LARGEST_ORTHOGONAL:
        return fit_of_orthogonal(None, matrix, law, precision)  # the residual would take too long
    return result_of(fit_of(matrix, spread.moments, law, precision))


def audit(opened: OpenedModel, data: Data | None = None, unmeasured: str = "") -> Iterator[events.AuditEvent]:
    """Audit a model; stopping to iterate stops it. The model is left as it was.

    Args:
        opened: the model, and how many steps an optimizer has made with it.
        data: inputs for the signal by name; random ones of the kinds that it takes where there are none.
        unmeasured: why no signal is sent; empty where one is.

    Yields:
        ``AuditStarted``, a ``TensorAudited`` for each tensor, ``GraphMeasured``, the findings from the gravest on, and
        ``AuditFinished``.

    Raises:
        Refusal: the data don't fit the model.

    >>> from initterm.engine.runtime import keras
    >>> hidden = keras.layers.Dense(64, "relu", kernel_initializer="zeros", name="hidden")
    >>> model = keras.Sequential([keras.Input((32,)), hidden, keras.layers.Dense(10, "softmax", name="output")])
    >>> gravest = next(event for event in audit(OpenedModel(model)) if isinstance(event, events.Finding))
    >>> print(f"{gravest.severity} {gravest.layer}/{gravest.tensor}: {gravest.what}; {gravest.fix}")
    error hidden/kernel: all weights are 0; kernel_initializer="he_normal"
    """
    began = time.perf_counter()
    parameters = sum(math.prod(tensor.dims) for tensor in opened.tensors)
    yield events.AuditStarted(opened.name, len(opened.tensors), parameters, machine=runtime.machine())
    told = []
    for one in _measured_beside_each_other(opened.tensors):
        told.append(one)
        yield one
    run = not_measured(unmeasured) if unmeasured else measured_run(opened, data)
    yield run.signal
    audited_tensors = subjects(opened, told, run.surroundings)
    trained = opened.steps > 0 or looks_trained(audited_tensors)
    findings = chain(_findings(Examined(audited_tensors, run.signal, trained)), layers_not_used(opened, run.signal))
    yield from sorted(findings, key=lambda finding: events.SEVERITIES.index(finding.severity))
    yield events.AuditFinished(trained, time.perf_counter() - began)


def subjects(
    opened: OpenedModel,
    told: Sequence[events.TensorAudited],
    surroundings: Sequence[Surroundings | None] = (),
) -> list[AuditedTensor]:
    """A model's tensors with what was measured of each, as checks look at them.

    Args:
        opened: the model.
        told: what was measured of each tensor.
        surroundings: what a run told of each; where it tells nothing the model's graph does.
    """
    tests = sum(one.p_value is not None for one in told)
    around = surroundings or [None] * len(told)
    return [
        AuditedTensor(tensor, one, ran or surroundings_of(tensor.owner, opened.graphs), tests)
        for tensor, one, ran in zip(opened.tensors, told, around, strict=True)
    ]


def _findings(examined: Examined) -> Iterator[events.Finding]:
    trained = examined.trained
    of_tensors = [finding for audited in examined.audited_tensors for finding in tensor_findings(audited, trained)]
    found = (*of_tensors, *model_findings(OF_MODELS, examined, of_tensors))
    return told_once(map(_of_trained, found) if trained else found)


def _of_trained(finding: events.Finding) -> events.Finding:
    """A model's structure can't be mended once its weights were trained; numbers that aren't finite break it still."""
    return finding if finding.check == "not_finite" else structs.replace(finding, severity="note")


def audited(model: Model, name: str = "model", data: Data | None = None) -> AuditBoard:
    """A whole audit of a built ``keras.Model``; see ``audit``."""
    return functools.reduce(AuditBoard.after, audit(OpenedModel(model, name), data), AuditBoard(name))


def tensor_findings(audited: AuditedTensor, trained: bool) -> Iterator[events.Finding]:
    """What the checks find of a tensor; of trained weights only what doesn't depend on their values."""
    for row in (*VALUE_CHECKS, *DECLARATION_CHECKS, *DRAW_CHECKS):
        if (row.of_trained or not trained) and (row.of_frozen or not audited.frozen):
            finding = row.check(audited)
            if finding:
                yield finding
