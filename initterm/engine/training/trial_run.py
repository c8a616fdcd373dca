"""One trial on its way, as an iterator of events."""

from __future__ import annotations

from collections.abc import Callable, Container, Generator, Iterator
from functools import partial
from typing import Any, Literal

import numpy as np

from initterm.engine.data.batches import batches
from initterm.engine.training.event_files import EventFiles
from initterm.engine.training.going_on import NOWHERE, States
from initterm.engine.training.passes import Tally
from initterm.engine.training.split import Split
from initterm.engine.training.trainable import NetworkState, Trainable, arrays_of
from initterm.experiments.message import finite
from initterm.experiments.training import events
from initterm.experiments.training.board import TrialRecord
from initterm.experiments.training.experiment import Experiment
from initterm.theory.arrays import Indices


class TrialRun:
    """One trial on its way: its state while others are trained with the same network, and what it tells.

    Args:
        record: the trial, and what an interrupted run told of it.
        experiment: which it belongs to.
        split: the images.
        network: its contender's, compiled.
        recorder: is told what it tells.
        states: where its state is kept after each epoch.
    """

    def __init__(
        self,
        record: TrialRecord,
        experiment: Experiment,
        split: Split[Any],
        network: Trainable[Any],
        recorder: EventFiles | None,
        states: States = NOWHERE,
    ) -> None:
        self._trial = record.trial
        self._before = record
        self._diagnosed_before = frozenset(diagnosed.epoch for diagnosed in record.diagnoses)
        self._experiment = experiment
        self._split = split
        self._course = experiment.course(split.train)
        self._network = network
        self._recorder = recorder
        self._states = states
        self._state: NetworkState | None = None
        self._epoch = 0
        self._over = False

    @property
    def index(self) -> int:
        """Which trial it is, counted from 0."""
        return self._trial.index

    @property
    def contender(self) -> int:
        """Whose trial it is, counted from 0."""
        return self._trial.index % len(self._experiment.contenders)

    def go_on(self) -> Iterator[events.TrialResumed]:
        """Take up the last state of an interrupted run, the start where there is none; nothing of a fresh trial."""
        if self._before.status == "waiting":
            return
        epoch, state = self._states.load(self._trial.index) or (0, ())
        if 0 < epoch <= self._before.epochs_done and not self._lacks_diagnosis(epoch) and self._network.fits(state):
            self._epoch, self._state = epoch, state
        yield events.TrialResumed(self._trial.index, self._epoch)

    def until_cancelled(
        self, told: Iterator[events.TrainingEvent], cancelled: Container[int]
    ) -> Iterator[events.TrainingEvent]:
        """These events, unless the trial is over; cut off by its end when its contender is cancelled."""
        while not self._over:
            event = next(told, None) if self.contender not in cancelled else self._end("cancelled")
            if event is None:
                return
            if self._recorder:
                self._recorder.record(self._trial, event)
            yield event
            if isinstance(event, events.TrialFinished) and event.status != "finished":
                self._states.drop(self._trial.index)

    def run_epoch(self, epoch: int) -> Iterator[events.TrainingEvent]:
        """Train and validate once, from the starting weights in the first epoch; nothing where it has got so far."""
        if epoch <= self._epoch:
            return
        if epoch == 1:
            yield from self._start()
        self._network.take(self._state or ())
        orders = self._batches(epoch)
        training = yield from self._followed(
            self._network.train(self._split.images, *orders, rows=self._course.steps_of(epoch)),
            partial(self._progress, epoch),
        )
        if training.bad_row is not None:
            yield self._epoch_finished(epoch, training, None)
            yield self._end("diverged", step=(epoch - 1) * self._course.an_epoch + training.bad_row)
            return
        at = self._progress(epoch, training)
        validation = yield from self._evaluated(self._split.validation_indices, at)
        self._epoch, self._state = epoch, self._network.state()
        yield self._epoch_finished(epoch, training, validation)
        if validation.bad_row is not None:
            yield self._end("diverged", step=(epoch - 1) * self._course.an_epoch + training.total)
            return
        if self._lacks_diagnosis(epoch):
            yield self._diagnosed(epoch)
        if self._states is not NOWHERE:
            self._states.save(self._trial.index, epoch, arrays_of(self._state))

    def finish(self, status: Literal["finished", "stopped"] = "finished") -> Iterator[events.TrainingEvent]:
        """Meet the test images."""
        self._network.take(self._state or ())
        self._network.settle()
        epochs = self._epoch
        if self._recorder:
            self._recorder.record_weights(self._trial, epochs, self._network.weights())
        at = events.StepsFinished(self._trial.index, epochs, self._course.an_epoch, None, None)
        test = yield from self._evaluated(self._split.test_indices, at)
        hits = b"" if test.hits is None else np.packbits(test.hits).tobytes()
        yield self._end(status, finite(test.loss), finite(test.accuracy), hits=hits)

    def _start(self) -> Iterator[events.TrainingEvent]:
        trial = self._trial
        self._state = self._network.start(
            trial.contender,
            trial.seed,
            self._experiment.learning_rate,
            self._split.images,
            self._order(1),
        )
        if self._before.status == "waiting":
            if self._recorder:
                self._recorder.record_weights(trial, 0, self._network.weights())
            yield events.TrialStarted(trial.index, self._course.an_epoch)
        if self._lacks_diagnosis(0):
            yield self._diagnosed(0)

    def _lacks_diagnosis(self, epoch: int) -> bool:
        """Whether one is due after an epoch, as after the last and those that double, and wasn't told before."""
        due = epoch == self._course.epochs or epoch & (epoch - 1) == 0
        return due and epoch not in self._diagnosed_before

    def _batches(self, epoch: int) -> tuple[Indices, ...]:
        return batches(self._trial.seed, epoch, self._split.train, self._experiment.batch_size)

    def _order(self, epoch: int) -> Indices:
        """The training images in the order of an epoch, (n,)."""
        return np.concatenate([part.ravel() for part in self._batches(epoch)])

    def _diagnosed(self, epoch: int) -> events.Diagnosed:
        """Probe with the first images that the next epoch would begin with; the network's state is spoilt by it."""
        numbers = self._network.probe(self._split.images, self._order(epoch + 1))
        answers = numbers.pop("answers", None)
        told = {name: finite(value) for name, value in numbers.items()}
        return events.Diagnosed(self._trial.index, epoch, answers=None if answers is None else int(answers), **told)

    def _progress(self, epoch: int, tally: Tally) -> events.StepsFinished:
        return events.StepsFinished(self._trial.index, epoch, tally.rows, finite(tally.loss), finite(tally.accuracy))

    def _followed(
        self, tallies: Iterator[Tally], progress: Callable[[Tally], events.StepsFinished]
    ) -> Generator[events.StepsFinished, None, Tally]:
        """How far it is, between two pieces of a pass over images; the last tally is returned."""
        for tally in tallies:
            if tally.over:
                return tally
            yield progress(tally)
        raise RuntimeError("a pass over the images ended before it was complete")

    def _evaluated(self, indices: Indices, at: events.StepsFinished) -> Generator[events.StepsFinished, None, Tally]:
        """The same event between two pieces of an evaluation."""
        return self._followed(self._network.evaluate(self._split.images, indices), lambda _: at)

    def _epoch_finished(
        self, epoch: int, training: Tally, validation: Tally | None
    ) -> events.EpochFinished | events.StepsFinished:
        """What an epoch came to; where that was told before, only that it got there."""
        if epoch <= self._before.epochs_done:
            return self._progress(epoch, training)
        return events.EpochFinished(
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
        status: Literal["finished", "stopped", "diverged", "cancelled"],
        test_loss: float | None = None,
        test_accuracy: float | None = None,
        *,
        step: int | None = None,
        hits: bytes = b"",
    ) -> events.TrialFinished:
        self._over, self._state = True, None
        return events.TrialFinished(self._trial.index, status, test_loss, test_accuracy, step, hits)
