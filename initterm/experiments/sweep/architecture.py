"""What trials of a sweep compile alike for, and so take alike long for each step."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Self

from initterm.experiments.training.contender import Contender
from initterm.experiments.training.experiment import Experiment
from initterm.experiments.training.model import ModelSpec
from initterm.experiments.training.network import StepSpec

OF_IMAGES = ("data", "source", "samples", "validation_split", "batch_size")
"""The settings of what goes in, and in how large batches."""

PIXELS, CLASSES = 784, 10
"""Of MNIST, as whose the ends of a network are counted before its images are known."""


@dataclass(frozen=True)
class Architecture:
    """What a worker keeps from trial to trial: a compiled step, and what it is trained with."""

    step: StepSpec
    own: ModelSpec
    images: tuple[Any, ...]

    @classmethod
    def of(cls, experiment: Experiment, contender: Contender) -> Self:
        """That of a contender's trials."""
        images = tuple(getattr(experiment, name) for name in OF_IMAGES)
        return cls(experiment.step_of(contender), experiment.own, images)

    @property
    def products(self) -> int:
        """About how many multiplications a step takes; of a person's own model, which tells nothing of that, the
        examples of a step."""
        batch = int(self.images[OF_IMAGES.index("batch_size")])
        widths = (PIXELS, *self.step.network.hidden, CLASSES)
        return batch if self.own.model else batch * sum(wide * following for wide, following in pairwise(widths))
