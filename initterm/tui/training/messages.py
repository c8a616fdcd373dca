"""What the workers of a run tell the Train pane; each message carries its run's id."""

from __future__ import annotations

from dataclasses import KW_ONLY

from textual.message import Message

from initterm.experiments.training.events import TrainingEvent
from initterm.tui.frozen import frozen


@frozen
class TrainingAdvanced(Message):
    """A run has told an event."""

    run_id: int
    event: TrainingEvent


@frozen
class TrainingEnded(Message):
    """A run has ended: by itself, cancelled, or with a problem, which is a sentence."""

    run_id: int
    _: KW_ONLY
    cancelled: bool = False
    problem: str = ""
