"""A person's own Keras model inside one compiled function of many steps, as ``fit`` would train it step by step."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from functools import partial
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from initterm.engine.data.example_set import Tree
from initterm.engine.keras_types import Model
from initterm.engine.models.keras_privates import layers_within, loss_of, output_of
from initterm.engine.networks import fitting
from initterm.engine.runtime import keras, tf
from initterm.engine.training.convolutions import fast_gradients
from initterm.engine.training.on_device import ExamplesOnDevice
from initterm.engine.training.own_metric import Judge
from initterm.engine.training.own_probe import OwnProbe
from initterm.engine.training.passes import Pace, Tally, hits_in, loop, nothing, pass_over, share_of_hits
from initterm.engine.training.trainable import NetworkState, Probed, fits_state, state_of, take_state
from initterm.experiments.training.contender import Contender
from initterm.theory.arrays import Indices

ON_CPU = not tf.config.list_physical_devices("GPU")

EVALUATION_BATCH = 256
PROBE_EXAMPLES = 128


class StartDraws(Protocol):
    """What draws all variables of a model for a contender and a seed."""

    def draw(self, contender: Contender, seed: int, x: Tree) -> None:
        """Assign them; ``x`` is a batch of inputs for what is fitted to one."""


class OwnModel:
    """A compiled Keras model in functions of many steps, made once; trials differ in the state assigned to it.

    Args:
        model: built, and compiled with an optimizer that is fresh.
        judge: what judges it.
        draws: draws its variables.
        examples: of the shapes that it is trained with.
        jit: whether XLA compiles its training; else TensorFlow's own graph runs.
    """

    def __init__(
        self, model: Model, judge: Judge, draws: StartDraws, examples: ExamplesOnDevice, *, jit: bool = True
    ) -> None:
        self.jit = jit
        self._model, self._judge, self._draws, self._examples = model, judge, draws, examples
        inside: Any = model
        self._optimizer = inside.optimizer
        self._metrics = list(inside.metrics) if judge.of_model else []
        variables = unique((*model.variables, *self._optimizer.variables))
        self._variables = [variable.value for variable in variables]
        self._fresh_optimizer = [(variable, variable.value.read_value()) for variable in self._optimizer.variables]
        self._train = tf.function(self._train_rows, jit_compile=jit, autograph=False)
        signature = [examples.specs, ROWS, WHOLE, WHOLE, SUMS]
        self._evaluate = tf.function(self._evaluate_rows, input_signature=signature, autograph=False)
        self._probe = OwnProbe(model, self._optimizer, judge)
        self._training_pace, self._evaluation_pace = Pace(), Pace()

    def compile(self, *orders: Indices) -> None:
        """Compile for index arrays of these shapes; changes no state.

        Raises:
            tf.errors.OpError: XLA or the graph can't run it.
        """
        none = tf.constant(0)
        for order in orders:
            self._train(self._examples.parts, tf.constant(order), none, none, nothing())
        self._evaluate(self._examples.parts, tf.zeros((1, 1), tf.int32), none, none, self._nothing_told(0))
        if orders:
            state = self.state()
            self.probe(self._examples, np.concatenate([order.ravel() for order in orders]))
            self.take(state)

    def start(
        self, contender: Contender, seed: int, learning_rate: float, examples: ExamplesOnDevice, indices: Indices
    ) -> NetworkState:
        """The state that a trial begins with: drawn for this contender and seed, with a fresh optimizer.

        The rate is the optimizer's, which the model was compiled with.
        """
        x, _, _ = examples.at(indices[: fitting.IMAGES])
        self._draws.draw(contender, seed, x)
        for variable, value in self._fresh_optimizer:
            variable.assign(value)
        return self.state()

    def state(self) -> NetworkState:
        """The state as it is now."""
        return state_of(self._variables)

    def fits(self, state: NetworkState) -> bool:
        """Whether a state, as arrays, can be one of this model's."""
        return fits_state(self._variables, state)

    def take(self, state: NetworkState) -> None:
        """Go on from this state; arrays will do as well."""
        take_state(self._variables, state)

    def settle(self) -> None:
        """What ``fit`` does at its end: weights of which the optimizer keeps a mean become that mean."""
        self._optimizer.finalize_variable_values(self._model.trainable_variables)

    def train(self, examples: ExamplesOnDevice, *orders: Indices, rows: int | None = None) -> Iterator[Tally]:
        """One epoch: a step of the optimizer for each row of indices (the first ``rows`` of them)."""
        self._forget_metrics()
        piece = partial(self._train, examples.parts)
        return pass_over(piece, orders, self._training_pace, nothing(), rows, accuracy=self._judged)

    def evaluate(self, examples: ExamplesOnDevice, indices: Indices) -> Iterator[Tally]:
        """Loss and what judges over the examples at ``indices`` (n,), weights unchanged."""
        self._forget_metrics()
        piece = partial(self._evaluate, examples.parts)
        whole = len(indices) // EVALUATION_BATCH * EVALUATION_BATCH
        parts = indices[:whole].reshape(-1, EVALUATION_BATCH), indices[whole:].reshape(1, -1)
        orders = tuple(part for part in parts if part.size)
        told = hits_in if self._judge.each else None
        sums = self._nothing_told(len(indices))
        return pass_over(piece, orders, self._evaluation_pace, sums, accuracy=self._judged, hits=told)

    def probe(self, examples: ExamplesOnDevice, indices: Indices) -> Probed:
        """What a step on the first ``PROBE_EXAMPLES`` of ``indices`` (n,) would do; the state is another one then."""
        return self._probe(*examples.at(indices[:PROBE_EXAMPLES]))

    def weights(self) -> Iterator[tuple[str, NDArray[np.float32]]]:
        """Path and values of each trainable variable."""
        for variable in self._model.trainable_variables:
            yield variable.path, np.asarray(keras.ops.convert_to_numpy(variable), np.float32)

    def _forget_metrics(self) -> None:
        for metric in self._metrics:
            metric.reset_state()

    def _judged(self, sums: Any, seen: int) -> float:
        """The value of what judges, after so many examples."""
        if self._judge.hits:
            return share_of_hits(sums, seen)
        if not self._judge.of_model:
            return float(sums[0]) / seen
        inside: Any = self._model
        return float(inside.get_metrics_result()[self._judge.metric.name])

    def _nothing_told(self, count: int) -> Any:
        """The sums of an evaluation before its first row: also where it is, and whether each example was told right."""
        return (*nothing(), tf.constant(0), tf.zeros(count if self._judge.each else 0, tf.bool))

    def _train_rows(self, parts: Any, order: Any, start: Any, stop: Any, sums: Any) -> Any:
        def step(row: Any, loss_sum: Any, hit: Any, bad: Any) -> Any:
            x, y, weights = self._examples.picked(parts, order[row])
            loss, output = stepped(self._model, self._optimizer, x, y, weights)
            told = self._told(x, y, output, weights)
            batch = tf.cast(tf.shape(order)[1], tf.float32)
            return row + 1, loss_sum + loss * batch, hit + tf.reduce_sum(told), _first_bad(loss, bad, row)

        with fast_gradients() if self.jit and ON_CPU else nullcontext():
            return loop(step, start, stop, sums)

    def _evaluate_rows(self, parts: Any, order: Any, start: Any, stop: Any, sums: Any) -> Any:
        def step(row: Any, loss_sum: Any, hit: Any, bad: Any, at: Any, hits: Any) -> Any:
            x, y, weights = self._examples.picked(parts, order[row])
            output = output_of(self._model, x, training=False)
            loss = tf.cast(loss_of(self._model, x, y, output, weights, training=False), tf.float32)
            told = self._told(x, y, output, weights)
            count = tf.shape(order)[1]
            if self._judge.each:
                places = tf.range(at, at + count)[:, tf.newaxis]
                hits = tf.tensor_scatter_nd_update(hits, places, told > 0)
            added = loss * tf.cast(count, tf.float32)
            return row + 1, loss_sum + added, hit + tf.reduce_sum(told), _first_bad(loss, bad, row), at + count, hits

        return loop(step, start, stop, sums)

    def _told(self, x: Tree, y: Tree, output: Tree, weights: Tree) -> Any:
        """How much of each example of a batch is hit, (n,); the model's own metrics take it in where they judge."""
        if self._judge.hits:
            hits = self._judge.hits(y, output)
            return tf.reduce_mean(tf.reshape(hits, (tf.shape(hits)[0], -1)), axis=1)
        if self._judge.of_model:
            inside: Any = self._model
            inside.compute_metrics(x, y, output, sample_weight=weights)
        return tf.zeros(1)


ROWS = tf.TensorSpec((None, None), tf.int32)
WHOLE = tf.TensorSpec((), tf.int32)
NUMBER = tf.TensorSpec((), tf.float32)
SUMS = (NUMBER, NUMBER, WHOLE, WHOLE, tf.TensorSpec((None,), tf.bool))
"""Of an evaluation: losses, hits, the first bad row, examples seen, and whether each was told right."""


def stepped(model: Model, optimizer: Any, x: Tree, y: Tree, weights: Tree) -> tuple[Any, Tree]:
    """One step of a compiled model as ``fit`` makes it; its loss, and what the model put out before it."""
    with tf.GradientTape() as tape:
        output = output_of(model, x, training=True)
        loss = loss_of(model, x, y, output, weights, training=True)
        scaled = optimizer.scale_loss(loss)
    optimizer.apply(tape.gradient(scaled, model.trainable_variables), model.trainable_variables)
    return tf.cast(loss, tf.float32), output


def unique(variables: Any) -> list[Any]:
    """Each variable once."""
    return list({id(variable): variable for variable in variables}.values())


def _first_bad(loss: Any, bad: Any, row: Any) -> Any:
    return tf.where(tf.math.is_finite(loss), bad, row)


def takes_xla(model: Model) -> bool:
    """Whether all of a model's layers say that XLA can compile them."""
    return all(getattr(layer, "supports_jit", True) for layer in layers_within(model))
