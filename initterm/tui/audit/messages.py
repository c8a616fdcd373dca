"""What the worker of an audit tells its pane; each message carries its run's id."""

from __future__ import annotations

from textual.message import Message

from initterm.engine.audit_events import AuditEvent
from initterm.engine.proof_events import ProofEvent


class AuditAdvanced(Message):
    """An audit has told an event."""

    def __init__(self, run_id: int, event: AuditEvent | ProofEvent) -> None:
        super().__init__()
        self.run_id = run_id
        self.event = event


class AuditEnded(Message):
    """An audit has ended: by itself, cancelled, or with a problem, which is a sentence."""

    def __init__(self, run_id: int, *, cancelled: bool = False, problem: str = "") -> None:
        super().__init__()
        self.run_id = run_id
        self.cancelled = cancelled
        self.problem = problem
