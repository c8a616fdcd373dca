"""What the worker of a replication tells the gallery; each message carries its run's id."""

from __future__ import annotations

from textual.message import Message

from initterm.engine.paper_events import PaperEvent


class ReplicationAdvanced(Message):
    """A run has told an event."""

    def __init__(self, run_id: int, event: PaperEvent) -> None:
        super().__init__()
        self.run_id = run_id
        self.event = event


class ReplicationEnded(Message):
    """A run has ended: by itself, cancelled, or with a problem, which is a sentence."""

    def __init__(self, run_id: int, *, cancelled: bool = False, problem: str = "") -> None:
        super().__init__()
        self.run_id = run_id
        self.cancelled = cancelled
        self.problem = problem
