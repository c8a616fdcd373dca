"""Kernels as Keras draws them, tested against their own law as Explore does."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np

from initterm.engine.weights.drawing import keras_initializer
from initterm.engine.weights.fits import fit_of_kernel
from initterm.experiments.calibration.promise import Outcomes
from initterm.experiments.calibration.simulations import TrueKernels
from initterm.experiments.weights.events import DOUBTFUL
from initterm.theory.laws import law_of
from initterm.theory.numbers import LARGEST_SEED


def kernel_outcomes(kernels: TrueKernels, rng: np.random.Generator, experiments: int) -> Iterator[Outcomes]:
    """What is said of each of so many kernels, each of a seed of its own.

    Raises:
        ValueError: an initializer's law has nothing to test.
    """
    kinds = itertools.cycle(itertools.product(kernels.initializers, kernels.shapes))
    seeds = rng.integers(LARGEST_SEED, size=experiments, endpoint=True).tolist()
    for seed, (spec, shape) in zip(seeds, kinds, strict=False):
        kernel = np.asarray(keras_initializer(spec, seed)(shape.dims))
        fit = fit_of_kernel(kernel, law_of(spec, shape))
        if fit is None:
            raise ValueError(f"nothing of {spec} is left to chance")
        yield {
            "p < 0.01": fit.p_value < DOUBTFUL,
            "p < 0.05": fit.p_value < 0.05,
            "p < 0.05 of the distribution": fit.p_distribution < 0.05,
        }
