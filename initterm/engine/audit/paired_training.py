"""A short training of a model as it stands and fixed: the same batches in the same order, the same optimizer."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from itertools import count, islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from initterm.engine.audit.fixes import FixedModel
from initterm.engine.comparison.comparing import compare
from initterm.engine.data.batches import batches
from initterm.engine.keras_types import Model
from initterm.engine.models.cloning import clone_of, copy_weights
from initterm.engine.models.inputs import Examples, Objective, Task
from initterm.engine.models.opened import MOST_LAG, OpenedModel
from initterm.engine.runtime import keras, tf
from initterm.experiments.audit import events
from initterm.experiments.comparison import Accuracies, Comparison
from initterm.experiments.message import finite
from initterm.experiments.metric import ACCURACY, Metric
from initterm.theory.numbers import percent

BATCH_SIZE = 32
LEARNING_RATE = 0.001
SEEDS = (42, 43, 44, 45, 46)

MOST_STEPS, FEWEST_STEPS = 300, 10
MOST_SECONDS = 60.0
"""How long all steps of all seeds may take together; of a large model fewer steps are made."""

MARGIN = 0.005
"""Accuracies that differ by less are equivalent."""

MOST_VALIDATION = 960
VALIDATION_SHARE = 0.2
PIECE_SECONDS = 0.2
"""How long the work between two events takes, a single step and compiling excepted."""

Batch = tuple[object, object]
"""Inputs and targets, tensors of TensorFlow's."""


class Trainee:
    """A model with Adam in compiled functions of a step and of a look at validation examples."""

    def __init__(self, model: Model, objective: Objective) -> None:
        self.model = model
        self.diverged_at: int | None = None
        self.losses: list[float] = []
        self._objective = objective
        self._optimizer = keras.optimizers.Adam(LEARNING_RATE)
        self._optimizer.build(model.trainable_variables)
        self._fresh = [variable.value.read_value() for variable in self._optimizer.variables]
        self._step = tf.function(self._stepped, autograph=False)
        self._look = tf.function(self._looked, autograph=False)

    def begin(self) -> None:
        """A fresh optimizer for the weights as they are."""
        for variable, value in zip(self._optimizer.variables, self._fresh, strict=True):
            variable.assign(value)
        self.diverged_at, self.losses = None, []

    def step(self, number: int, batch: Batch) -> None:
        """One step, unless a loss was NaN or infinite before."""
        if self.diverged_at is None:
            self.losses.append(float(self._step(*batch)))
            self.diverged_at = None if math.isfinite(self.losses[-1]) else number

    @property
    def late_loss(self) -> float:
        """Mean loss of the last tenth of the steps, NaN of a model that diverged."""
        return float(np.mean(self.losses[-max(1, len(self.losses) // 10) :]))

    def look(self, batch: Batch) -> tuple[float, float]:
        """Mean loss and share of hits on a batch, weights unchanged."""
        loss, hits = self._look(*batch)
        return float(loss), float(hits)

    def _stepped(self, x: object, y: object) -> object:
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(self._objective.losses(y, self.model(x, training=True)))
            total = tf.add_n([loss, *(tf.cast(one, loss.dtype) for one in self.model.losses)])
        variables = self.model.trainable_variables
        self._optimizer.apply(tape.gradient(total, variables), variables)
        return loss

    def _looked(self, x: object, y: object) -> tuple[object, object]:
        output = self.model(x, training=False)
        hits = self._objective.hits(y, output) if self._objective.has_accuracy else tf.zeros(1)
        return tf.reduce_mean(self._objective.losses(y, output)), tf.reduce_mean(tf.cast(hits, tf.float32))


class ExampleSplit:
    """Examples to train with and, a random fifth of them to validate with: whole batches of both."""

    def __init__(self, examples: Examples) -> None:
        total = len(examples.x)
        self.batch_size = min(BATCH_SIZE, round(VALIDATION_SHARE * total))
        self.validation = min(MOST_VALIDATION, round(VALIDATION_SHARE * total)) // self.batch_size * self.batch_size
        self.train = min(total - self.validation, MOST_STEPS * BATCH_SIZE)
        chosen = np.random.default_rng(SEEDS[0]).permutation(total)[: self.validation + self.train]
        self._x, self._y = examples.x[chosen], examples.y[chosen]

    def batches(self, seed: int) -> Iterator[Batch]:
        """Whole batches without end, epoch after epoch, in an order that is the seed's."""
        for epoch in count(1):
            for row in batches(seed, epoch, self.train, self.batch_size)[0]:
                yield self._at(self.validation + row)

    def validation_batches(self) -> Iterator[Batch]:
        """The examples that no step sees."""
        for row in np.arange(self.validation).reshape(-1, self.batch_size):
            yield self._at(row)

    def _at(self, indices: NDArray[Any]) -> Batch:
        return tf.constant(self._x[indices]), tf.constant(self._y[indices])


class PairedTraining:
    """Both models, trained side by side, seed after seed; ``comparison`` is there at the end.

    Args:
        opened: as it stands; a clone of it is trained.
        fixed: drawn anew for each seed.
        task: what both are trained for.

    Raises:
        Refusal: the model can't be built again.
    """

    def __init__(self, opened: OpenedModel, fixed: FixedModel, task: Task) -> None:
        self.comparison: Comparison | None = None
        self._source, self._fixed = opened, fixed
        self._objective, self._split = task.objective, ExampleSplit(task.examples)
        self._pair = Trainee(clone_of(opened).model, task.objective), Trainee(fixed.opened.model, task.objective)

    def run(self) -> Iterator[events.ProofEvent]:
        """Train: the plan, then the steps and the end of each seed."""
        yield events.ProofAdvanced("compiling")
        plan = self._plan()
        yield plan
        pairs = []
        for seed in SEEDS:
            self._begin(seed)
            yield from self._steps(seed, plan.steps)
            outcomes = []
            for trainee in self._pair:
                outcomes.append(events.Outcome(finite(trainee.late_loss), None, None, trainee.diverged_at))
                for outcomes[-1] in self._validated(trainee):
                    yield events.ProofAdvanced("validating")
            pairs.append(events.PairFinished(seed, *outcomes))
            yield pairs[-1]
        self.comparison = _compared(pairs, plan.judged_by)

    def _begin(self, seed: int) -> None:
        copy_weights(self._source.model, self._pair[0].model)
        self._fixed.draw(seed)
        for trainee in self._pair:
            trainee.begin()

    def _plan(self) -> events.PairsPlanned:
        """As many steps as the time allows, by what two of them take once compiled."""
        self._begin(SEEDS[0])
        first, *others = islice(self._split.batches(SEEDS[0]), 3)
        self._step(1, first)
        began = time.perf_counter()
        for batch in others:
            self._step(1, batch)
        each = max(1e-6, (time.perf_counter() - began) / len(others))
        steps = int(np.clip(MOST_SECONDS / (each * len(SEEDS)), FEWEST_STEPS, MOST_STEPS))
        note = _lag_note(self._source, steps)
        return events.PairsPlanned(
            self._objective.words,
            self._criterion(bool(note)),
            self._split.train,
            self._split.validation,
            self._split.batch_size,
            LEARNING_RATE,
            steps,
            SEEDS,
            note,
        )

    def _step(self, number: int, batch: Batch) -> None:
        for trainee in self._pair:
            trainee.step(number, batch)

    def _steps(self, seed: int, steps: int) -> Iterator[events.PairStepped]:
        told = time.perf_counter()
        for number, batch in enumerate(islice(self._split.batches(seed), steps), start=1):
            self._step(number, batch)
            if number in (1, steps) or time.perf_counter() - told > PIECE_SECONDS:
                told = time.perf_counter()
                yield events.PairStepped(seed, number, *(finite(trainee.losses[-1]) for trainee in self._pair))

    def _validated(self, trainee: Trainee) -> Iterator[events.Outcome]:
        """The outcome so far, after each piece of the validation; none of a model that diverged."""
        if trainee.diverged_at is not None:
            return
        looks: list[tuple[float, float]] = []
        for batch in self._split.validation_batches():
            looks.append(trainee.look(batch))
            loss, hits = np.mean(looks, axis=0)
            accuracy = float(hits) if self._objective.has_accuracy else None
            yield events.Outcome(finite(trainee.late_loss), finite(float(loss)), accuracy)

    def _criterion(self, lags: bool) -> events.Criterion:
        if lags:
            return "train_loss"
        return "accuracy" if self._objective.has_accuracy else "loss"


def _lag_note(opened: OpenedModel, steps: int) -> str:
    """What is said of moving statistics that a short training leaves near where they began; empty where it doesn't."""
    if (lag := opened.lag_after(steps)) < MOST_LAG:
        return ""
    return (
        f"Batch normalization's moving statistics are still {percent(lag)} what they began with "
        f"after {steps} steps, so the loss judges that both trained with, not the validation."
    )


def _compared(pairs: list[events.PairFinished], criterion: events.Criterion) -> Comparison:
    """The fixed model and the one as it stands, by what decides of them; accuracies may be equivalent."""
    sides = [pair.fixed for pair in pairs], [pair.as_it_stands for pair in pairs]
    figures: Accuracies = tuple(tuple(getattr(outcome, criterion) for outcome in side) for side in sides)
    diverged = tuple(tuple(outcome.diverged_at is not None for outcome in side) for side in sides)
    is_accuracy = criterion == "accuracy"
    metric = ACCURACY if is_accuracy else Metric("loss", higher_is_better=False, largest=None)
    return compare(figures, diverged=diverged, margin=MARGIN if is_accuracy else None, metric=metric)
