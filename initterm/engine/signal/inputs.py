"""What is sent through a chain: batches of random normal numbers, or of images."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from initterm.engine import runtime
from initterm.engine.data import datasets
from initterm.engine.data.datasets import Dataset
from initterm.experiments.message import DataReceived
from initterm.experiments.signal.events import SignalInput
from initterm.experiments.signal.experiment import SignalExperiment
from initterm.theory.correlations import STARTS
from initterm.theory.finite_width import MOST_ALIKE

BatchFloats = NDArray[np.float32]
BATCH = 256
"""Inputs a batch; a unit is dead when it is flat for all of them."""

PAIRS = 32
"""How many pairs of inputs are sent through for each correlation."""


@dataclass(frozen=True, eq=False)
class Batches:
    """A batch (batch, width) for each seed, and where they come from; ``note`` is the data's, else empty.

    ``for_fitting`` are others, which initializers that are fitted to a batch see.
    """

    name: str
    by_seed: dict[int, BatchFloats]
    for_fitting: dict[int, BatchFloats]
    note: str = ""

    def described(self) -> SignalInput:
        """The event that tells about them."""
        pooled = np.concatenate(list(self.by_seed.values())).astype(np.float64)
        square = float(np.square(pooled).mean())
        z = np.concatenate([_fisher(batch.astype(np.float64)) for batch in self.by_seed.values()])
        alike = (float(z.mean()), float(z.var())) if z.size else (0.0, None)
        machine = runtime.machine()
        return SignalInput(self.name, pooled.shape[1], float(pooled.mean()), square, self.note, machine, *alike)

    def pairs(self, seed: int) -> BatchFloats:
        """Inputs of the seed's batch, all equally large, and for each of ``STARTS`` as many more of that correlation.

        Of shape (1 + starts, pairs, width); without pairs where a number a row leaves no room for correlations.
        """
        first = self.by_seed[seed][:PAIRS].astype(np.float64)
        count, width = first.shape
        lengths = np.linalg.norm(first, axis=1, keepdims=True)
        if width < 2 or not lengths.all():
            return np.zeros((1 + len(STARTS), 0, width), np.float32)
        size = np.sqrt(width * np.mean(np.square(self.by_seed[seed], dtype=np.float64)))
        first /= lengths
        other = np.random.default_rng([seed, 4]).standard_normal((count, width))
        other -= (other * first).sum(axis=1, keepdims=True) * first
        other /= np.linalg.norm(other, axis=1, keepdims=True)
        partners = [start * first + (1 - start**2) ** 0.5 * other for start in STARTS]
        stacked: BatchFloats = (size * np.stack([first, *partners])).astype(np.float32)
        return stacked


def _fisher(batch: NDArray[np.float64]) -> NDArray[np.float64]:
    """artanh of the correlation of each two inputs of a batch that aren't 0."""
    lengths = np.linalg.norm(batch, axis=1)
    unit = batch[lengths > 0] / lengths[lengths > 0, None]
    above = np.triu_indices(len(unit), 1)
    z: NDArray[np.float64] = np.arctanh(np.clip((unit @ unit.T)[above], -MOST_ALIKE, MOST_ALIKE))
    return z


def batches_of(experiment: SignalExperiment, dataset: Dataset | None) -> Generator[DataReceived, None, Batches]:
    """The batches of an experiment, once its data is there; a download tells how far it is."""
    seeds = range(experiment.seed, experiment.seed + experiment.seeds)
    generators = [{seed: np.random.default_rng([seed, *more]) for seed in seeds} for more in ([], [3])]
    if experiment.source == "normal":
        shape = (BATCH, experiment.chain.hidden[0])
        batches, others = (
            {seed: one.standard_normal(shape, np.float32) for seed, one in row.items()} for row in generators
        )
        return Batches("random normal", batches, others)
    if dataset is None:
        dataset = yield from datasets.load(experiment.data)
    batches, others = ({seed: _images(dataset, experiment, one) for seed, one in row.items()} for row in generators)
    return Batches(dataset.name, batches, others, dataset.note)


def _images(dataset: Dataset, experiment: SignalExperiment, random: np.random.Generator) -> BatchFloats:
    """Images of the training set, another choice for each seed, (batch, pixels)."""
    count = len(dataset.x_train)
    chosen = random.choice(count, min(BATCH, count), replace=False)
    pixels = dataset.scale("pixels")(dataset.x_train[chosen]).reshape(len(chosen), -1)
    return (pixels - pixels.mean()) / pixels.std() if experiment.source == "standardized" else pixels
