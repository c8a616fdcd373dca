"""Which events answer each request that begins something: a table, whose modules are imported when they are needed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from initterm.experiments.weights.events import Draw
from initterm.pipe.protocol import Audit, Event, MeasureSignal, Replicate, Request, Train

Cancelled = set[int]


def answers_to(request: Request, cancelled: Cancelled) -> Iterator[Event]:
    """The events that a request asks for, of which none is made before it is asked for.

    Args:
        request: one that begins something.
        cancelled: contenders, counted from 0, that shall go no further; may grow meanwhile.

    Raises:
        Refusal: there is nothing of that name.
    """
    return ANSWERS[type(request)](request, cancelled)


def _drawing(request: Draw, _: Cancelled) -> Iterator[Event]:
    from initterm.engine.weights.drawing import draw

    return draw(request.initializer, request.shape, request.seed, request.bins)


def _training(request: Train, cancelled: Cancelled) -> Iterator[Event]:
    from initterm.engine.training.training import train

    return train(request.experiment, cancelled)


def _measurement(request: MeasureSignal, _: Cancelled) -> Iterator[Event]:
    from initterm.engine.signal.measuring import measure

    return measure(request.experiment)


def _audit(request: Audit, _: Cancelled) -> Iterator[Event]:
    from initterm.engine.audit.order import confined_audit_of

    return confined_audit_of(request.choice, request.bounds)


def _replication(request: Replicate, _: Cancelled) -> Iterator[Event]:
    from initterm.engine.papers.replication import replicate
    from initterm.experiments.papers.catalogue import paper_named

    return replicate(paper_named(request.paper), request.data, request.seed)


ANSWERS: dict[type[Request], Callable[[Any, Cancelled], Iterator[Event]]] = {
    Draw: _drawing,
    Train: _training,
    MeasureSignal: _measurement,
    Audit: _audit,
    Replicate: _replication,
}
