"""Kernels drawn by Keras's own initializers, measured and tested against their law."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from initterm.engine.memory import refuse_if_too_large, size
from initterm.engine.protocol import Drawn, Fit, Histogram
from initterm.engine.runtime import keras
from initterm.theory.initializers import InitializerSpec
from initterm.theory.laws import Law, bin_range, law_of
from initterm.theory.refusal import Refusal
from initterm.theory.shapes import Shape

BYTES_PER_WEIGHT = 4
COPIES = 6
"""How many float32 kernels' worth of memory a draw takes at its peak: Keras's own, ours, and the statistics'."""

LARGEST_TESTED = 2**20
"""The fit test sorts the weights; of a larger kernel it takes this many, evenly spaced."""


def keras_initializer(spec: InitializerSpec, seed: int | None = None) -> Any:
    """A new Keras initializer; with a seed where one is given and the initializer is random."""
    arguments: dict[str, Any] = dict(spec.values)
    if spec.family.random and seed is not None:
        arguments["seed"] = seed
    return getattr(keras.initializers, spec.family.keras_class)(**arguments)


def draw(spec: InitializerSpec, shape: Shape, seed: int, bins: int = 50) -> Drawn:
    """Draw a kernel and measure it.

    Raises:
        Refusal: the initializer can't serve the shape, the kernel is too large for the memory, or its weights are
            outside what float32 can hold.
    """
    law = law_of(spec, shape)
    kernel_size = shape.count * BYTES_PER_WEIGHT
    refuse_if_too_large(COPIES * kernel_size, f"Drawing {shape} ({shape.count:,} weights, {size(kernel_size)})")
    weights = np.asarray(keras_initializer(spec, seed)(shape.dims, dtype="float32")).ravel()
    low, high = float(weights.min()), float(weights.max())
    if not np.isfinite([low, high]).all():
        raise Refusal(f"{spec} gives weights beyond float32, whose largest is 3.4e38; choose smaller parameters.")
    return Drawn(
        initializer=spec,
        shape=shape,
        seed=seed,
        mean=float(weights.mean(dtype=np.float64)),
        std=float(weights.std(dtype=np.float64)),
        min=low,
        max=high,
        histogram=histogram(weights, law, bins),
        fit=fit(weights, law),
    )


def histogram(weights: NDArray[np.float32], law: Law, bins: int) -> Histogram:
    """Densities of the weights over ``bins`` equal bins that begin and end at the law's hard edges where it has any.

    Args:
        weights: any number of weights, one dimension.
        law: what they should follow.
        bins: how many bins, at least 1.
    """
    low, high = float(weights.min()), float(weights.max())
    if np.isfinite([law.low, law.high]).all() and not law.dependent:
        low, high = min(low, law.low), max(high, law.high)
    counts, edges = np.histogram(weights, bins=np.linspace(*bin_range(low, high), bins + 1))
    density = counts / (weights.size * np.diff(edges))
    return Histogram(tuple(edges.tolist()), tuple(density.tolist()))


def fit(weights: NDArray[np.float32], law: Law) -> Fit | None:
    """Kolmogorov-Smirnov's test of independent weights against a continuous law; None where it doesn't apply."""
    if law.atoms or law.dependent:
        return None
    from scipy import stats

    step = -(-weights.size // LARGEST_TESTED)
    result = stats.ks_1samp(weights[::step].astype(np.float64), law.cdf)
    return Fit("Kolmogorov-Smirnov", float(result.statistic), float(result.pvalue))
