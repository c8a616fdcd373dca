"""What the workers of a run tell the Train pane; each message carries its run's id."""

from __future__ import annotations

from textual.message import Message

from initterm.engine.training_events import TrainingEvent


class TrainingAdvanced(Message):
    """A run has told an event."""

    def __init__(self, run_id: int, event: TrainingEvent) -> None:
        super().__init__()
        self.run_id = run_id
        self.event = event


class TrainingEnded(Message):
    """A run has ended: by itself, cancelled, or with a problem, which is a sentence."""

    def __init__(self, run_id: int, *, cancelled: bool = False, problem: str = "") -> None:
        super().__init__()
        self.run_id = run_id
        self.cancelled = cancelled
        self.problem = problem
