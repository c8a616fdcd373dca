"""How much of a sweep is left to be trained, architecture by architecture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from initterm.experiments.sweep.architecture import Architecture
from initterm.experiments.sweep.sweep import TrialKey
from initterm.experiments.training.contender import Contender
from initterm.experiments.training.experiment import Experiment
from initterm.experiments.training.samples import training_count

CellRow = tuple[int, int]
"""A contender of a cell, both counted from 0: its trials differ in their seeds alone."""


class TrialWork(NamedTuple):
    """What a trial does: so many steps of an architecture."""

    architecture: Architecture
    steps: int

    @classmethod
    def of(cls, experiment: Experiment, contender: Contender) -> TrialWork:
        """What each of a contender's trials does, where there are as many images as are asked for."""
        training = training_count(experiment.samples, experiment.validation_split)
        return cls(Architecture.of(experiment, contender), experiment.course(training).steps)


@dataclass
class WorkLeft:
    """What is left of an architecture: trials, the steps of all of them, and whether none of its trials is over."""

    trials: int = 0
    steps: int = 0
    longest: int = 0
    """Steps of the longest of its trials, over or not."""
    fresh: bool = True


class Work:
    """All trials that are to be done, and those of them that are left."""

    def __init__(self, contenders: int) -> None:
        self._contenders = contenders
        self._of_row: dict[CellRow, tuple[TrialWork, range]] = {}
        self.left: dict[Architecture, WorkLeft] = {}

    def add(self, row: CellRow, work: TrialWork, seeds: range) -> None:
        """Add the trials of a contender in a cell, with these of its seeds, counted from 0."""
        self._of_row[row] = work, seeds
        left = self.left.setdefault(work.architecture, WorkLeft())
        left.trials += len(seeds)
        left.steps += len(seeds) * work.steps
        left.longest = max(left.longest, work.steps)

    def of(self, key: TrialKey) -> TrialWork | None:
        """What this trial does; None where another one is done for it."""
        seed, contender = divmod(key.trial, self._contenders)
        work, seeds = self._of_row.get((key.cell, contender), (None, range(0)))
        return work if seed in seeds else None

    def take_off(self, key: TrialKey) -> None:
        """Note that a trial is over, once each."""
        if work := self.of(key):
            left = self.left[work.architecture]
            left.trials -= 1
            left.steps -= work.steps
            left.fresh = False

    @property
    def trials(self) -> int:
        """How many are left."""
        return sum(one.trials for one in self.left.values())
