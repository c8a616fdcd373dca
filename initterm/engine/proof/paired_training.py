"""A short training of a model as it stands and fixed: the same batches in the same order, by the loop of Train."""

from __future__ import annotations

import math
import time
from collections.abc import Generator, Iterator

import numpy as np

from initterm.engine.comparison.comparing import compare
from initterm.engine.proof.task import LEARNING_RATE, MOST_STEPS, SEEDS, Task
from initterm.engine.training.mending import DECLARED, MENDED, FixedModel
from initterm.engine.training.own_metric import LOSS
from initterm.engine.training.own_model import OwnModel
from initterm.engine.training.own_training import lag_note, own_model, refuse_too_large
from initterm.engine.training.trainable import NetworkState
from initterm.experiments.audit import events
from initterm.experiments.comparison import Accuracies, Comparison
from initterm.experiments.message import finite
from initterm.experiments.metric import ACCURACY
from initterm.experiments.training.contender import Contender
from initterm.theory.arrays import Indices

FEWEST_STEPS = 10
MOST_SECONDS = 60.0
"""How long all steps of all seeds may take together; of a large model fewer steps are made."""
MEASURED_SECONDS = 3.0
"""Where a piece seems to take no longer, it is made to measure a step by; a few steps alone seem slower than many."""
PIECES = 10
"""In how many parts a seed's steps are made; after each of them both losses are told."""

MARGIN = 0.005
"""Accuracies that differ by less are equivalent."""

LAGS = "the loss judges that both trained with, not the validation"


class Trainee:
    """One of both models on its way: its state while the other one is trained, often by the same compiled model.

    ``loss`` is the mean over the last steps that were made together, NaN from where it was NaN or infinite.
    """

    def __init__(self, network: OwnModel, contender: Contender, task: Task) -> None:
        self.loss = math.nan
        self.diverged_at: int | None = None
        self._network, self._contender, self._task = network, contender, task
        self._state: NetworkState = ()

    def begin(self, seed: int) -> None:
        """Weights as they are drawn for a seed, and a fresh optimizer."""
        self.diverged_at = None
        order = self._task.batches(seed).ravel()
        self._state = self._network.start(self._contender, seed, LEARNING_RATE, self._task.split.images, order)

    def train(self, order: Indices, rows: int, before: int = 0) -> Iterator[events.ProofAdvanced]:
        """Steps for the first rows of indices, after so many steps before; none of a model that diverged."""
        if self.diverged_at is not None:
            return
        self._network.take(self._state)
        for tally in self._network.train(self._task.split.images, order, rows=rows):
            self.loss = tally.loss
            if tally.bad_row is not None:
                self.loss, self.diverged_at = math.nan, before + tally.bad_row
            yield events.ProofAdvanced("training")
        self._state = self._network.state()

    def validated(self) -> Generator[events.ProofAdvanced, None, events.Outcome]:
        """How it meets the validation examples; nothing of a model that diverged."""
        if self.diverged_at is not None:
            return events.Outcome(None, None, None, self.diverged_at)
        self._network.take(self._state)
        loss = judged = math.nan
        for tally in self._network.evaluate(self._task.split.images, self._task.split.validation_indices):
            loss, judged = tally.loss, tally.accuracy
            yield events.ProofAdvanced("validating")
        accuracy = finite(judged) if self._task.compiled.judge.metric.is_accuracy else None
        return events.Outcome(finite(self.loss), finite(loss), accuracy)


class PairStarts:
    """How a seed's trials begin: as the model stands, and fixed."""

    def __init__(self, standing: FixedModel, fixed: FixedModel) -> None:
        self._models = {DECLARED: standing, MENDED: fixed}

    def draw(self, contender: Contender, seed: int, x: object) -> None:
        """Assign all variables of the contender's model."""
        self._models[contender].begin(seed)


class PairedTraining:
    """Both models, trained side by side, seed after seed; ``comparison`` is there at the end.

    Args:
        standing: the model as it stands.
        fixed: the same, or a clone of it, of which tensors are drawn anew for each seed.
        task: what both are trained for.
    """

    def __init__(self, standing: FixedModel, fixed: FixedModel, task: Task) -> None:
        self.comparison: Comparison | None = None
        self._standing, self._fixed, self._task = standing, fixed, task

    def run(self) -> Iterator[events.ProofEvent]:
        """Train: the plan, then the steps and the end of each seed.

        Raises:
            Refusal: the model can't be trained, or built again.
        """
        both = yield from self._trainees()
        plan = yield from self._planned(both)
        yield plan
        pairs = []
        for seed in SEEDS:
            yield from self._steps(both, seed, plan.steps // PIECES)
            as_it_stands = yield from both[0].validated()
            fixed = yield from both[1].validated()
            pairs.append(events.PairFinished(seed, as_it_stands, fixed))
            yield pairs[-1]
        self.comparison = _compared(pairs, plan.judged_by)

    def _trainees(self) -> Generator[events.ProofAdvanced, None, tuple[Trainee, Trainee]]:
        """Both; the model is compiled once, and once more where the fixed one is a clone."""
        standing, fixed = self._standing.opened, self._fixed.opened
        refuse_too_large(standing.model, 2)
        network = other = yield from self._network(self._standing, self._task)
        if fixed.model is not standing.model:
            other = yield from self._network(self._fixed, self._task.of_clone(fixed, standing))
        return Trainee(network, DECLARED, self._task), Trainee(other, MENDED, self._task)

    def _network(self, model: FixedModel, task: Task) -> Generator[events.ProofAdvanced, None, OwnModel]:
        starts, orders = PairStarts(self._standing, self._fixed), (self._piece(SEEDS[0], 0),)
        making = own_model(model.opened, task.compiled, starts, task.split.images, orders)
        while True:
            yield events.ProofAdvanced("compiling")
            try:
                next(making)
            except StopIteration as made:
                network: OwnModel = made.value
                return network

    def _piece(self, seed: int, first: int) -> Indices:
        """As many batches as a piece may have, from one on."""
        return self._task.batches(seed)[first : first + MOST_STEPS // PIECES]

    def _planned(self, both: tuple[Trainee, Trainee]) -> Generator[events.ProofAdvanced, None, events.PairsPlanned]:
        """As many steps as the time allows, by what some of them take once the first is made."""
        for trainee in both:
            trainee.begin(SEEDS[0])
        for rows in (1, 2):
            each = yield from self._measured(both, rows)
        if each * (most := MOST_STEPS // PIECES) < MEASURED_SECONDS:
            each = yield from self._measured(both, most)
        steps = int(np.clip(MOST_SECONDS / (each * len(SEEDS)), FEWEST_STEPS, MOST_STEPS)) // PIECES * PIECES
        note, split = lag_note(self._standing.opened, steps, LAGS), self._task.split
        judged_by: events.Criterion = "accuracy" if self._task.compiled.judge.metric.is_accuracy else "loss"
        return events.PairsPlanned(
            self._task.compiled.loss,
            "train_loss" if note else judged_by,
            split.train,
            split.validation,
            self._task.experiment.batch_size,
            LEARNING_RATE,
            steps,
            SEEDS,
            note,
        )

    def _measured(self, both: tuple[Trainee, Trainee], rows: int) -> Generator[events.ProofAdvanced, None, float]:
        """The seconds of a step of both, by so many of them."""
        began = time.perf_counter()
        for trainee in both:
            yield from trainee.train(self._piece(SEEDS[0], 0), rows)
        return max(1e-6, (time.perf_counter() - began) / rows)

    def _steps(self, both: tuple[Trainee, Trainee], seed: int, rows: int) -> Iterator[events.ProofEvent]:
        """All steps of a seed, so many in a piece."""
        for trainee in both:
            trainee.begin(seed)
        for done in range(0, rows * PIECES, rows):
            for trainee in both:
                yield from trainee.train(self._piece(seed, done), rows, done)
            yield events.PairStepped(seed, done + rows, *(finite(trainee.loss) for trainee in both))


def _compared(pairs: list[events.PairFinished], criterion: events.Criterion) -> Comparison:
    """The fixed model and the one as it stands, by what decides of them; accuracies may be equivalent."""
    sides = [pair.fixed for pair in pairs], [pair.as_it_stands for pair in pairs]
    figures: Accuracies = tuple(tuple(getattr(outcome, criterion) for outcome in side) for side in sides)
    diverged = tuple(tuple(outcome.diverged_at is not None for outcome in side) for side in sides)
    is_accuracy = criterion == "accuracy"
    margin, metric = (MARGIN, ACCURACY) if is_accuracy else (None, LOSS)
    return compare(figures, diverged=diverged, margin=margin, metric=metric)
