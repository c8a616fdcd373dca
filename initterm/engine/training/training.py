"""An experiment as an iterator of events: all trials side by side, epoch after epoch, by ordinary Keras parts."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Container, Generator, Iterable, Iterator

from initterm.engine import runtime
from initterm.engine.comparison.intervals import t_quantiles
from initterm.engine.data import datasets
from initterm.engine.data.batches import batches
from initterm.engine.data.datasets import Dataset
from initterm.engine.networks.network import refuse_too_large
from initterm.engine.runtime import tf
from initterm.engine.training.comparisons import compared
from initterm.engine.training.compiled import CompiledNetwork, Images
from initterm.engine.training.event_files import EventFiles
from initterm.engine.training.going_on import FROM_THE_START, GoingOn
from initterm.engine.training.losers import losers_of
from initterm.engine.training.own_training import train_own
from initterm.engine.training.split import Split, data_loaded, split_of
from initterm.engine.training.trial_run import TrialRun
from initterm.engine.training.turns import NOBODY, Stopwatch, side_by_side
from initterm.experiments.training import events
from initterm.experiments.training.experiment import Experiment
from initterm.experiments.training.network import StepSpec
from initterm.theory.arrays import Indices

Key = tuple[object, ...]

MOST_KEPT = 8
TOOLCHAIN = re.compile(r"libdevice|ptxas|nvlink|nvjitlink", re.IGNORECASE)
"""What XLA's message names when a GPU's compiler isn't where it looks for it (tensorflow #58681)."""

_kept: OrderedDict[Key, CompiledNetwork] = OrderedDict()


def compiled_network(
    spec: StepSpec, images: Images, orders: tuple[Indices, ...], evaluation_images: int
) -> Generator[events.CompileStarted | events.FellBack, None, tuple[Key, CompiledNetwork]]:
    """A network that is compiled for these shapes: kept from an earlier run, or compiled now, which an event announces.

    It is the caller's alone until it is handed to ``keep`` under its key. Where XLA lacks its toolchain, TensorFlow's
    own graph is taken instead, which another event tells.
    """
    key: Key = (
        spec,
        images.shape,
        images.classes,
        len(images.y),
        tuple(order.shape for order in orders),
        evaluation_images,
    )
    if kept := _kept.pop(key, None):
        return key, kept
    yield events.CompileStarted(spec.network.activation)
    network = CompiledNetwork(spec, images.shape, images.classes)
    try:
        network.compile(images, *orders, evaluation_images=evaluation_images)
    except tf.errors.OpError as error:
        if not TOOLCHAIN.search(error.message):
            raise
        network = CompiledNetwork(spec, images.shape, images.classes, jit=False)
        network.compile(images, *orders, evaluation_images=evaluation_images)
        yield events.FellBack(f"Not compiled by XLA, so training is slower: {error.message.splitlines()[0][:120]}")
    return key, network


def keep(key: Key, network: CompiledNetwork) -> None:
    """Keep a network for the next run; of many the ones used last."""
    _kept[key] = network
    while len(_kept) > MOST_KEPT:
        _kept.popitem(last=False)


def forget() -> None:
    """Drop every network that is kept."""
    _kept.clear()


Networks = dict[StepSpec, tuple[Key, CompiledNetwork]]


def train(
    experiment: Experiment,
    cancelled: Container[int] = NOBODY,
    recorder: EventFiles | None = None,
    going_on: GoingOn = FROM_THE_START,
) -> Iterator[events.TrainingEvent]:
    """Run an experiment; stopping to iterate stops it.

    Args:
        experiment: what to run.
        cancelled: contenders, counted from 0, that shall go no further; looked at between any two events.
        recorder: is told each trial's events, and its weights at the start and the end.
        going_on: what an interrupted run of it left, and where the states of its trials are kept.

    Yields:
        Events in the order of ``TrainingEvent``'s list; what is done between two of them is bounded in time, compiling
        excepted, which ``CompileStarted`` announces. Of what a trial told before nothing is told again, even where its
        state is older and epochs are trained again: both together are what a run tells that is never interrupted.

    Raises:
        Refusal: the data or the network can't be used, or the data are others than those it was begun with.
    """
    yield run_started(experiment)
    if experiment.own.model:
        yield from train_own(experiment, cancelled, recorder, going_on)
        return
    dataset = yield from datasets.load(experiment.data)
    yield from train_on(dataset, experiment, cancelled, recorder, going_on)


def run_started(experiment: Experiment) -> events.RunStarted:
    """The event that tells what an experiment is computed with."""
    quantiles = t_quantiles(experiment.seeds)
    return events.RunStarted(runtime.device_name(), runtime.versions(), quantiles, runtime.machine())


def train_on(
    dataset: Dataset,
    experiment: Experiment,
    cancelled: Container[int] = NOBODY,
    recorder: EventFiles | None = None,
    going_on: GoingOn = FROM_THE_START,
) -> Iterator[events.TrainingEvent]:
    """Run an experiment on a dataset that is there; see ``train``."""
    split = split_of(dataset, experiment)
    loaded = data_loaded(dataset, experiment, split)
    going_on.refuse_other_data(loaded)
    yield loaded
    records = going_on.left(experiment, split.train)
    refuse_too_large(experiment.network, len(records), dataset.shape, dataset.classes)
    steps = [experiment.step_of(record.trial.contender) for record in records]
    networks: Networks = {}
    try:
        yield from _compile(experiment, steps, split, networks)
        trial_runs = [
            TrialRun(record, experiment, split, networks[step][1], recorder, going_on.states)
            for record, step in zip(records, steps, strict=True)
        ]
        stopwatch = Stopwatch(experiment.minutes, going_on.told)
        epochs = experiment.course(split.train).epochs
        losers = losers_of(experiment, epochs, going_on.told)
        told = side_by_side(trial_runs, epochs, cancelled, stopwatch, losers)
        yield from compared(experiment, told, split.test, going_on.told)
    finally:
        for key, network in networks.values():
            keep(key, network)


def _compile(
    experiment: Experiment, steps: Iterable[StepSpec], split: Split[Images], networks: Networks
) -> Iterator[events.TrainingEvent]:
    """Fill in a network for each step that trials are trained by."""
    orders = batches(experiment.seed, 1, split.train, experiment.batch_size)
    evaluation_images = max(split.validation, split.test)
    for spec in dict.fromkeys(steps):
        networks[spec] = yield from compiled_network(spec, split.images, orders, evaluation_images)
