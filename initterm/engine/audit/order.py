"""A whole order of an audit: the model opened, audited, and proved where that is asked for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from msgspec import structs

from initterm.engine import memory
from initterm.engine.audit.auditing import audit
from initterm.engine.audit.confinement import confine, unbind_time
from initterm.engine.audit.proof import prove
from initterm.engine.models.examples import read_examples, task_of
from initterm.engine.models.functions import forget_own_modules, import_modules
from initterm.engine.models.inputs import read_data
from initterm.engine.models.place import place_of
from initterm.engine.models.source import open_model
from initterm.experiments.audit.board import AuditBoard
from initterm.experiments.audit.bounds import Bounds
from initterm.experiments.audit.choice import ModelChoice
from initterm.experiments.audit.events import AuditEvent, AuditFinished, AuditStarted
from initterm.experiments.audit.proof_events import ProofEvent
from initterm.theory.refusal import Refusal


def confined_audit_of(choice: ModelChoice, bounds: Bounds) -> Iterator[AuditEvent | ProofEvent]:
    """The events of ``audit_of``, in a process that has laid the bounds on itself; a proof may take its time.

    Raises:
        Refusal: as ``audit_of``, or there is no more memory to be had within the bounds.
    """
    confine(bounds)
    try:
        for event in audit_of(choice):
            if isinstance(event, AuditFinished):
                unbind_time()
            yield event
    except Exception as error:
        if memory.ran_out(error):
            raise Refusal(bounds.too_much_memory(choice.target)) from error
        raise


def audit_of(choice: ModelChoice) -> Iterator[AuditEvent | ProofEvent]:
    """The events of ``audit``, and where a proof is asked for those of ``prove``.

    Raises:
        Refusal: the model can't be had, or the data don't fit it.
    """
    data = read_data(Path(choice.data)) if choice.data else None
    examples = read_examples(Path(choice.train_data)) if choice.train_data else None
    forget_own_modules()
    import_modules(choice.modules)
    opened = open_model(choice.target)
    task = task_of(opened, examples) if examples else None
    board = AuditBoard(choice.target)
    for event in audit(opened, data):
        if isinstance(event, AuditStarted):
            file, line = place_of(choice.target)
            event = structs.replace(event, file=file, line=line)
        board = board.after(event)
        yield event
    if choice.proves:
        yield from prove(opened, board, data, task)
