"""What is told of keeping a run, among the run's own events."""

from __future__ import annotations

from typing import Literal

from initterm.experiments.message import Message

RunState = Literal["running", "finished", "interrupted", "cancelled", "failed"]


class RunKept(Message, frozen=True):
    """The run is kept under this id; ``note`` says what was removed to make room for it, empty for nothing."""

    id: str
    note: str = ""


class KeepingFailed(Message, frozen=True):
    """The run goes on, and isn't kept from now on; ``sentence`` says why."""

    sentence: str


class Held(Message, frozen=True):
    """The run waits, since somebody has asked for it who looks on."""


class RoomAwaited(Message, frozen=True):
    """The run waits until its folder can be written again; ``sentence`` says why it can't."""

    sentence: str


class WritingBegan(Message, frozen=True):
    """A process has begun to write, at this time in seconds since 1970: the first one, or one that resumes."""

    at: float


class WritingEnded(Message, frozen=True):
    """It has ended so, at this time in seconds since 1970; ``problem`` says why where it failed."""

    at: float
    state: RunState
    problem: str = ""


KeepingEvent = RunKept | KeepingFailed | RoomAwaited | Held | WritingBegan | WritingEnded
