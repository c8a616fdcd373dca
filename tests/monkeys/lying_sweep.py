"""A sweep that the app may begin: done at once in its own process, by a formula, with failures among it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

from initterm.experiments.sweep.board import SweepBoard
from initterm.experiments.sweep.sweep import Sweep, TrialKey
from initterm.experiments.sweep.workplace import Workplace
from initterm.pipe.kept_sweep import kept_sweep
from initterm.store.events import KeepingEvent, RunKept
from initterm.theory.refusal import Refusal
from tests.pipe.cluster.simulated import SimulatedPool

MOST_TRIALS = 200
FAILING = (TrialKey(0, 1), TrialKey(2, 0))
EACH = 7
"""After so many events the board is told."""


class LyingSweep:
    """What the pane takes for a sweep in a process of its own."""

    waiting_for, log = "", None
    paused = cancelled = left = over = False

    def __init__(self, sweep: Sweep, workplace: Workplace, run: str = "", python: str = "", **_: object) -> None:
        self._sweep, self._workplace, self.kept = sweep, workplace, run

    def __iter__(self) -> Iterator[RunKept | SweepBoard]:
        if self._sweep.trial_count > MOST_TRIALS:
            raise Refusal("No workers start.")
        board = SweepBoard.of(self._sweep)
        pool = SimulatedPool(lost=FAILING)
        with closing(kept_sweep(self._sweep, self._workplace, self.kept, pool_of=pool)) as events:
            for number, event in enumerate(events):
                if self.cancelled or self.left:
                    return
                if isinstance(event, RunKept):
                    self.kept = event.id
                    yield event
                elif not isinstance(event, KeepingEvent):
                    board = board.after(event)
                    if number % EACH == 0:
                        yield board
        yield board

    def pause(self) -> None:
        """Nothing waits: it is done at once."""
        self.paused = True

    def resume(self) -> None:
        """It goes on."""
        self.paused = False

    def cancel(self) -> None:
        """End it."""
        self.cancelled = True

    def let_go(self) -> None:
        """Leave it alone, which ends it here."""
        self.left = True

    kill = cancel
