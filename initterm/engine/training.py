"""An experiment as an iterator of events: all trials side by side, epoch after epoch, by ordinary Keras parts."""

from __future__ import annotations

import math
from collections.abc import Container, Generator, Iterator
from dataclasses import asdict, dataclass
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from initterm.engine import datasets, foundry, runtime
from initterm.engine.comparisons import compared
from initterm.engine.compiled import CompiledNetwork, Images, State, Tally
from initterm.engine.datasets import Bytes, Dataset
from initterm.engine.network import refuse_too_large
from initterm.engine.statistics import t_quantiles
from initterm.experiments.message import finite
from initterm.experiments.training.events import (
    DataLoaded,
    Diagnosed,
    EpochFinished,
    RunStarted,
    StepsFinished,
    TrainingEvent,
    TrialFinished,
    TrialStarted,
)
from initterm.experiments.training.experiment import Experiment, TrainingSource, Trial, too_few, training_count
from initterm.theory.refusal import Refusal

Indices = NDArray[np.int32]
NOBODY: frozenset[int] = frozenset()


class Recorder(Protocol):
    """Keeps what a run tells, and the weights at the start and the end of each trial."""

    def record(self, trial: Trial, event: TrainingEvent) -> None:
        """Take in an event of a trial."""

    def record_weights(self, trial: Trial, epoch: int, weights: Iterator[tuple[str, NDArray[np.float32]]]) -> None:
        """Take in a trial's weights after this epoch, by name."""


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
        first = self.train + self.validation
        return np.arange(first, first + self.test, dtype=np.int32)


def train(
    experiment: Experiment, cancelled: Container[int] = NOBODY, recorder: Recorder | None = None
) -> Iterator[TrainingEvent]:
    """Run an experiment; stopping to iterate stops it.

    Args:
        experiment: what to run.
        cancelled: contenders, counted from 0, that shall go no further; looked at between any two events.
        recorder: is told each trial's events and weights.

    Yields:
        Events in the order of ``protocol``'s list; what is done between two of them is bounded in time, compiling
        excepted, which ``CompileStarted`` announces.

    Raises:
        Refusal: the data or the network can't be used.
    """
    yield RunStarted(runtime.device_name(), runtime.versions(), t_quantiles(experiment.seeds))
    for event in datasets.load(experiment.data):
        if isinstance(event, Dataset):
            yield from train_on(event, experiment, cancelled, recorder)
        else:
            yield event


def train_on(
    dataset: Dataset, experiment: Experiment, cancelled: Container[int] = NOBODY, recorder: Recorder | None = None
) -> Iterator[TrainingEvent]:
    """Run an experiment on a dataset that is there; see ``train``."""
    split = _split(dataset, experiment)
    yield _loaded(dataset, experiment, split)
    trials = list(experiment.trials)
    refuse_too_large(experiment.network, len(trials))
    networks: dict[str, tuple[foundry.Key, CompiledNetwork]] = {}
    try:
        yield from _compile(experiment, split, networks)
        of_trial = (networks[experiment.network_of(trial.contender).activation][1] for trial in trials)
        courses = [
            Course(trial, experiment, split, network, recorder) for trial, network in zip(trials, of_trial, strict=True)
        ]
        yield from compared(experiment, _side_by_side(courses, experiment.epochs, cancelled))
    finally:
        for key, network in networks.values():
            foundry.keep(key, network)


def _compile(
    experiment: Experiment, split: Split, networks: dict[str, tuple[foundry.Key, CompiledNetwork]]
) -> Iterator[TrainingEvent]:
    """Fill in a network for each activation."""
    orders = batches(experiment.seed, 1, split.train, experiment.batch_size)
    evaluation_images = max(split.validation, split.test)
    for spec in dict.fromkeys(map(experiment.network_of, experiment.contenders)):
        networks[spec.activation] = yield from foundry.compiled_network(
            spec, experiment.optimizer, split.images, orders, evaluation_images
        )


def _side_by_side(courses: list[Course], epochs: int, cancelled: Container[int]) -> Iterator[TrainingEvent]:
    """An epoch of every trial, the next epoch of every trial, and so on; at last the test."""
    for epoch in range(1, epochs + 1):
        for course in courses:
            yield from course.until_cancelled(course.run_epoch(epoch), cancelled)
    for course in courses:
        yield from course.until_cancelled(course.finish(), cancelled)


def _split(dataset: Dataset, experiment: Experiment) -> Split:
    count = min(experiment.samples, len(dataset.y_train))
    if sentence := too_few(count, experiment.validation_split, experiment.batch_size):
        raise Refusal(f"{dataset.name} has {len(dataset.y_train):,} training images: {sentence}.")
    x = np.concatenate([dataset.x_train[:count], dataset.x_test])
    y = np.concatenate([dataset.y_train[:count], dataset.y_test])
    training = training_count(count, experiment.validation_split)
    images = Images(inputs_of(x, dataset, experiment.source), y.astype(np.int32))
    return Split(images, training, count - training, len(dataset.y_test))


def inputs_of(x: Bytes, dataset: Dataset, source: TrainingSource) -> NDArray[np.float32]:
    """What goes in for the images ``x``: pixels from 0 to 1, or standardized by all training images of the dataset."""
    pixels = (x / np.float32(255)).astype(np.float32)
    if source == "pixels":
        return pixels
    mean, std = (float(moment) / 255 for moment in (dataset.x_train.mean(), dataset.x_train.std()))
    return ((pixels - mean) / std).astype(np.float32)


def _loaded(dataset: Dataset, experiment: Experiment, split: Split) -> DataLoaded:
    note, there = dataset.note, len(dataset.y_train)
    if there < experiment.samples:
        note = f"{note} All {there:,} training images are used; {experiment.samples:,} were asked for.".strip()
    classes = (_class_counts(dataset.y_train[: split.train]), _class_counts(dataset.y_test))
    return DataLoaded(dataset.name, split.train, split.validation, split.test, note, *classes)


def _class_counts(labels: Bytes) -> tuple[int, ...]:
    return tuple(np.bincount(labels, minlength=datasets.CLASSES).tolist())


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


class Course:
    """One trial on its way: its state while others are trained with the same network, and what it tells."""

    def __init__(
        self, trial: Trial, experiment: Experiment, split: Split, network: CompiledNetwork, recorder: Recorder | None
    ) -> None:
        self._trial = trial
        self._experiment = experiment
        self._split = split
        self._network = network
        self._recorder = recorder
        self._state: State | None = None
        self._over = False

    def until_cancelled(self, events: Iterator[TrainingEvent], cancelled: Container[int]) -> Iterator[TrainingEvent]:
        """These events, unless the trial is over; cut off by its end when its contender is cancelled."""
        contender = self._trial.index % len(self._experiment.contenders)
        while not self._over:
            event = next(events, None) if contender not in cancelled else self._end("cancelled")
            if event is None:
                return
            if self._recorder:
                self._recorder.record(self._trial, event)
            yield event

    def run_epoch(self, epoch: int) -> Iterator[TrainingEvent]:
        """Train and validate once, from the starting weights in the first epoch."""
        if epoch == 1:
            yield from self._start()
        self._network.take(self._state or ())
        orders = self._batches(epoch)
        training = yield from self._followed(self._network.train(self._split.images, *orders), epoch)
        if training.bad_row is not None:
            yield self._epoch_finished(epoch, training, None)
            yield self._end("diverged", step=(epoch - 1) * training.total + training.bad_row)
            return
        at = self._progress(epoch, training)
        validation = yield from self._evaluated(self._split.validation_indices, at)
        self._state = self._network.state()
        yield self._epoch_finished(epoch, training, validation)
        if validation.bad_row is not None:
            yield self._end("diverged", step=epoch * training.total)
        elif epoch == self._experiment.epochs or epoch & (epoch - 1) == 0:
            yield self._diagnosed(epoch)

    def finish(self) -> Iterator[TrainingEvent]:
        """Meet the test images."""
        self._network.take(self._state or ())
        epochs = self._experiment.epochs
        if self._recorder:
            self._recorder.record_weights(self._trial, epochs, self._network.weights())
        at = StepsFinished(self._trial.index, epochs, self._steps, None, None)
        test = yield from self._evaluated(self._split.test_indices, at)
        yield self._end("finished", finite(test.loss), finite(test.accuracy))

    def _start(self) -> Iterator[TrainingEvent]:
        trial = self._trial
        self._state = self._network.start(
            trial.contender.initializer,
            trial.seed,
            self._experiment.learning_rate,
            self._split.images,
            self._order(1),
        )
        if self._recorder:
            self._recorder.record_weights(trial, 0, self._network.weights())
        yield TrialStarted(trial.index, self._steps)
        yield self._diagnosed(0)

    @property
    def _steps(self) -> int:
        return math.ceil(self._split.train / self._experiment.batch_size)

    def _batches(self, epoch: int) -> tuple[Indices, ...]:
        return batches(self._trial.seed, epoch, self._split.train, self._experiment.batch_size)

    def _order(self, epoch: int) -> Indices:
        """The training images in the order of an epoch, (n,)."""
        return np.concatenate([part.ravel() for part in self._batches(epoch)])

    def _diagnosed(self, epoch: int) -> Diagnosed:
        """Probe with the first images that the next epoch would begin with; the network's state is spoilt by it."""
        numbers = asdict(self._network.probe(self._split.images, self._order(epoch + 1)))
        return Diagnosed(
            self._trial.index,
            epoch,
            **{name: None if value is None else finite(value) for name, value in numbers.items()},
        )

    def _progress(self, epoch: int, tally: Tally) -> StepsFinished:
        return StepsFinished(self._trial.index, epoch, tally.rows, finite(tally.loss), finite(tally.accuracy))

    def _followed(self, tallies: Iterator[Tally], epoch: int) -> Generator[StepsFinished, None, Tally]:
        """How far training is, between two pieces of it; the last tally is returned."""
        for tally in tallies:
            if tally.over:
                return tally
            yield self._progress(epoch, tally)
        raise RuntimeError("a pass over the images ended before it was complete")

    def _evaluated(self, indices: Indices, at: StepsFinished) -> Generator[StepsFinished, None, Tally]:
        """The same event between two pieces of an evaluation; the last tally is returned."""
        for tally in self._network.evaluate(self._split.images, indices):
            if tally.over:
                return tally
            yield at
        raise RuntimeError("a pass over the images ended before it was complete")

    def _epoch_finished(self, epoch: int, training: Tally, validation: Tally | None) -> EpochFinished:
        return EpochFinished(
            trial=self._trial.index,
            epoch=epoch,
            loss=finite(training.loss),
            accuracy=finite(training.accuracy),
            val_loss=finite(validation.loss) if validation else None,
            val_accuracy=finite(validation.accuracy) if validation else None,
            seconds=training.seconds + (validation.seconds if validation else 0.0),
        )

    def _end(
        self,
        status: Literal["finished", "diverged", "cancelled"],
        test_loss: float | None = None,
        test_accuracy: float | None = None,
        *,
        step: int | None = None,
    ) -> TrialFinished:
        self._over, self._state = True, None
        return TrialFinished(self._trial.index, status, test_loss, test_accuracy, step)
