"""Trials of a sweep that a worker does one after another: those whose networks compile alike, on the same images."""

from __future__ import annotations

from collections.abc import Container, Iterator
from dataclasses import dataclass
from typing import Any, Self

from initterm.experiments.sweep.sweep import Sweep, TrialKey
from initterm.experiments.training.contender import Contender
from initterm.experiments.training.experiment import Experiment
from initterm.experiments.training.model import ModelSpec
from initterm.experiments.training.network import StepSpec

OF_IMAGES = ("data", "source", "samples", "validation_split", "batch_size")
"""The settings of what goes in, and in how large batches."""

MOST = 25
"""Trials of a group, unless asked: few enough to be over soon, and enough that what comes before them counts little."""


@dataclass(frozen=True)
class Architecture:
    """What a worker keeps from trial to trial: a compiled step, and what it is trained with."""

    step: StepSpec
    own: ModelSpec
    images: tuple[Any, ...]

    @classmethod
    def of(cls, experiment: Experiment, contender: Contender) -> Self:
        """That of a contender's trials."""
        images = tuple(getattr(experiment, name) for name in OF_IMAGES)
        return cls(experiment.step_of(contender), experiment.own, images)


@dataclass(frozen=True)
class TrialGroup:
    """Trials of one architecture."""

    architecture: Architecture
    trials: tuple[TrialKey, ...]


def groups(sweep: Sweep, most: int = MOST, done: Container[TrialKey] = ()) -> Iterator[TrialGroup]:
    """All trials of a sweep in groups, each as soon as it is full; no more is held than one group an architecture.

    Args:
        sweep: whose.
        most: trials of a group.
        done: trials that are left out.

    Raises:
        Refusal: a cell can't be run.
    """
    waiting: dict[Architecture, list[TrialKey]] = {}
    for key, architecture in _with_architectures(sweep):
        if key in done:
            continue
        trials = waiting.setdefault(architecture, [])
        trials.append(key)
        if len(trials) == most:
            yield TrialGroup(architecture, tuple(waiting.pop(architecture)))
    for architecture, trials in waiting.items():
        yield TrialGroup(architecture, tuple(trials))


def _with_architectures(sweep: Sweep) -> Iterator[tuple[TrialKey, Architecture]]:
    """Every trial's key and architecture, which is the same for all seeds of a contender in a cell."""
    for cell in sweep.cells():
        of_contenders = [Architecture.of(cell.experiment, one) for one in cell.experiment.contenders]
        for trial in range(sweep.trials_a_cell):
            yield TrialKey(cell.index, trial), of_contenders[trial % len(of_contenders)]
