"""What of a dataset an experiment uses, and in which order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np

from initterm.engine.data.datasets import Dataset
from initterm.engine.training.compiled import Images
from initterm.experiments.training.events import DataLoaded
from initterm.experiments.training.experiment import Experiment
from initterm.experiments.training.samples import too_few, training_count
from initterm.theory.arrays import Indices
from initterm.theory.numbers import grouped
from initterm.theory.refusal import Refusal

ImagesT = TypeVar("ImagesT")


@dataclass(frozen=True, eq=False)
class Split(Generic[ImagesT]):
    """What of a dataset an experiment uses: the last of the first ``samples`` images validate, as Keras's fit has it.

    ``images`` holds training, validation and test images in this order, or examples of another kind.
    """

    images: ImagesT
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


def split_of(dataset: Dataset, experiment: Experiment) -> Split[Images]:
    """What an experiment uses of a dataset.

    Raises:
        Refusal: it has too few training images.
    """
    count = min(experiment.samples, len(dataset.y_train))
    if sentence := too_few(count, experiment.validation_split, experiment.batch_size):
        raise Refusal(f"{dataset.name} has {grouped(len(dataset.y_train))} training images: {sentence}.")
    x = np.concatenate([dataset.x_train[:count], dataset.x_test])
    y = np.concatenate([dataset.y_train[:count], dataset.y_test])
    training = training_count(count, experiment.validation_split)
    images = Images(dataset.scale(experiment.source)(x), y.astype(np.int32), dataset.classes)
    return Split(images, training, count - training, len(dataset.y_test))


def data_loaded(dataset: Dataset, experiment: Experiment, split: Split[Images]) -> DataLoaded:
    """The event that tells what a run works with, and whether that is less than was asked for."""
    note, there = dataset.note, len(dataset.y_train)
    if there < experiment.samples:
        asked = grouped(experiment.samples)
        note = f"{note} All {grouped(there)} training images are used; {asked} were asked for.".strip()
    parts = dataset.y_train[: split.train], dataset.y_test
    of_train, of_test = (tuple(np.bincount(labels, minlength=dataset.classes).tolist()) for labels in parts)
    counts = split.train, split.validation, split.test
    return DataLoaded(dataset.name, *counts, note, of_train, of_test, dataset.fingerprint)
