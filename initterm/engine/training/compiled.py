"""A Keras model and optimizer inside one compiled function of many steps, with the images held on the device."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from initterm.engine.networks import fitting
from initterm.engine.networks.network import OptimizerStep, build_model, rates
from initterm.engine.runtime import keras, tf
from initterm.engine.training.probe import Probe
from initterm.experiments.training.network import StepSpec
from initterm.theory.arrays import Indices
from initterm.theory.initializers import InitializerSpec

NetworkState = tuple[Any, ...]
"""A trial's weights, layer states and optimizer state, as tensors on the device."""

PIECE_SECONDS = 0.2
"""How long the work between two events should take."""

EVALUATION_BATCH = 500
PROBE_IMAGES = 128
NOBODY = -1
"""Stands in a row of indices where there is no image."""
NO_ROW = -1
"""Stands for the row of the first loss that is NaN or infinite, as long as there is none."""
BAD_ROW = 2
"""Where that row stands among the sums."""

Truths = NDArray[np.bool_]


class Images:
    """``x`` (n, 28, 28) float32 from 0 to 1 and ``y`` (n,) int32 labels, copied to the device once."""

    def __init__(self, x: NDArray[np.float32], y: NDArray[np.int32]) -> None:
        self.x, self.y = tf.constant(x), tf.constant(y)


@dataclass(frozen=True)
class Tally:
    """What a pass over images has added up so far; ``rows`` are the batches done of ``total``, in ``seconds``.

    ``bad_row`` is the batch, counted from 1, whose loss was NaN or infinite, which ends the pass; else None. ``hits``
    tells of each image whether its class was told right, (images,), once an evaluation is complete; else None.
    """

    rows: int
    total: int
    images: int
    loss_sum: float
    correct: int
    seconds: float
    bad_row: int | None = None
    hits: Truths | None = None

    @property
    def loss(self) -> float:
        """Mean loss of the images seen."""
        return self.loss_sum / self.images

    @property
    def accuracy(self) -> float:
        """Share of the images seen whose class was the most probable one."""
        return self.correct / self.images

    @property
    def over(self) -> bool:
        """Whether the pass is complete, or ended by a loss that is NaN or infinite."""
        return self.rows == self.total or self.bad_row is not None


class Pace:
    """How many rows fit into a piece of work, by how long the last one took."""

    def __init__(self) -> None:
        self._rows_a_second = 0.0

    def rows(self) -> int:
        """Rows for the next piece; few as long as nothing was measured."""
        return max(1, int(self._rows_a_second * PIECE_SECONDS)) if self._rows_a_second else 4

    def measured(self, rows: int, seconds: float) -> None:
        """Take in how long a piece took."""
        self._rows_a_second = rows / max(seconds, 1e-6)


class CompiledNetwork:
    """One architecture with its optimizer, compiled once; trials differ in the state that is assigned to it.

    Args:
        spec: both.
        jit: whether XLA compiles it; else TensorFlow's own graph runs, several times slower.
    """

    def __init__(self, spec: StepSpec, *, jit: bool = True) -> None:
        self.jit = jit
        self._spec = spec.network
        self._model = build_model(spec.network, InitializerSpec("zeros"))
        self._optimizer = keras.optimizers.get(spec.optimizer)
        self._optimizer.build(self._model.trainable_variables)
        self._variables = [variable.value for variable in (*self._model.variables, *self._optimizer.variables)]
        self._fresh_optimizer = [variable.value.read_value() for variable in self._optimizer.variables]
        self._train = tf.function(self._train_rows, jit_compile=jit, autograph=False)
        self._evaluate = tf.function(self._evaluate_rows, jit_compile=jit, autograph=False)
        self._step = OptimizerStep(self._optimizer, self._model.trainable_variables, rates(spec.network, self._model))
        self._probe = Probe(self._model, self._step)
        self._training_pace, self._evaluation_pace = Pace(), Pace()

    def compile(self, images: Images, *orders: Indices, evaluation_images: int) -> None:
        """Compile for index arrays of these shapes and for evaluating up to so many images; changes no state."""
        self._evaluation_rows = -(-evaluation_images // EVALUATION_BATCH)
        for order in orders:
            _run(self._train, images, tf.constant(order), 0, 0, _nothing())
        _run(self._evaluate, images, tf.constant(self._padded(np.zeros(0, np.int32))), 0, 0, self._no_hits())
        state = self.state()
        self.probe(images, np.concatenate([order.ravel() for order in orders]))
        self.take(state)

    def start(
        self, initializer: InitializerSpec, seed: int, learning_rate: float, images: Images, indices: Indices
    ) -> NetworkState:
        """The state that a trial begins with: the weights of a new model of this seed, and a fresh optimizer.

        An initializer that is fitted to a batch sees the first of the images at ``indices``.

        The weights are those that ``keras.utils.set_random_seed`` gives a new model: Keras draws the seeds of its
        layers from Python's generator. Seeding TensorFlow's too would throw its kernels away, which are slow to make.
        """
        random.seed(seed)
        model = build_model(self._spec, initializer)
        if initializer.family.fitted:
            batch = tf.gather(images.x, tf.constant(indices[: fitting.IMAGES]))
            fitting.fit_model(model, initializer, batch)
        weights = [variable.value.read_value() for variable in model.variables]
        self.take((*weights, *self._fresh_optimizer))
        self._optimizer.learning_rate.assign(learning_rate)
        return self.state()

    def state(self) -> NetworkState:
        """The state as it is now."""
        return tuple(variable.read_value() for variable in self._variables)

    def fits(self, state: NetworkState) -> bool:
        """Whether a state, as arrays, can be one of this network's."""
        shapes = [(tuple(value.shape), value.dtype) for value in state]
        return shapes == [(tuple(own.shape), own.dtype.as_numpy_dtype) for own in self._variables]

    def take(self, state: NetworkState) -> None:
        """Go on from this state; arrays will do as well."""
        for variable, value in zip(self._variables, state, strict=True):
            variable.assign(value)

    def train(self, images: Images, *orders: Indices) -> Iterator[Tally]:
        """One epoch: a step of the optimizer for each row of indices, array after array.

        Yields:
            The tally after each piece of work; the last one is over.
        """
        return _pass(self._train, images, orders, self._training_pace, _nothing())

    def evaluate(self, images: Images, indices: Indices) -> Iterator[Tally]:
        """Loss and accuracy over the images at ``indices`` (n,), weights unchanged.

        Yields:
            The tally after each piece of work; the last one is over.
        """
        rows = -(-len(indices) // EVALUATION_BATCH)
        return _pass(self._evaluate, images, (self._padded(indices),), self._evaluation_pace, self._no_hits(), rows)

    def _no_hits(self) -> Any:
        """The sums of an evaluation before its first row: also whether each image was told right."""
        return (*_nothing(), tf.zeros((self._evaluation_rows, EVALUATION_BATCH), tf.bool))

    def probe(self, images: Images, indices: Indices) -> dict[str, float]:
        """What a step on the first ``PROBE_IMAGES`` of ``indices`` (n,) would do; the state is another one then."""
        at = tf.constant(indices[:PROBE_IMAGES])
        return self._probe(tf.gather(images.x, at), tf.gather(images.y, at))

    def weights(self) -> Iterator[tuple[str, NDArray[np.float32]]]:
        """Name and values of each trainable variable, such as ``hidden 1/kernel``."""
        last = len(self._spec.hidden)
        layers = (layer for layer in self._model.layers if layer.trainable_variables)
        dense = -1
        for layer in layers:
            dense += isinstance(layer, keras.layers.Dense)
            place = "output" if dense == last else f"hidden {dense + 1}"
            for variable in layer.trainable_variables:
                yield f"{place}/{variable.name}", keras.ops.convert_to_numpy(variable)

    def _padded(self, indices: Indices) -> Indices:
        """Rows of EVALUATION_BATCH indices, as many as were compiled for."""
        padded = np.full(self._evaluation_rows * EVALUATION_BATCH, NOBODY, np.int32)
        padded[: len(indices)] = indices
        return padded.reshape(-1, EVALUATION_BATCH)

    def _train_rows(self, x: Any, y: Any, order: Any, start: Any, stop: Any, sums: Any) -> Any:
        def step(row: Any, loss_sum: Any, correct: Any, bad: Any) -> Any:
            labels = tf.gather(y, order[row])
            with tf.GradientTape() as tape:
                probabilities = self._model(tf.gather(x, order[row]), training=True)
                loss = tf.reduce_mean(keras.losses.sparse_categorical_crossentropy(labels, probabilities))
            self._step(tape.gradient(loss, self._model.trainable_variables))
            batch = tf.cast(tf.shape(labels)[0], tf.float32)
            hits = _count(_hits(labels, probabilities))
            return row + 1, loss_sum + loss * batch, correct + hits, tf.where(tf.math.is_finite(loss), bad, row)

        return _loop(step, start, stop, sums)

    def _evaluate_rows(self, x: Any, y: Any, order: Any, start: Any, stop: Any, sums: Any) -> Any:
        def step(row: Any, loss_sum: Any, correct: Any, bad: Any, told: Any) -> Any:
            present = order[row] != NOBODY
            at = tf.maximum(order[row], 0)
            labels = tf.gather(y, at)
            probabilities = self._model(tf.gather(x, at), training=False)
            losses = keras.losses.sparse_categorical_crossentropy(labels, probabilities)
            added = tf.reduce_sum(tf.where(present, losses, 0.0))
            hits = _hits(labels, probabilities) & present
            told = tf.tensor_scatter_nd_update(told, [[row]], [hits])
            bad = tf.where(tf.math.is_finite(added), bad, row)
            return row + 1, loss_sum + added, correct + _count(hits), bad, told

        return _loop(step, start, stop, sums)


def arrays_of(state: NetworkState) -> tuple[NDArray[Any], ...]:
    """A state as arrays, from which any process can go on; on a CPU they share the tensors' memory."""
    return tuple(np.asarray(value) for value in state)


def _hits(labels: Any, probabilities: Any) -> Any:
    return tf.argmax(probabilities, axis=-1, output_type=tf.int32) == labels


def _count(hits: Any) -> Any:
    return tf.reduce_sum(tf.cast(hits, tf.int32))


def _loop(step: Callable[..., Any], start: Any, stop: Any, sums: Any) -> Any:
    """OptimizerStep from row to row, until a loss is NaN or infinite."""
    return tf.while_loop(lambda row, *sums: (row < stop) & (sums[BAD_ROW] == NO_ROW), step, (start, *sums))[1:]


def _nothing() -> tuple[Any, Any, Any]:
    return tf.constant(0.0), tf.constant(0), tf.constant(NO_ROW)


def _run(function: Callable[..., Any], images: Images, order: Any, start: int, stop: int, sums: Any) -> Any:
    return function(images.x, images.y, order, tf.constant(start), tf.constant(stop), sums)


def _pass(
    function: Callable[..., Any],
    images: Images,
    orders: tuple[Indices, ...],
    pace: Pace,
    sums: Any,
    rows: int | None = None,
) -> Iterator[Tally]:
    """Call the compiled function piece by piece over all rows (the first ``rows`` of them), and add up to the sums."""
    total = sum(len(order) for order in orders) if rows is None else rows
    done, seen, seconds = 0, 0, 0.0
    for order in orders:
        on_device, row = tf.constant(order), 0
        while row < len(order) and done < total:
            stop = min(row + pace.rows(), len(order), row + total - done)
            began = time.perf_counter()
            sums = _run(function, images, on_device, row, stop, sums)
            loss_sum, correct, bad = float(sums[0]), int(sums[1]), int(sums[BAD_ROW])
            pace.measured(stop - row, time.perf_counter() - began)
            seconds += time.perf_counter() - began
            seen += int((order[row : stop if bad == NO_ROW else bad + 1] != NOBODY).sum())
            bad_row = None if bad == NO_ROW else done + bad - row + 1
            done, row = done + stop - row, stop
            hits = _told(sums, seen) if done == total else None
            yield Tally(done, total, seen, loss_sum, correct, seconds, bad_row, hits)
            if bad_row is not None:
                return


def _told(sums: Any, images: int) -> Truths | None:
    """Of the first images whether each was told right; None of a training."""
    return np.asarray(sums[-1]).ravel()[:images] if len(sums) > BAD_ROW + 1 else None
