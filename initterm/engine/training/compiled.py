"""A Keras model and optimizer inside one compiled function of many steps, with the images held on the device."""

from __future__ import annotations

import random
from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from initterm.engine.data.datasets import CLASSES, IMAGE_SHAPE
from initterm.engine.networks import fitting
from initterm.engine.networks.network import OptimizerStep, build_model, rates
from initterm.engine.runtime import keras, tf
from initterm.engine.training.passes import NOBODY, Pace, Tally, hits_in, loop, nothing, pass_over
from initterm.engine.training.probe import Probe
from initterm.engine.training.trainable import NetworkState, fits_state, state_of, take_state
from initterm.experiments.training.contender import Contender
from initterm.experiments.training.network import StepSpec
from initterm.theory.arrays import Indices
from initterm.theory.initializers import InitializerSpec

EVALUATION_BATCH = 500
PROBE_IMAGES = 128


class Images:
    """``x`` (n, ...) float32 and ``y`` (n,) int32 labels of so many classes, copied to the device once."""

    def __init__(self, x: NDArray[np.float32], y: NDArray[np.int32], classes: int = CLASSES) -> None:
        self.x, self.y = tf.constant(x), tf.constant(y)
        self.shape, self.classes = x.shape[1:], classes


class CompiledNetwork:
    """One architecture with its optimizer, compiled once; trials differ in the state that is assigned to it.

    Args:
        spec: both.
        shape: of an image.
        classes: how many there are.
        jit: whether XLA compiles it; else TensorFlow's own graph runs, several times slower.
    """

    def __init__(
        self, spec: StepSpec, shape: tuple[int, ...] = IMAGE_SHAPE, classes: int = CLASSES, *, jit: bool = True
    ) -> None:
        self.jit = jit
        self._spec = spec.network
        self._build = partial(build_model, spec.network, shape=shape, classes=classes)
        self._model = self._build(InitializerSpec("zeros"))
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
        none = tf.constant(0)
        for order in orders:
            self._train(images.x, images.y, tf.constant(order), none, none, nothing())
        nobody = tf.constant(self._padded(np.zeros(0, np.int32)))
        self._evaluate(images.x, images.y, nobody, none, none, self._no_hits())
        state = self.state()
        self.probe(images, np.concatenate([order.ravel() for order in orders]))
        self.take(state)

    def start(
        self, contender: Contender, seed: int, learning_rate: float, images: Images, indices: Indices
    ) -> NetworkState:
        """The state that a trial begins with: the weights of a new model of this seed, and a fresh optimizer.

        An initializer that is fitted to a batch sees the first of the images at ``indices``.

        The weights are those that ``keras.utils.set_random_seed`` gives a new model: Keras draws the seeds of its
        layers from Python's generator. Seeding TensorFlow's too would throw its kernels away, which are slow to make.
        """
        random.seed(seed)
        initializer = contender.spec
        model = self._build(initializer)
        if initializer.family.fitted:
            batch = tf.gather(images.x, tf.constant(indices[: fitting.IMAGES]))
            fitting.fit_model(model, initializer, batch)
        weights = [variable.value.read_value() for variable in model.variables]
        self.take((*weights, *self._fresh_optimizer))
        self._optimizer.learning_rate.assign(learning_rate)
        return self.state()

    def state(self) -> NetworkState:
        """The state as it is now."""
        return state_of(self._variables)

    def fits(self, state: NetworkState) -> bool:
        """Whether a state, as arrays, can be one of this network's."""
        return fits_state(self._variables, state)

    def take(self, state: NetworkState) -> None:
        """Go on from this state; arrays will do as well."""
        take_state(self._variables, state)

    def settle(self) -> None:
        """Nothing: no optimizer of the settings keeps a mean of the weights."""

    def train(self, images: Images, *orders: Indices, rows: int | None = None) -> Iterator[Tally]:
        """One epoch: a step of the optimizer for each row of indices (the first ``rows`` of them), array after array.

        Yields:
            The tally after each piece of work; the last one is over.
        """
        return pass_over(partial(self._train, images.x, images.y), orders, self._training_pace, nothing(), rows)

    def evaluate(self, images: Images, indices: Indices) -> Iterator[Tally]:
        """Loss and accuracy over the images at ``indices`` (n,), weights unchanged.

        Yields:
            The tally after each piece of work; the last one is over.
        """
        rows = -(-len(indices) // EVALUATION_BATCH)
        piece = partial(self._evaluate, images.x, images.y)
        return pass_over(piece, (self._padded(indices),), self._evaluation_pace, self._no_hits(), rows, hits=hits_in)

    def _no_hits(self) -> Any:
        """The sums of an evaluation before its first row: also whether each image was told right."""
        return (*nothing(), tf.zeros((self._evaluation_rows, EVALUATION_BATCH), tf.bool))

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

        return loop(step, start, stop, sums)

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

        return loop(step, start, stop, sums)


def _hits(labels: Any, probabilities: Any) -> Any:
    return tf.argmax(probabilities, axis=-1, output_type=tf.int32) == labels


def _count(hits: Any) -> Any:
    return tf.reduce_sum(tf.cast(hits, tf.float32))
