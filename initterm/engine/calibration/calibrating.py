"""A calibration as an iterator of events: each simulation's experiments, then the promises that count what was said."""

from __future__ import annotations

import math
import time
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from initterm.engine import runtime
from initterm.engine.calibration.kernels import kernel_outcomes
from initterm.engine.calibration.models import model_outcomes
from initterm.engine.calibration.trainings import needed_outcomes, new_images_outcomes, training_outcomes
from initterm.engine.comparison.paired import interval_of_share
from initterm.experiments.calibration import events
from initterm.experiments.calibration.promise import WRONGLY, Outcomes, Promise, Said
from initterm.experiments.calibration.simulations import (
    NewImages,
    SeedsNeeded,
    Simulation,
    SoundModels,
    Trainings,
    TrueKernels,
)

ADVANCED_SECONDS = 0.1
"""How far apart in time it is told how far it is."""

SIMULATED: dict[type[Any], Callable[[Any, np.random.Generator, int], Iterator[Outcomes]]] = {
    TrueKernels: kernel_outcomes,
    Trainings: training_outcomes,
    NewImages: new_images_outcomes,
    SeedsNeeded: needed_outcomes,
    SoundModels: model_outcomes,
}
"""What makes the experiments of each kind of simulation."""


def calibrate(promises: Sequence[Promise], experiments: int, seed: int) -> Iterator[events.CalibrationEvent]:
    """Simulate what is promised, and judge it; stopping to iterate stops it.

    Promises of the same simulation are judged by the same experiments. A simulation's experiments depend on it and on
    the seed alone, not on what else is simulated.

    Args:
        promises: the rows.
        experiments: how many of each simulation.
        seed: of all chance.

    Yields:
        ``CalibrationStarted``, ``CalibrationAdvanced`` while it goes on, a ``PromiseJudged`` for each promise once its
        simulation is done, ``CalibrationFinished``.
    """
    began = time.perf_counter()
    computed = runtime.device_name(), runtime.versions(), runtime.machine()
    yield events.CalibrationStarted(experiments, seed, *computed)
    simulations = list(dict.fromkeys(promise.simulation for promise in promises))
    for index, simulation in enumerate(simulations):
        rows = [place for place, promise in enumerate(promises) if promise.simulation == simulation]
        doing = f"{promises[rows[0]].about.lower()}, simulation {index + 1} of {len(simulations)}"
        counts = Counter[Said]()
        for done in _counted(counts, simulation, experiments, seed):
            yield events.CalibrationAdvanced((index + done / experiments) / len(simulations), doing)
        for place in rows:
            yield judged(place, promises[place], counts[promises[place].said], experiments, len(promises))
    yield events.CalibrationFinished(time.perf_counter() - began)


def _counted(counts: Counter[Said], simulation: Simulation, experiments: int, seed: int) -> Iterator[int]:
    """Count what is said of a simulation's experiments; now and then, how many are done."""
    rng = np.random.default_rng([seed, zlib.crc32(repr(simulation).encode())])
    told = -math.inf
    for done, outcomes in enumerate(SIMULATED[type(simulation)](simulation, rng, experiments)):
        counts.update(said for said, so in outcomes.items() if so)
        if time.perf_counter() - told > ADVANCED_SECONDS:
            yield done
            told = time.perf_counter()


def judged(place: int, promise: Promise, count: int, experiments: int, promises: int) -> events.PromiseJudged:
    """A promise by what was counted.

    Its interval is exact (Clopper & Pearson 1934), and as wide as so many promises' need to be to hold all together
    with the confidence 1 − ``WRONGLY`` (Bonferroni): a promise outside of it is broken.
    """
    interval = interval_of_share(count, experiments, WRONGLY / promises)
    return events.PromiseJudged(place, count, experiments, interval, promise.kept(interval))
