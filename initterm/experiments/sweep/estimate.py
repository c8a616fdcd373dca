"""What a sweep takes, told before it starts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

from initterm.experiments.sweep.cell import GridCell
from initterm.experiments.sweep.sweep import Sweep
from initterm.theory.refusal import Refusal


@dataclass(frozen=True)
class Estimate:
    """How many trials, how many seconds until all are over, and bytes of memory of all workers together."""

    trials: int
    seconds: float
    memory: int

    @classmethod
    def of(
        cls, sweep: Sweep, seconds: Callable[[GridCell], float], memory: Callable[[GridCell], int], workers: int = 1
    ) -> Self:
        """By what was measured, with every worker busy until the end.

        Args:
            sweep: all of whose cells are made, and so checked.
            seconds: of a trial in a cell, on one worker.
            memory: bytes of a worker with a trial of a cell.
            workers: how many trials are done at a time.

        Raises:
            Refusal: a cell can't be run, or there is no worker.
        """
        if workers < 1:
            raise Refusal("A sweep needs at least one worker.")
        work, largest, longest = 0.0, 0, 0.0
        for cell in sweep.cells():
            of_trial = seconds(cell)
            work += of_trial * sweep.trials_a_cell
            longest, largest = max(longest, of_trial), max(largest, memory(cell))
        busy = min(workers, sweep.trial_count)
        return cls(sweep.trial_count, max(work / busy, longest), largest * busy)
