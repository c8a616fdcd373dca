"""What the worker of a replication tells the gallery; each message carries its run's id."""

from __future__ import annotations

from dataclasses import KW_ONLY

from textual.message import Message

from initterm.experiments.papers.events import PaperEvent
from initterm.tui.frozen import frozen


@frozen
class ReplicationAdvanced(Message):
    """A run has told an event."""

    run_id: int
    event: PaperEvent


@frozen
class ReplicationEnded(Message):
    """A run has ended: by itself, cancelled, or with a problem, which is a sentence."""

    run_id: int
    _: KW_ONLY
    cancelled: bool = False
    problem: str = ""
