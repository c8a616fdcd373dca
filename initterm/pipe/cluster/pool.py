"""Workers that do tasks, whoever they are."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from initterm.experiments.sweep.events import WorkerSeen


class TaskOutcome(NamedTuple):
    """What came of a task: its answer, or None and what is known of why there is none."""

    task: int
    answer: bytes | None
    error: BaseException | None = None


class PoolLost(Exception):
    """The scheduler can't be reached any more; ``str()`` is a sentence."""


class Pool(Protocol):
    """Workers that do tasks. ``place`` says where they are, in a few words."""

    place: str

    def submit(self, number: int, asked: bytes) -> None:
        """Have a task done by any worker; it is known by its number, which no other one has."""

    def outcomes(self, seconds: float) -> list[TaskOutcome]:
        """What came of tasks since the last time; waits so long at most for the first one.

        Raises:
            PoolLost: nothing will come any more.
        """

    def listen(self) -> str:
        """Listen to what workers tell of trials while they go on; the topic that they tell it under."""

    def heard(self) -> list[bytes]:
        """What was told under it since the last time: all of a task before its outcome, unless a line was lost."""

    def release(self, number: int) -> None:
        """Forget a task whose outcome is kept: it would be done again where its worker ends."""

    def workers(self) -> tuple[WorkerSeen, ...]:
        """Those that there are now."""

    def retire(self, worker: str) -> None:
        """Give a worker, known by its name, no more to do."""

    def close(self) -> None:
        """End it; of workers of its own also these."""
