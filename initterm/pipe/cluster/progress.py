"""How fast a sweep goes, and how long it takes yet."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator

import msgspec

from initterm.experiments.sweep.estimate import Costs, estimated
from initterm.experiments.sweep.events import SweepEstimated, SweepPaced, TrialMeasured, WorkerSeen
from initterm.experiments.sweep.work import Work

PACE_SECONDS = 60.0
LEAST_SECONDS = 0.25

SECONDS_AN_ARCHITECTURE = 0.001
"""An estimate of very many architectures takes a while, and so is told less often."""


class SweepProgress:
    """What trials took, and what follows from that for those that are left.

    Args:
        work: those.
        costs: what was measured before; more is added.
    """

    def __init__(self, work: Work, costs: Costs) -> None:
        self._work, self._costs = work, costs
        self._ends: deque[float] = deque()
        self._memory: dict[str, int] = {}
        self._told: SweepEstimated | None = None
        self._told_at = 0.0

    def take(self, event: TrialMeasured) -> None:
        """A trial is over."""
        self._ends.append(time.monotonic())
        if work := self._work.of(event.key):
            self._costs.take(work, event)

    def take_memory(self, worker: str, memory: int) -> None:
        """A worker's engine has so many bytes."""
        self._memory[worker] = memory
        self._costs.take_memory(memory)

    def seen(self, workers: tuple[WorkerSeen, ...]) -> tuple[WorkerSeen, ...]:
        """These workers with what is known of their engines' memory."""
        return tuple(msgspec.structs.replace(one, memory=self._memory.get(one.name, 0)) for one in workers)

    def told(self, workers: int) -> Iterator[SweepPaced | SweepEstimated]:
        """How fast it goes, and what is left where that is another estimate than before."""
        now = time.monotonic()
        while self._ends and now - self._ends[0] > PACE_SECONDS:
            self._ends.popleft()
        yield SweepPaced(len(self._ends) / max(now - self._ends[0], LEAST_SECONDS) if self._ends else 0.0)
        if self._told is None or now - self._told_at >= SECONDS_AN_ARCHITECTURE * len(self._work.left):
            estimate, self._told_at = estimated(self._work, self._costs, workers), now
            if estimate != self._told:
                self._told = estimate
                yield estimate
