"""What the worker of an audit tells its pane; each message carries its run's id."""

from __future__ import annotations

from dataclasses import KW_ONLY

from textual.message import Message

from initterm.experiments.audit.events import AuditEvent
from initterm.experiments.audit.proof_events import ProofEvent
from initterm.tui.frozen import frozen


@frozen
class AuditAdvanced(Message):
    """An audit has told an event."""

    run_id: int
    event: AuditEvent | ProofEvent


@frozen
class AuditEnded(Message):
    """An audit has ended: by itself, cancelled, or with a problem, which is a sentence."""

    run_id: int
    _: KW_ONLY
    cancelled: bool = False
    problem: str = ""
