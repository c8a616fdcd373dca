"""A person's own examples, ready to train with: what of them trains, what validates, and what tests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from initterm.engine.data.example_set import ExampleSet, Tree, arrays_in
from initterm.experiments.training.samples import too_few, training_count
from initterm.theory.arrays import Indices
from initterm.theory.numbers import grouped
from initterm.theory.refusal import Refusal

TEST_SHARE = 0.1
"""Which share of the examples is kept for the test where none are named for it."""

SPLIT = 19
"""What tells the stream that splits examples from others of the same seed."""


@dataclass(frozen=True, eq=False)
class GivenSets:
    """What a person gave: examples, and where they are apart, those that validate and those of the test.

    ``read_once`` says that a dataset was gone through for them, once.
    """

    train: ExampleSet
    validation: ExampleSet | None = None
    test: ExampleSet | None = None
    read_once: bool = False

    @property
    def all(self) -> tuple[ExampleSet, ...]:
        """Those that were given."""
        return tuple(one for one in (self.train, self.validation, self.test) if one is not None)

    def changed(self, change: Callable[[ExampleSet], ExampleSet]) -> GivenSets:
        """The same with each set changed."""
        validation, test = (None if one is None else change(one) for one in (self.validation, self.test))
        return GivenSets(change(self.train), validation, test, self.read_once)


@dataclass(frozen=True, eq=False)
class OwnData:
    """Examples in a model's shapes, split.

    ``classes`` is how many there are where each target is the label of one or a one-hot row, else 0. ``fingerprint`` is
    that of all that was given, used or not; ``note`` says what a person should know, else empty.
    """

    name: str
    train: ExampleSet
    validation: ExampleSet
    test: ExampleSet
    note: str = ""
    fingerprint: str = ""
    classes: int = 0

    @cached_property
    def train_labels(self) -> Indices | None:
        """The class of each training example, (n,); None where there are no classes."""
        return labels_of(self.train.y) if self.classes else None

    @property
    def train_classes(self) -> tuple[int, ...]:
        """How many training examples belong to each class; empty where there are none."""
        return self._counts(self.train)

    @property
    def test_classes(self) -> tuple[int, ...]:
        """The same of the test."""
        return self._counts(self.test)

    def _counts(self, examples: ExampleSet) -> tuple[int, ...]:
        labels = labels_of(examples.y) if self.classes else None
        return () if labels is None else tuple(np.bincount(labels, minlength=self.classes).tolist())


def labels_of(y: Tree) -> Indices | None:
    """The class of each target, (n,): of whole numbers from 0 on (n,) or (n, 1), or of one-hot rows.

    None where the targets are anything else.
    """
    arrays = arrays_in(y)
    if len(arrays) != 1:
        return None
    (targets,) = arrays
    if targets.ndim == 2 and targets.shape[1] > 1:
        one_hot = bool(((targets == 0) | (targets == 1)).all() and (targets.sum(axis=1) == 1).all())
        return targets.argmax(axis=1).astype(np.int32) if one_hot else None
    if targets.size != len(targets):
        return None
    flat = targets.reshape(-1)
    whole = flat.dtype.kind != "f" or bool((flat == np.rint(flat)).all())
    return flat.astype(np.int32) if whole and flat.min() >= 0 else None


def split_by_seed(
    given: GivenSets, name: str, seed: int, samples: int, validation_split: float, batch_size: int
) -> tuple[ExampleSet, ExampleSet, ExampleSet]:
    """Examples to train with, to validate with and to test with: those that were given, else shares of the first.

    Args:
        given: what there is.
        name: what a sentence calls it.
        seed: decides which examples go where.
        samples: at most so many train and validate.
        validation_split: which share of these validates.
        batch_size: at least so many must be left to train with.

    Raises:
        Refusal: they are too few.
    """
    count = len(given.train)
    order = np.random.default_rng([seed, SPLIT]).permutation(count).astype(np.int32)
    for_test = 0 if given.test else max(1, round(TEST_SHARE * count))
    rest = order[for_test:][:samples]
    training = len(rest) if given.validation else training_count(len(rest), validation_split)
    if training < batch_size or (not given.validation and training == len(rest)):
        wanted = too_few(len(rest), validation_split, batch_size)
        taken = f", {grouped(for_test)} of which are kept for the test" if for_test else ""
        raise Refusal(
            f"{name} has {grouped(count)} examples{taken}: "
            f"{wanted or f'one batch of {grouped(batch_size)} is more than the {grouped(training)} that train'}."
        )
    return (
        given.train.at(rest[:training]),
        given.validation or given.train.at(rest[training:]),
        given.test or given.train.at(order[:for_test]),
    )
