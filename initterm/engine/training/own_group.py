"""Trials of a sweep with a person's own model: opened, with its examples, compiled once for all trials of a cell."""

from __future__ import annotations

import time
from collections.abc import Generator
from dataclasses import dataclass, replace
from functools import partial

from initterm.engine.data.batches import batches
from initterm.engine.data.own_data import GivenSets
from initterm.engine.models.source import import_modules, open_model
from initterm.engine.runtime import keras
from initterm.engine.training.on_device import ExamplesOnDevice
from initterm.engine.training.own_compiling import compiled
from initterm.engine.training.own_examples import first_inputs, own_data_loaded, own_data_of
from initterm.engine.training.own_model import OwnModel
from initterm.engine.training.own_tensors import OwnTensors
from initterm.engine.training.own_training import own_model, prepared, refuse_too_large, split_of_own
from initterm.engine.training.split import Split
from initterm.experiments.message import DataReceived
from initterm.experiments.training import events
from initterm.experiments.training.experiment import Experiment
from initterm.experiments.training.looks import UNJUDGED


@dataclass(frozen=True)
class ReadyModel:
    """A model with its examples, compiled, which took so many seconds."""

    loaded: events.DataLoaded
    prepared: events.ModelPrepared
    split: Split[ExamplesOnDevice]
    network: OwnModel
    seconds: float


_ready: dict[Experiment, ReadyModel] = {}
"""The one that was used last, by the experiment with one seed."""

PreparingEvent = DataReceived | events.PreparationBegun | events.ModelPrepared | events.CompileStarted | events.FellBack
Preparing = Generator[PreparingEvent, None, ReadyModel]


def ready_model(experiment: Experiment) -> Preparing:
    """The model of an experiment, ready to be trained: kept from the trials before, or opened and compiled now.

    It is made as ``train_own`` makes it, so that trials come out as there. ``ModelPrepared`` is told each time.

    Raises:
        Refusal: the model, its data or its tensors can't be used.
    """
    alone = replace(experiment, seeds=1, looked=(), **UNJUDGED)
    if alone not in _ready:
        _ready.clear()  # before another one takes memory
        _ready[alone] = yield from _opened(experiment)
    found = _ready[alone]
    yield found.prepared
    return found


def _opened(experiment: Experiment) -> Preparing:
    own = experiment.own
    yield events.PreparationBegun(f"opening {own.model}")
    import_modules(filter(None, (name.strip() for name in own.modules.split(","))))
    keras.utils.set_random_seed(experiment.seed)  # a person's function may draw numbers that the model keeps
    read: dict[str, GivenSets] = {}
    opened = open_model(own.model, partial(first_inputs, experiment, read))
    data = yield from own_data_of(experiment, opened, read)
    tensors = OwnTensors(opened, own, experiment.contenders, data.train_labels)
    split = split_of_own(data)
    how = compiled(opened, experiment, split.images, classes=bool(data.classes))
    told = prepared(opened, tensors, how, tensors.notes)
    yield told
    refuse_too_large(opened.model, 1)
    asked = time.perf_counter()
    orders = batches(experiment.seed, 1, split.train, experiment.batch_size)
    network = yield from own_model(opened, how, tensors, split.images, orders)
    return ReadyModel(own_data_loaded(data), told, split, network, time.perf_counter() - asked)
