"""Some trials of a sweep, one after another in one process; images and compiled networks are kept from one to the next.

A trial's history is the one that it has in any other group, and in a training of its own.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Generator, Iterable, Iterator
from itertools import islice
from typing import Any

import msgspec

from initterm.engine import memory, runtime
from initterm.engine.confinement import confine, unbind_time
from initterm.engine.data import datasets
from initterm.engine.data.batches import batches
from initterm.engine.data.datasets import Dataset
from initterm.engine.networks.network import refuse_too_large
from initterm.engine.training.compiled import Images
from initterm.engine.training.confined import TOO_MUCH
from initterm.engine.training.own_group import ready_model
from initterm.engine.training.passes import PIECE_SECONDS
from initterm.engine.training.split import Split, data_loaded, split_of
from initterm.engine.training.trainable import Trainable
from initterm.engine.training.training import Key, compiled_network, keep
from initterm.engine.training.trial_run import TrialRun
from initterm.engine.training.turns import side_by_side
from initterm.experiments.message import DataReceived
from initterm.experiments.metric import ACCURACY, Metric
from initterm.experiments.sweep.events import GroupEvent, TrialAdvanced, TrialFailed, TrialMeasured
from initterm.experiments.sweep.groups import CellTrials
from initterm.experiments.sweep.sweep import TrialKey
from initterm.experiments.training import events
from initterm.experiments.training.board import TrialEvent, TrialRecord
from initterm.experiments.training.bounds import TrainingBounds
from initterm.experiments.training.experiment import Experiment, Trial
from initterm.theory.refusal import Refusal

MOST_KEPT = 2
"""Datasets, and parts of them on the device, that are kept: those used last."""

_datasets: OrderedDict[str, Dataset] = OrderedDict()
_splits: OrderedDict[Key, Split[Images]] = OrderedDict()


def train_group(
    cells: Iterable[CellTrials], bounds: TrainingBounds | None = None, *, epochs: bool = False
) -> Iterator[GroupEvent | TrialEvent]:
    """Do these trials in their order; stopping to iterate stops it.

    Args:
        cells: the trials, with all that is needed.
        bounds: what the process may take, for a person's own model; memory for good, time until the model is ready.
        epochs: whether each trial's own events are told, but its end, in the place of how far it is.

    Yields:
        ``RunStarted``, ``DataLoaded`` before the first trial of each cell, and of each trial ``TrialAdvanced`` until it
        is over, then ``TrialMeasured`` or ``TrialFailed``. Of a person's own model also ``ModelPrepared`` before that;
        all trials of a cell fail where it can't be used. What is done between two of them is bounded in time as in
        ``train``.

    Raises:
        Refusal: there are no such data, or they are too few.
    """
    if bounds:
        confine(bounds)
    yield events.RunStarted(runtime.device_name(), runtime.versions(), (), runtime.machine())
    for cell in cells:
        if cell.experiment.own.model:
            for event in _own_trials(cell, epochs=epochs):
                if bounds and isinstance(event, events.ModelPrepared):
                    unbind_time()
                yield event
            continue
        dataset = yield from _dataset(cell.experiment.data)
        split = _split(dataset, cell.experiment)
        yield data_loaded(dataset, cell.experiment, split)
        for index in cell.trials:
            yield from _trial(TrialKey(cell.cell, index), cell.experiment, dataset, split, epochs=epochs)


def _own_trials(cell: CellTrials, *, epochs: bool) -> Iterator[GroupEvent | TrialEvent]:
    """What the trials of a cell with a person's own model tell."""
    experiment = cell.experiment
    left = [TrialKey(cell.cell, index) for index in cell.trials]
    try:
        ready = yield from ready_model(experiment)
        yield ready.loaded
        seconds, metric = ready.seconds, ready.prepared.metric
        while left:
            trial = _trial_of(experiment, left[0])
            told = followed(left[0], trial, experiment, ready.split, ready.network, seconds, metric, epochs=epochs)
            yield from told
            seconds = 0.0
            del left[0]
    except Refusal as refusal:
        yield from (TrialFailed(key, str(refusal)) for key in left)
    except Exception as error:
        if not memory.ran_out(error):
            raise
        yield from (TrialFailed(key, TOO_MUCH.format(experiment.own.model)) for key in left)


def _trial_of(experiment: Experiment, key: TrialKey) -> Trial:
    return next(islice(experiment.trials, key.trial, None))


def _dataset(source: str) -> Generator[DataReceived, None, Dataset]:
    """The images of this source, read once."""
    if source not in _datasets:
        _datasets[source] = yield from datasets.load(source)
        _drop_oldest(_datasets)
    _datasets.move_to_end(source)
    return _datasets[source]


def _split(dataset: Dataset, experiment: Experiment) -> Split[Images]:
    """What an experiment uses of them, on the device."""
    key = (experiment.data, experiment.samples, experiment.validation_split, experiment.source)
    if key not in _splits:
        _splits[key] = split_of(dataset, experiment)
        _drop_oldest(_splits)
    _splits.move_to_end(key)
    return _splits[key]


def _drop_oldest(kept: OrderedDict[str, Dataset] | OrderedDict[Key, Split[Images]]) -> None:
    while len(kept) > MOST_KEPT:
        kept.popitem(last=False)


def _trial(
    key: TrialKey, experiment: Experiment, dataset: Dataset, split: Split[Images], *, epochs: bool
) -> Iterator[GroupEvent | TrialEvent]:
    """What a trial tells; a failure is that of this trial alone."""
    trial = _trial_of(experiment, key)
    try:
        refuse_too_large(experiment.network_of(trial.contender), 1, dataset.shape, dataset.classes)
        yield from _trained(key, trial, experiment, split, epochs=epochs)
    except Refusal as refusal:
        yield TrialFailed(key, str(refusal))
    except Exception as error:
        if not memory.ran_out(error):
            raise
        yield TrialFailed(key, TOO_MUCH.format("the network"))


def _trained(
    key: TrialKey, trial: Trial, experiment: Experiment, split: Split[Images], *, epochs: bool
) -> Iterator[GroupEvent | TrialEvent]:
    orders = batches(experiment.seed, 1, split.train, experiment.batch_size)
    images, step = max(split.validation, split.test), experiment.step_of(trial.contender)
    asked = time.perf_counter()
    kept_as, network = yield from compiled_network(step, split.images, orders, images)
    try:
        yield from followed(key, trial, experiment, split, network, time.perf_counter() - asked, epochs=epochs)
    finally:
        keep(kept_as, network)


def followed(
    key: TrialKey,
    trial: Trial,
    experiment: Experiment,
    split: Split[Any],
    network: Trainable[Any],
    compiling: float,
    metric: Metric = ACCURACY,
    *,
    epochs: bool = False,
) -> Iterator[TrialAdvanced | TrialMeasured | TrialEvent]:
    """What a trial tells with a network that is there, which took so many seconds to compile, judged by this."""
    record, began, said = TrialRecord(trial), time.perf_counter(), 0.0
    most = experiment.course(split.train).epochs
    for event in side_by_side([TrialRun(record, experiment, split, network, None)], most):
        if isinstance(event, events.TrialFinished):
            told = _measured(key, record.after(event), event, split.test, metric)
            yield msgspec.structs.replace(told, seconds=time.perf_counter() - began, compiling=compiling)
        elif isinstance(event, TrialEvent):
            record = record.after(event)
            if epochs:
                yield event
            elif time.perf_counter() - said >= PIECE_SECONDS:
                said = time.perf_counter()
                yield TrialAdvanced(key, record.share_trained(most))


def _measured(
    key: TrialKey, record: TrialRecord, end: events.TrialFinished, images: int, metric: Metric
) -> TrialMeasured:
    return TrialMeasured(
        key,
        "diverged" if end.status == "diverged" else "finished",
        record.loss,
        record.accuracy,
        record.val_loss,
        record.val_accuracy,
        record.epoch_seconds,
        record.diagnoses,
        end.test_loss,
        end.test_accuracy,
        end.step,
        end.hits,
        images,
        metric=metric,
    )
