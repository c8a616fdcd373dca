"""A sweep that is begun on another machine, and followed from here."""

from __future__ import annotations

from typing import cast

from initterm.experiments.sweep.sweep import Sweep
from initterm.experiments.sweep.workplace import Workplace
from initterm.pipe import there
from initterm.pipe.box.runs import RunsOnBox
from initterm.pipe.sweep_run import SweepRun
from initterm.store.events import RunKept
from initterm.store.stored import StoredRun


class SweepOnBox(SweepRun):
    """A sweep whose process is another machine's; see ``SweepRun``.

    Args:
        runs: the runs of that machine.
        sweep: what is done.
        workplace: where, as seen from there.
        run: the id of the run that goes on; empty for a new one.
        more_seeds: the run that goes on is given as many seeds as the sweep has.
        begins: a process is started for it.
    """

    def __init__(
        self,
        runs: RunsOnBox,
        sweep: Sweep,
        workplace: Workplace,
        run: str = "",
        *,
        more_seeds: bool = False,
        begins: bool = True,
    ) -> None:
        super().__init__(sweep, workplace, run, begins=begins)
        self._runs, self._asked = runs, there.SweepThere(sweep, workplace, run, more_seeds)

    def _begun(self) -> tuple[StoredRun, str]:
        if not self._begins:
            return self._runs.find(self.kept), ""
        told = cast(RunKept, self._runs.ask(self._asked))
        self.kept = told.id
        return self._runs.find(told.id), told.note

    def _start(self, run: StoredRun) -> None:
        """The other machine has started it."""
