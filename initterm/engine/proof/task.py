"""What a proof trains a model for: examples in its shapes, split, and the model compiled for them, as Train does it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import chain, count, islice

import numpy as np

from initterm.engine.data.batches import batches
from initterm.engine.data.example_set import ExampleSet
from initterm.engine.data.own_data import GivenSets
from initterm.engine.models.fitted import classes_of
from initterm.engine.models.keras_privates import compiled_loss
from initterm.engine.models.opened import OpenedModel
from initterm.engine.runtime import keras
from initterm.engine.training.mending import DECLARED, MENDED
from initterm.engine.training.on_device import ExamplesOnDevice
from initterm.engine.training.own_compiling import Compiled, compiled, model_of
from initterm.engine.training.own_examples import ExampleSources
from initterm.engine.training.split import Split
from initterm.experiments.audit.choice import ModelChoice
from initterm.experiments.training.experiment import Experiment
from initterm.experiments.training.model import ModelSpec
from initterm.theory.arrays import Indices
from initterm.theory.numbers import grouped
from initterm.theory.refusal import Refusal

BATCH_SIZE = 32
LEARNING_RATE = 0.001
SEEDS = (42, 43, 44, 45, 46)
MOST_STEPS = 300

FEWEST_EXAMPLES = 10
MOST_VALIDATION = 960
VALIDATION_SHARE = 0.2


@dataclass(frozen=True, eq=False)
class Task:
    """Examples for a model, and how it is compiled; ``classes`` says whether the targets name classes."""

    experiment: Experiment
    split: Split[ExamplesOnDevice]
    classes: bool
    compiled: Compiled

    def batches(self, seed: int) -> Indices:
        """A row of indices for each step that may be made: whole batches, epoch after epoch, in the seed's order."""
        size = self.experiment.batch_size
        epochs = (batches(seed, epoch, self.split.train, size)[0] for epoch in count(1))
        return np.stack(list(islice(chain.from_iterable(epochs), MOST_STEPS)))

    def of_clone(self, clone: OpenedModel, opened: OpenedModel) -> Task:
        """The same for a clone of the model, which is compiled alike."""
        model_of(clone.model).compile(loss=compiled_loss(opened.model))
        again = compiled(clone, self.experiment, self.split.images, classes=self.classes)
        return replace(self, compiled=again)


def experiment_of(choice: ModelChoice) -> Experiment:
    """The experiment of which a proof with examples is a short form."""
    own = ModelSpec(choice.target, train_data=choice.train_data)
    most = MOST_STEPS * BATCH_SIZE + MOST_VALIDATION
    return Experiment((DECLARED, MENDED), own=own, learning_rate=LEARNING_RATE, seed=SEEDS[0], samples=most)


def task_of(opened: OpenedModel, experiment: Experiment, read: Mapping[str, GivenSets] | None = None) -> Task:
    """The task of an experiment's own model, which is compiled for it.

    Args:
        opened: the model.
        experiment: see ``experiment_of``.
        read: examples that were read already, by their names.

    Raises:
        Refusal: there are no examples, too few, or the model can't be trained with them.
    """
    keras.utils.set_random_seed(experiment.seed)  # a person's function may draw examples
    name = experiment.own.train_data
    sources = ExampleSources(experiment, opened, read or {})
    examples = sources.given(name).train
    if len(examples) < FEWEST_EXAMPLES:
        raise Refusal(f"{name} holds {grouped(len(examples))} examples; {FEWEST_EXAMPLES} or more are needed.")
    classes = bool(classes_of(examples, opened, sources.loss))
    experiment = replace(experiment, batch_size=min(BATCH_SIZE, round(VALIDATION_SHARE * len(examples))))
    split = split_of(examples, experiment.batch_size)
    return Task(experiment, split, classes, compiled(opened, experiment, split.images, classes=classes))


def split_of(examples: ExampleSet, batch_size: int) -> Split[ExamplesOnDevice]:
    """Examples to train with and, a random fifth of them to validate with, in whole batches; none to test."""
    total = len(examples)
    validation = min(MOST_VALIDATION, round(VALIDATION_SHARE * total)) // batch_size * batch_size
    train = min(total - validation, MOST_STEPS * BATCH_SIZE)
    order = np.random.default_rng(SEEDS[0]).permutation(total).astype(np.int32)
    chosen = examples.at(order[: train + validation])
    return Split(ExamplesOnDevice(chosen.x, chosen.y, chosen.weights), train, validation, 0)
