"""What an engine tells of a training's trials, without TensorFlow: histories by a formula of who and which seed."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from benchmarks.simulated_trials import LOADED, VERSIONS, measured
from initterm.experiments.message import Machine
from initterm.experiments.training.board import TrialEvent
from initterm.experiments.training.events import CompileStarted, Diagnosed, RunStarted, StepsFinished, TrialFinished
from initterm.pipe.cluster.group_task import GroupAsked, LiveEvent
from initterm.pipe.cluster.told_once import history

STEPS = 125
"""Of an epoch of ``LOADED`` in batches of 32."""


def trains(group: GroupAsked) -> Iterator[LiveEvent]:
    """What an engine tells of a group of trials, each epoch of them too where that is asked for."""
    yield RunStarted("CPU ×1", VERSIONS, (), Machine(group.threads, "simulated"))
    for cell in group.cells:
        yield LOADED
        yield CompileStarted("relu")
        for trial in cell.trials:
            whole = with_diagnoses(measured(cell, trial))
            yield from live(history(whole, STEPS)) if group.topic else ()
            yield whole


def with_diagnoses(trial):
    """Diagnosed at its start and its first epoch."""
    diagnoses = tuple(Diagnosed(trial.key.trial, epoch, 0.5 * epoch, 1.0, 1.0) for epoch in (0, 1))
    return type(trial)(**{name: getattr(trial, name) for name in trial.__struct_fields__} | {"diagnoses": diagnoses})


def live(events: Iterator[TrialEvent]) -> Iterator[TrialEvent]:
    """All but its end, with a part of the first epoch."""
    for event in events:
        if not isinstance(event, TrialFinished):
            yield event
        if isinstance(event, Diagnosed) and event.epoch == 0:
            yield StepsFinished(event.trial, 1, 60, 0.7, 0.6)


def in_one_engine(experiment) -> list[list[TrialEvent]]:
    """What one engine would tell of each trial, in order."""
    from initterm.experiments.sweep.groups import CellTrials

    cells = CellTrials(0, experiment, ())
    count = len([*islice(experiment.trials, 10_000)])
    return [[*history(with_diagnoses(measured(cells, trial)), STEPS)] for trial in range(count)]
