"""Kernels drawn by Keras's own initializers, measured and tested against their law, in pieces that can be left."""

from __future__ import annotations

import math
import random
import threading
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Future, wait
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from initterm.engine import memory, runtime
from initterm.engine.keras_types import Initializer
from initterm.engine.runtime import keras
from initterm.engine.weights.fits import WeightMoments, fit_of
from initterm.engine.weights.scores import Weights
from initterm.experiments.message import Histogram
from initterm.experiments.weights.events import DrawAdvanced, Drawn
from initterm.theory import numbers
from initterm.theory.arrays import Floats
from initterm.theory.initializers import InitializerSpec
from initterm.theory.law import bin_edges
from initterm.theory.laws import law_of
from initterm.theory.numbers import grouped
from initterm.theory.refusal import Refusal
from initterm.theory.shapes import Shape

BYTES_PER_WEIGHT = 4
COPIES = 4
"""How many float32 kernels' worth of memory a draw takes at its peak, nearly all of it within Keras's own call."""

PIECE_SECONDS = 0.2
PIECE_WEIGHTS = 2**22
"""How many weights are measured between two events."""

CHUNK = 2**18
"""How many weights are brought to double precision at a time."""

T = TypeVar("T")
Sum = TypeVar("Sum", WeightMoments, NDArray[np.int64], np.float64)
DrawProgress = Generator[DrawAdvanced, None, T]
"""A piece of the work on a kernel: tells how it goes on, and returns what it made."""


def keras_initializer(spec: InitializerSpec, seed: int | None = None) -> Initializer:
    """A new Keras initializer, of a fitted one that which it starts from; seeded where that is random and asked for."""
    spec = spec.drawn
    if not spec.family.keras_class:
        return ByLaw(spec, seed)
    arguments: dict[str, Any] = dict(spec.values)
    if spec.family.random and seed is not None:
        arguments["seed"] = seed
    initializer: Initializer = getattr(keras.initializers, spec.family.keras_class)(**arguments)
    return initializer


def draw(spec: InitializerSpec, shape: Shape, seed: int, bins: int = 50) -> Iterator[DrawAdvanced | Drawn]:
    """Draw a kernel and measure it; ``Drawn`` is the last event, and the only one of a kernel that takes no time.

    Raises:
        Refusal: the initializer can't serve the shape, the kernel is too large for the memory, or its weights are
            outside what float32 can hold.
    """
    law = law_of(spec, shape)
    weights = yield from _drawn_by_keras(spec, shape, seed)
    moments = yield from summed(weights, WeightMoments.of)
    if not math.isfinite(moments.high - moments.low):
        raise Refusal(f"{spec} gives weights beyond float32, whose largest is 3.4e38; choose smaller parameters.")
    counted = yield from histogram(weights, bin_edges(law, moments.low, moments.high, bins))
    fit = yield from fit_of(weights.reshape(shape.matrix), moments, law)
    ends = moments.low, moments.high
    yield Drawn(spec, shape, seed, moments.mean, moments.std, *ends, counted, fit, runtime.machine())


class KerasCall:
    """Keras's own drawing of a kernel, in a thread of its own: it can be left, but not interrupted."""

    under_way = 0

    def __init__(self, spec: InitializerSpec, shape: Shape, seed: int) -> None:
        self._answer: Future[Weights] = Future()
        KerasCall.under_way += 1
        self._answer.add_done_callback(self._end)
        threading.Thread(target=self._draw, args=(keras_initializer(spec, seed), shape), daemon=True).start()

    def over(self, seconds: float) -> bool:
        """Whether it ends within so many seconds."""
        return bool(wait([self._answer], seconds).done)

    def weights(self) -> Weights:
        """The weights in one dimension: Keras's own memory, not a copy; raises what Keras raised."""
        return self._answer.result().ravel()

    def _draw(self, initializer: Initializer, shape: Shape) -> None:
        try:
            self._answer.set_result(np.asarray(initializer(shape.dims, dtype="float32")))
        except BaseException as error:
            self._answer.set_exception(error)

    @staticmethod
    def _end(_: Future[Weights]) -> None:
        KerasCall.under_way -= 1


def _drawn_by_keras(spec: InitializerSpec, shape: Shape, seed: int) -> DrawProgress[Weights]:
    """The kernel's weights, one dimension; calls that were left and are still under way may have to end first."""
    size = shape.count * BYTES_PER_WEIGHT
    while KerasCall.under_way and not memory.fits(COPIES * size):
        time.sleep(PIECE_SECONDS)
        yield DrawAdvanced("waiting for memory", None)
    memory.refuse_if_too_large(COPIES * size, f"Drawing {shape} ({grouped(shape.count)} weights, {numbers.size(size)})")
    call = KerasCall(spec, shape, seed)
    while not call.over(PIECE_SECONDS):
        yield DrawAdvanced("drawing", None)
    return call.weights()


def histogram(weights: Weights, edges: Floats) -> DrawProgress[Histogram]:
    """Densities over the bins between these edges; what lies outside by rounding counts at the ends."""

    even = np.linspace(edges[0], edges[-1], edges.size)
    bins = (
        edges.size - 1 if edges[0] < edges[-1] and np.array_equal(even, edges) else edges
    )  # of even bins numpy sorts nothing

    def counts(chunk: Floats) -> NDArray[np.int64]:
        return np.histogram(np.clip(chunk, edges[0], edges[-1]), bins=bins, range=(edges[0], edges[-1]))[0]

    total = yield from summed(weights, counts)
    density = total / (weights.size * np.diff(edges))
    return Histogram(tuple(edges.tolist()), tuple(density.tolist()))


def summed(weights: Weights, of_chunk: Callable[[Floats], Sum]) -> DrawProgress[Sum]:
    """The sum of what ``of_chunk`` makes of the weights, a chunk in double precision at a time."""
    total = of_chunk(weights[:CHUNK].astype(np.float64))
    for start in range(CHUNK, weights.size, CHUNK):
        if start % PIECE_WEIGHTS == 0:
            yield DrawAdvanced("measuring", start / weights.size)
        total = total + of_chunk(weights[start : start + CHUNK].astype(np.float64))
    return total


class ByLaw(keras.initializers.Initializer):  # type: ignore[misc]  # Keras has no types
    """Independent weights of an initializer's law; each call gives the same, as of Keras's own.

    Without a seed it takes one from Python's generator, as Keras's do.
    """

    def __init__(self, spec: InitializerSpec, seed: int | None = None) -> None:
        self._spec = spec
        self._seed = random.getrandbits(32) if seed is None else seed

    def __call__(self, shape: Sequence[int], dtype: Any = None) -> Any:
        """Weights of this shape.

        Raises:
            Refusal: the initializer can't serve it.
        """
        shares = np.random.default_rng(self._seed).random(tuple(shape))
        weights = law_of(self._spec, Shape(tuple(shape))).quantile(shares)
        return keras.ops.convert_to_tensor(weights, dtype or keras.config.floatx())
