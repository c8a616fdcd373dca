"""An experiment as an iterator of events: every trial trained, epoch after epoch, by ordinary Keras parts."""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from initterm.engine import datasets, runtime
from initterm.engine.compiled import CompiledNetwork, Images, Tally
from initterm.engine.datasets import Dataset
from initterm.engine.experiment import Experiment, Trial, too_few, training_count
from initterm.engine.network import build_model
from initterm.engine.protocol import (
    CompileStarted,
    DataLoaded,
    EpochFinished,
    RunStarted,
    StepsFinished,
    TrainingEvent,
    TrialFinished,
    TrialStarted,
    finite,
)
from initterm.engine.runtime import keras
from initterm.theory.refusal import Refusal

Indices = NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class Split:
    """What of a dataset an experiment uses: the last of the first ``samples`` images validate, as Keras's fit has it.

    ``images`` holds training, validation and test images in this order.
    """

    images: Images
    train: int
    validation: int
    test: int

    @property
    def validation_indices(self) -> Indices:
        """Where the validation images stand among ``images``."""
        return np.arange(self.train, self.train + self.validation, dtype=np.int32)

    @property
    def test_indices(self) -> Indices:
        """Where the test images stand among ``images``."""
        return np.arange(self.train + self.validation, len(self.images.y), dtype=np.int32)


def train(experiment: Experiment) -> Iterator[TrainingEvent]:
    """Run an experiment; stopping to iterate stops it.

    Yields:
        Events in the order of ``protocol``'s list; what is done between two of them is bounded in time, compiling
        excepted, which ``CompileStarted`` announces.

    Raises:
        Refusal: the data or the network can't be used.
    """
    yield RunStarted(runtime.device_name(), runtime.versions())
    for event in datasets.load(experiment.data):
        if isinstance(event, Dataset):
            yield from train_on(event, experiment)
        else:
            yield event


def train_on(dataset: Dataset, experiment: Experiment) -> Iterator[TrainingEvent]:
    """Run an experiment on a dataset that is there; see ``train``."""
    split = _split(dataset, experiment)
    yield _loaded(dataset, experiment, split)
    yield CompileStarted()
    first = experiment.contenders[0]
    network = CompiledNetwork(
        build_model(experiment.network, first), experiment.optimizer, experiment.learning_rate, split.images
    )
    orders = batches(experiment.seed, 1, split.train, experiment.batch_size)
    network.compile(*orders, evaluation_images=max(split.validation, split.test))
    for trial in experiment.trials:
        yield from _run_trial(trial, experiment, split, network)


def _split(dataset: Dataset, experiment: Experiment) -> Split:
    count = min(experiment.samples, len(dataset.y_train))
    if sentence := too_few(count, experiment.validation_split, experiment.batch_size):
        raise Refusal(f"{dataset.name} has {len(dataset.y_train):,} training images: {sentence}.")
    x = np.concatenate([dataset.x_train[:count], dataset.x_test])
    y = np.concatenate([dataset.y_train[:count], dataset.y_test])
    training = training_count(count, experiment.validation_split)
    images = Images((x / np.float32(255)).astype(np.float32), y.astype(np.int32))
    return Split(images, training, count - training, len(dataset.y_test))


def _loaded(dataset: Dataset, experiment: Experiment, split: Split) -> DataLoaded:
    note, there = dataset.note, len(dataset.y_train)
    if there < experiment.samples:
        note = f"{note} All {there:,} training images are used; {experiment.samples:,} were asked for.".strip()
    return DataLoaded(dataset.name, split.train, split.validation, split.test, note)


def batches(seed: int, epoch: int, count: int, batch_size: int) -> tuple[Indices, ...]:
    """The order in which a trial sees its training images; the same for all trials of a seed.

    Args:
        seed: the trial's seed.
        epoch: from 1.
        count: how many training images there are.
        batch_size: images a batch.

    Returns:
        Indices of the whole batches, (count // batch_size, batch_size), and, where images are left over, those of a
        last, smaller one, (1, rest).
    """
    order = np.random.default_rng([seed, epoch]).permutation(count).astype(np.int32)
    whole = count // batch_size * batch_size
    parts = (order[:whole].reshape(-1, batch_size), order[whole:].reshape(1, -1))
    return tuple(part for part in parts if part.size)


def _run_trial(trial: Trial, experiment: Experiment, split: Split, network: CompiledNetwork) -> Iterator[TrainingEvent]:
    keras.utils.set_random_seed(trial.seed)
    network.restart(build_model(experiment.network, trial.initializer))
    steps = math.ceil(split.train / experiment.batch_size)
    yield TrialStarted(trial.index, steps)
    for epoch in range(1, experiment.epochs + 1):
        finished = yield from _run_epoch(trial, epoch, experiment, split, network)
        yield finished
        if finished.loss is None or finished.val_loss is None:
            yield TrialFinished(trial.index, "diverged", None, None)
            return
    at = StepsFinished(trial.index, experiment.epochs, steps)
    test = yield from _counted(network.evaluate(split.test_indices), lambda _: at)
    yield TrialFinished(trial.index, "finished", finite(test.loss), finite(test.accuracy))


def _run_epoch(
    trial: Trial, epoch: int, experiment: Experiment, split: Split, network: CompiledNetwork
) -> Generator[StepsFinished, None, EpochFinished]:
    orders = batches(trial.seed, epoch, split.train, experiment.batch_size)

    def progress(tally: Tally) -> StepsFinished:
        return StepsFinished(trial.index, epoch, tally.rows)

    training = yield from _counted(network.train(*orders), progress)
    at = progress(training)
    validation = yield from _counted(network.evaluate(split.validation_indices), lambda _: at)
    return EpochFinished(
        trial=trial.index,
        epoch=epoch,
        loss=finite(training.loss),
        accuracy=finite(training.accuracy),
        val_loss=finite(validation.loss),
        val_accuracy=finite(validation.accuracy),
        seconds=training.seconds + validation.seconds,
    )


def _counted(
    tallies: Iterator[Tally], event: Callable[[Tally], StepsFinished]
) -> Generator[StepsFinished, None, Tally]:
    """An event between two pieces of work; the complete tally is returned. A loss that is no number ends it early."""
    for tally in tallies:
        if tally.complete or not math.isfinite(tally.loss):
            return tally
        yield event(tally)
    raise RuntimeError("a pass over the images ended before it was complete")
