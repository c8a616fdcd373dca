"""A model's own weights, audited: each tensor measured, the signal sent through, and what isn't as it should be."""

from __future__ import annotations

import functools
import time
from collections.abc import Iterator, Sequence
from typing import Any

from numpy.typing import NDArray

from initterm.engine.audit.checks import tensor_findings
from initterm.engine.audit.model_checks import Examined, looks_trained, model_findings
from initterm.engine.audit.model_signal import graph_signal
from initterm.engine.audit.subject import Subject
from initterm.engine.audit.tensor_measures import measured
from initterm.engine.models.graph import Graph, graphs_of, surroundings_of
from initterm.engine.models.tensors import Tensor, tensors_of
from initterm.experiments.audit.board import AuditBoard
from initterm.experiments.audit.events import (
    SEVERITIES,
    AuditEvent,
    AuditFinished,
    AuditStarted,
    Finding,
    TensorAudited,
)


def audit(model: Any, name: str, data: NDArray[Any] | None = None, steps: int = 0) -> Iterator[AuditEvent]:
    """Audit a built model; stopping to iterate stops it. The model is left as it was.

    Args:
        model: a built ``keras.Model``.
        name: what the person calls it.
        data: inputs (count, ...) for the signal; standard normal ones where there are none.
        steps: how many steps an optimizer has made with it, as far as that is known.

    Yields:
        ``AuditStarted``, a ``TensorAudited`` for each tensor, ``GraphMeasured``, the findings from the gravest on, and
        ``AuditFinished``.

    Raises:
        Refusal: the data don't fit the model.

    >>> from initterm.engine.runtime import keras
    >>> hidden = keras.layers.Dense(64, "relu", kernel_initializer="zeros", name="hidden")
    >>> model = keras.Sequential([keras.Input((32,)), hidden, keras.layers.Dense(10, "softmax", name="output")])
    >>> gravest = next(event for event in audit(model, "mine") if isinstance(event, Finding))
    >>> print(f"{gravest.severity} {gravest.layer}/{gravest.tensor}: {gravest.what}; {gravest.fix}")
    error hidden/kernel: all weights are 0; kernel_initializer="he_normal"
    """
    began = time.perf_counter()
    tensors = tensors_of(model)
    yield AuditStarted(name, len(tensors), sum(tensor.values.size for tensor in tensors))
    told = []
    for tensor in tensors:
        told.append(measured(tensor))
        yield told[-1]
    signal = graph_signal(model, data)
    yield signal
    subjects = _subjects(tensors, told, graphs_of(model))
    trained = steps > 0 or looks_trained(subjects)
    yield from sorted(_findings(Examined(model, subjects, signal), trained), key=_gravity)
    yield AuditFinished(trained, time.perf_counter() - began)


def _subjects(tensors: Sequence[Tensor], told: Sequence[TensorAudited], graphs: Sequence[Graph]) -> list[Subject]:
    tests = sum(one.p_value is not None for one in told)
    pairs = zip(tensors, told, strict=True)
    return [Subject(tensor, one, surroundings_of(tensor.owner, graphs), tests) for tensor, one in pairs]


def _findings(examined: Examined, trained: bool) -> Iterator[Finding]:
    of_tensors = [finding for subject in examined.subjects for finding in tensor_findings(subject, trained)]
    yield from of_tensors
    yield from model_findings(examined, trained, any(finding.severity == "error" for finding in of_tensors))


def _gravity(finding: Finding) -> int:
    return SEVERITIES.index(finding.severity)


def audited(model: Any, name: str = "model", data: NDArray[Any] | None = None) -> AuditBoard:
    """A whole audit; see ``audit``."""
    return functools.reduce(AuditBoard.after, audit(model, name, data), AuditBoard(name))
