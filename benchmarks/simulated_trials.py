"""Trials that cost a fixed time and come out by a formula: what is left is what handing them out costs.

Dask's workers call ``done`` by its name, as they call the real task; INITTERM_TRIAL_SECONDS is what a trial takes.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Iterator
from itertools import islice

from initterm.experiments.message import Machine
from initterm.experiments.sweep.events import GroupEvent, TrialMeasured
from initterm.experiments.sweep.groups import CellTrials
from initterm.experiments.sweep.sweep import TrialKey
from initterm.experiments.training.events import DataLoaded, RunStarted
from initterm.pipe.cluster.group_task import GroupAsked
from initterm.pipe.cluster.task import answered, worker_name

SECONDS = "INITTERM_TRIAL_SECONDS"
VERSIONS = {"tensorflow": "2.18.0", "keras": "3.8.0", "numpy": "2.0.0"}
LOADED = DataLoaded("simulated", 4000, 1000, 16, "", fingerprint="0123456789abcdef0123456789abcdef")


def done(asked: bytes) -> bytes:
    """Do some trials, as a worker."""
    return answered(asked, doing, worker_name())


def doing(group: GroupAsked) -> Iterator[GroupEvent]:
    """What an engine tells of a group of trials."""
    yield RunStarted("CPU ×1", VERSIONS, (), Machine(group.threads, "simulated"))
    seconds = float(os.environ.get(SECONDS, "0.001"))
    for cell in group.cells:
        yield LOADED
        for trial in cell.trials:
            time.sleep(seconds)
            yield measured(cell, trial, seconds)


def measured(cell: CellTrials, index: int, seconds: float = 0.001) -> TrialMeasured:
    """How a trial comes out: by its own contender, seed and experiment, whoever does it and wherever."""
    experiment = cell.experiment
    trial = next(islice(experiment.trials, index, None))
    setting = experiment.network_of(trial.contender).hidden, experiment.learning_rate, experiment.epochs
    chance = random.Random(f"{trial.contender.name} {trial.seed} {setting}")
    ends = [chance.uniform(0.8, 0.9) for _ in range(experiment.epochs)]
    falling = tuple(1 / epoch for epoch in range(1, experiment.epochs + 1))
    return TrialMeasured(
        TrialKey(cell.cell, index),
        "finished",
        falling,
        tuple(ends),
        falling,
        tuple(ends),
        (seconds,) * experiment.epochs,
        (),
        0.3,
        ends[-1],
        None,
        bytes(chance.randrange(256) for _ in range(2)),
        16,
        seconds,
    )
