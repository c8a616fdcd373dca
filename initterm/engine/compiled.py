"""A Keras model and optimizer inside one compiled function of many steps, with the images held on the device."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from initterm.engine.runtime import keras, tf

Indices = NDArray[np.int32]

PIECE_SECONDS = 0.2
"""How long the work between two events should take."""

EVALUATION_BATCH = 500
NOBODY = -1
"""Stands in a row of indices where there is no image."""


@dataclass(frozen=True, eq=False)
class Images:
    """``x`` (n, 28, 28) float32 from 0 to 1, ``y`` (n,) int32 labels."""

    x: NDArray[np.float32]
    y: NDArray[np.int32]


@dataclass(frozen=True)
class Tally:
    """What a pass over images has added up so far; ``rows`` are the batches done of ``total``, in ``seconds``."""

    rows: int
    total: int
    images: int
    loss_sum: float
    correct: int
    seconds: float

    @property
    def loss(self) -> float:
        """Mean loss of the images seen."""
        return self.loss_sum / self.images

    @property
    def accuracy(self) -> float:
        """Share of the images seen whose class was the most probable one."""
        return self.correct / self.images

    @property
    def complete(self) -> bool:
        """Whether the pass is over."""
        return self.rows == self.total


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
    """One architecture with its optimizer, compiled once; trials differ in the weights that are assigned to it.

    Args:
        model: a built ``keras.Model`` from images to probabilities.
        optimizer: a name of ``keras.optimizers``.
        learning_rate: its learning rate.
        images: all images that indices refer to.
    """

    def __init__(self, model: Any, optimizer: str, learning_rate: float, images: Images) -> None:
        self._model = model
        self._optimizer = keras.optimizers.get({"class_name": optimizer, "config": {"learning_rate": learning_rate}})
        self._optimizer.build(model.trainable_variables)
        self._fresh_optimizer = [
            np.array(keras.ops.convert_to_numpy(variable)) for variable in self._optimizer.variables
        ]
        self._x, self._y = tf.constant(images.x), tf.constant(images.y)
        self._train = tf.function(self._train_rows, jit_compile=True)
        self._evaluate = tf.function(self._evaluate_rows, jit_compile=True)
        self._evaluation_rows = 0
        self._training_pace, self._evaluation_pace = Pace(), Pace()

    def compile(self, *orders: Indices, evaluation_images: int) -> None:
        """Compile for index arrays of these shapes and for evaluating up to so many images; changes no weight."""
        self._evaluation_rows = -(-evaluation_images // EVALUATION_BATCH)
        for order in orders:
            _run(self._train, order, 0, 0, _nothing())
        _run(self._evaluate, self._padded(np.zeros(0, np.int32)), 0, 0, _nothing())

    def restart(self, fresh_model: Any) -> None:
        """Take the starting weights of a new model of the same architecture, and forget the optimizer's state."""
        for variable, fresh in zip(self._model.variables, fresh_model.variables, strict=True):
            variable.assign(fresh)
        for variable, start in zip(self._optimizer.variables, self._fresh_optimizer, strict=True):
            variable.assign(start)

    def train(self, *orders: Indices) -> Iterator[Tally]:
        """One epoch: a step of the optimizer for each row of indices, array after array.

        Yields:
            The tally after each piece of work, the complete one last.
        """
        return _pass(self._train, orders, self._training_pace)

    def evaluate(self, indices: Indices) -> Iterator[Tally]:
        """Loss and accuracy over the images at ``indices`` (n,), weights unchanged.

        Yields:
            The tally after each piece of work, the complete one last.
        """
        rows = -(-len(indices) // EVALUATION_BATCH)
        return _pass(self._evaluate, (self._padded(indices),), self._evaluation_pace, rows)

    def _padded(self, indices: Indices) -> Indices:
        """Rows of EVALUATION_BATCH indices, as many as were compiled for."""
        padded = np.full(self._evaluation_rows * EVALUATION_BATCH, NOBODY, np.int32)
        padded[: len(indices)] = indices
        return padded.reshape(-1, EVALUATION_BATCH)

    def _train_rows(self, order: Any, start: Any, stop: Any, loss_sum: Any, correct: Any) -> Any:
        def step(row: Any, loss_sum: Any, correct: Any) -> Any:
            x, y = tf.gather(self._x, order[row]), tf.gather(self._y, order[row])
            with tf.GradientTape() as tape:
                probabilities = self._model(x, training=True)
                loss = tf.reduce_mean(keras.losses.sparse_categorical_crossentropy(y, probabilities))
            variables = self._model.trainable_variables
            self._optimizer.apply(tape.gradient(loss, variables), variables)
            batch = tf.cast(tf.shape(y)[0], tf.float32)
            return row + 1, loss_sum + loss * batch, correct + _hits(y, probabilities, tf.ones_like(y))

        return _loop(step, start, stop, loss_sum, correct)

    def _evaluate_rows(self, order: Any, start: Any, stop: Any, loss_sum: Any, correct: Any) -> Any:
        def step(row: Any, loss_sum: Any, correct: Any) -> Any:
            present = tf.cast(order[row] != NOBODY, tf.int32)
            at = tf.maximum(order[row], 0)
            x, y = tf.gather(self._x, at), tf.gather(self._y, at)
            probabilities = self._model(x, training=False)
            losses = keras.losses.sparse_categorical_crossentropy(y, probabilities)
            added = tf.reduce_sum(tf.where(present == 1, losses, 0.0))
            return row + 1, loss_sum + added, correct + _hits(y, probabilities, present)

        return _loop(step, start, stop, loss_sum, correct)


def _hits(y: Any, probabilities: Any, present: Any) -> Any:
    guess = tf.argmax(probabilities, axis=-1, output_type=tf.int32)
    return tf.reduce_sum(tf.cast(guess == y, tf.int32) * present)


def _loop(step: Callable[..., Any], start: Any, stop: Any, loss_sum: Any, correct: Any) -> Any:
    return tf.while_loop(lambda row, *_: row < stop, step, (start, loss_sum, correct))[1:]


def _nothing() -> tuple[Any, Any]:
    return tf.constant(0.0), tf.constant(0)


def _run(function: Callable[..., Any], order: Any, start: int, stop: int, sums: tuple[Any, Any]) -> tuple[Any, Any]:
    loss_sum, correct = function(order, tf.constant(start), tf.constant(stop), *sums)
    return loss_sum, correct


def _pass(
    function: Callable[..., Any], orders: tuple[Indices, ...], pace: Pace, rows: int | None = None
) -> Iterator[Tally]:
    """Call the compiled function piece by piece over all rows (the first ``rows`` of them), and add up."""
    total = sum(len(order) for order in orders) if rows is None else rows
    done, images, seconds, sums = 0, 0, 0.0, _nothing()
    for order in orders:
        on_device, row = tf.constant(order), 0
        while row < len(order) and done < total:
            stop = min(row + pace.rows(), len(order), row + total - done)
            began = time.perf_counter()
            sums = _run(function, on_device, row, stop, sums)
            loss_sum, correct = float(sums[0]), int(sums[1])
            pace.measured(stop - row, time.perf_counter() - began)
            seconds += time.perf_counter() - began
            images += int((order[row:stop] != NOBODY).sum())
            done, row = done + stop - row, stop
            yield Tally(done, total, images, loss_sum, correct, seconds)
