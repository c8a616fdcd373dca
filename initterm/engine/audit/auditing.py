"""A model's own weights, audited: each tensor measured, the signal sent through, and what isn't as it should be."""

from __future__ import annotations

import functools
import time
from collections.abc import Iterator, Sequence

from initterm.engine.audit.audited_tensor import AuditedTensor
from initterm.engine.audit.declaration_checks import DECLARATION_CHECKS
from initterm.engine.audit.model_checks import Examined, looks_trained, model_findings
from initterm.engine.audit.model_signal import graph_signal
from initterm.engine.audit.tensor_measures import measured
from initterm.engine.audit.value_checks import VALUE_CHECKS
from initterm.engine.keras_types import Model
from initterm.engine.models.graph import surroundings_of
from initterm.engine.models.opened import OpenedModel
from initterm.experiments.audit import events
from initterm.experiments.audit.board import AuditBoard
from initterm.theory.arrays import Array


def audit(opened: OpenedModel, data: Array | None = None) -> Iterator[events.AuditEvent]:
    """Audit a model; stopping to iterate stops it. The model is left as it was.

    Args:
        opened: the model, and how many steps an optimizer has made with it.
        data: inputs (count, ...) for the signal; standard normal ones where there are none.

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
    yield events.AuditStarted(opened.name, len(opened.tensors), sum(tensor.values.size for tensor in opened.tensors))
    told = []
    for tensor in opened.tensors:
        told.append(measured(tensor))
        yield told[-1]
    signal = graph_signal(opened, data)
    yield signal
    audited_tensors = _subjects(opened, told)
    trained = opened.steps > 0 or looks_trained(audited_tensors)
    findings = _findings(Examined(audited_tensors, signal), trained)
    yield from sorted(findings, key=lambda finding: events.SEVERITIES.index(finding.severity))
    yield events.AuditFinished(trained, time.perf_counter() - began)


def _subjects(opened: OpenedModel, told: Sequence[events.TensorAudited]) -> list[AuditedTensor]:
    tests = sum(one.p_value is not None for one in told)
    pairs = zip(opened.tensors, told, strict=True)
    return [AuditedTensor(tensor, one, surroundings_of(tensor.owner, opened.graphs), tests) for tensor, one in pairs]


def _findings(examined: Examined, trained: bool) -> Iterator[events.Finding]:
    of_tensors = [finding for audited in examined.audited_tensors for finding in tensor_findings(audited, trained)]
    yield from of_tensors
    yield from model_findings(examined, trained, any(finding.severity == "error" for finding in of_tensors))


def audited(model: Model, name: str = "model", data: Array | None = None) -> AuditBoard:
    """A whole audit of a built ``keras.Model``; see ``audit``."""
    return functools.reduce(AuditBoard.after, audit(OpenedModel(model, name), data), AuditBoard(name))


def tensor_findings(audited: AuditedTensor, trained: bool) -> Iterator[events.Finding]:
    """What the checks find of a tensor; of trained weights only what doesn't depend on their values."""
    for row in (*VALUE_CHECKS, *DECLARATION_CHECKS):
        if row.of_trained or not trained:
            finding = row.check(audited)
            if finding:
                yield finding
