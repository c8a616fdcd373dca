"""How long a sweep takes yet, and how much memory, by what trials of its architectures have taken."""

from __future__ import annotations

from bisect import bisect_left

from initterm.experiments.sweep.architecture import Architecture
from initterm.experiments.sweep.events import SweepEstimated, TrialMeasured
from initterm.experiments.sweep.work import TrialWork, Work


class Costs:
    """What was measured of architectures: seconds of a step, and of compiling it; ``memory`` is an engine's, in bytes.

    Both are those of workers that compute side by side, as they do in a sweep.
    """

    def __init__(self) -> None:
        self._step: dict[Architecture, float] = {}
        self._compiling: dict[Architecture, float] = {}
        self.memory = 0

    def take(self, work: TrialWork, event: TrialMeasured) -> None:
        """Take in how long a trial took; the last ones count most."""
        steps = event.step if event.status == "diverged" else work.steps
        if not steps or not event.seconds > 0:
            return
        taken = event.seconds / steps
        self._step[work.architecture] = (self._step.get(work.architecture, taken) + taken) / 2
        before = self._compiling.get(work.architecture, 0.0)
        self._compiling[work.architecture] = max(before, event.compiling)

    def take_memory(self, memory: int) -> None:
        """Take in how many bytes an engine had; the most count."""
        self.memory = max(self.memory, memory)

    def knows(self, architecture: Architecture) -> bool:
        """Whether a trial of it was measured."""
        return architecture in self._step

    def compiling(self, architecture: Architecture) -> float:
        """Seconds that it takes to compile; the mean of others where it wasn't measured."""
        every = self._compiling.values()
        return self._compiling.get(architecture, sum(every) / max(1, len(every)))

    def steps(self, architectures: list[Architecture]) -> list[float]:
        """Seconds of a step of each of them; the list is empty where nothing was measured.

        One that wasn't measured is taken to take as long for a multiplication as the one that is nearest in their
        number.
        """
        ladder = sorted((one.products, seconds) for one, seconds in self._step.items())
        return [self._step.get(one) or _scaled(one.products, ladder) for one in architectures] if ladder else []


def _scaled(products: int, ladder: list[tuple[int, float]]) -> float:
    at = bisect_left(ladder, (products, 0.0))
    nearest, seconds = min(
        ladder[max(0, at - 1) : at + 1], key=lambda one: max(one[0], products) / min(one[0], products)
    )
    return seconds * products / nearest


def estimated(work: Work, costs: Costs, workers: int) -> SweepEstimated:
    """What is left of a sweep, where so many workers are busy until the end.

    Loading TensorFlow and data isn't counted; compiling is, by each worker that trains an architecture.
    """
    left = {architecture: one for architecture, one in work.left.items() if one.trials}
    busy = max(1, min(workers, work.trials))
    every = len(work.left)
    measured = every - sum(not costs.knows(architecture) for architecture in left)
    of_steps = costs.steps([*left])
    if not of_steps:
        return SweepEstimated(None, 0, busy, every, 0)
    total = longest = 0.0
    for (architecture, one), of_step in zip(left.items(), of_steps, strict=True):
        compiling = costs.compiling(architecture) if one.fresh else 0.0
        total += one.steps * of_step + min(busy, one.trials) * compiling
        longest = max(longest, one.longest * of_step + compiling)
    return SweepEstimated(max(total / busy, longest), costs.memory * busy, busy, every, measured)
