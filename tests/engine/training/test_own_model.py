"""A person's own model in the compiled loop trains as Keras's own step does."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from initterm.engine.data.batches import batches
from initterm.engine.models.opened import OpenedModel
from initterm.engine.runtime import keras, tf
from initterm.engine.training.on_device import ExamplesOnDevice
from initterm.engine.training.own_compiling import compiled
from initterm.engine.training.own_model import OwnModel
from initterm.experiments.training.contender import Contender
from initterm.experiments.training.experiment import Experiment
from initterm.experiments.training.model import ModelSpec
from tests.engine.training.own_models import KINDS, mlp

BATCH = 16
DECLARED = Contender(None, treatment="declared")
EXPERIMENT = Experiment((DECLARED,), own=ModelSpec("my:model"), batch_size=BATCH)


@pytest.fixture(autouse=True)
def _same_weights() -> None:
    """Keras draws the seeds of its initializers from Python's generator."""
    random.seed(1)


class AsItIs:
    """Draws a model as it was when it was handed over."""

    def __init__(self, model: Any) -> None:
        self._values = [(variable, keras.ops.convert_to_numpy(variable).copy()) for variable in model.variables]

    def draw(self, _contender: Contender, _seed: int, _x: Any) -> None:
        for variable, value in self._values:
            variable.assign(value)


def own_model(
    model: Any, x: Any, y: Any, weights: Any = None, experiment: Experiment = EXPERIMENT, *, jit: bool = True
) -> tuple[OwnModel, ExamplesOnDevice]:
    examples = ExamplesOnDevice(x, y, weights)
    how = compiled(OpenedModel(model), experiment, examples, classes=False)
    return OwnModel(model, how.judge, AsItIs(model), examples, jit=jit), examples


def losses_of(trained: OwnModel, examples: ExamplesOnDevice, order: Any) -> list[float]:
    """The loss of each step: every row a pass of its own."""
    return [list(trained.train(examples, row[np.newaxis]))[-1].loss for row in order]


SLOW_KINDS = {"subclassed", "residual", "lstm", "transformer", "cnn"}


@pytest.mark.parametrize(
    "kind", [pytest.param(kind, marks=pytest.mark.slow) if kind in SLOW_KINDS else kind for kind in KINDS]
)
def test_declared_trains_as_train_on_batch_does(kind: str, xla: None) -> None:
    model, (x, y) = KINDS[kind]()
    trained, examples = own_model(model, x, y)
    state = trained.start(DECLARED, 1, 0.001, examples, np.arange(8, dtype=np.int32))
    order = np.concatenate([batches(1, epoch, examples.count, BATCH)[0] for epoch in (1, 2, 3)])
    losses = losses_of(trained, examples, order)
    weights = [keras.ops.convert_to_numpy(variable).copy() for variable in model.variables]
    trained.take(state)
    plain = []
    for row in order:
        part = tf.nest.map_structure(lambda array, row=row: array[row], (x, y))
        model.reset_metrics()
        plain.append(float(model.train_on_batch(*part)))
    assert losses == pytest.approx(plain, abs=1e-4)
    assert len(set(losses)) == len(losses)
    for ours, theirs in zip(weights, model.variables, strict=True):
        assert ours == pytest.approx(keras.ops.convert_to_numpy(theirs), abs=1e-3)


@pytest.mark.slow
def test_sample_weights_and_a_smaller_last_batch_count_as_in_fit() -> None:
    model, (x, y) = mlp()
    weights = np.linspace(0.1, 2, len(y)).astype(np.float32)
    trained, examples = own_model(model, x, y, weights)
    state = trained.start(DECLARED, 1, 0.001, examples, np.arange(8, dtype=np.int32))
    orders = batches(1, 1, examples.count, BATCH)
    assert len(orders) == 2
    loss = list(trained.train(examples, *orders))[-1].loss
    trained.take(state)
    rows = [row for order in orders for row in order]
    plain = [float(step(model, x, y, weights, row)) * len(row) for row in rows]
    assert loss == pytest.approx(sum(plain) / len(y), abs=1e-5)


def step(model: Any, x: Any, y: Any, weights: Any, row: Any) -> Any:
    model.reset_metrics()
    return model.train_on_batch(x[row], y[row], weights[row])


@pytest.mark.slow
def test_mixed_precision_trains_as_the_model_has_it() -> None:
    before = keras.mixed_precision.global_policy()
    keras.mixed_precision.set_global_policy("mixed_float16")
    try:
        model, (x, y) = mlp()
    finally:
        keras.mixed_precision.set_global_policy(before)
    trained, examples = own_model(model, x, y, experiment=replace(EXPERIMENT, learning_rate=0.01))
    trained.start(DECLARED, 1, 0.01, examples, np.arange(8, dtype=np.int32))
    order = batches(1, 1, examples.count, BATCH)[0]
    losses = [np.mean(losses_of(trained, examples, order)) for _ in range(30)]
    assert type(model.optimizer).__name__ == "LossScaleOptimizer"
    assert np.isfinite(losses).all()
    assert losses[-1] < losses[0]


def test_an_evaluation_tells_of_each_example_and_changes_nothing() -> None:
    model, (x, y) = mlp()
    trained, examples = own_model(model, x, y)
    trained.start(DECLARED, 1, 0.001, examples, np.arange(8, dtype=np.int32))
    before = [np.asarray(value) for value in trained.state()]
    at = np.arange(5, 33, dtype=np.int32)
    tally = list(trained.evaluate(examples, at))[-1]
    loss = model.evaluate(x[at], y[at], verbose=0)
    hits = np.argmax(model.predict(x[at], verbose=0), axis=1) == y[at]
    assert tally.loss == pytest.approx(loss, abs=1e-5)
    assert tally.accuracy == pytest.approx(hits.mean())
    assert np.array_equal(tally.hits, hits)
    assert all(np.array_equal(one, other) for one, other in zip(before, trained.state(), strict=True))


def test_means_of_the_weights_that_an_optimizer_keeps_are_taken_at_the_end() -> None:
    model, (x, y) = mlp()
    model.compile(keras.optimizers.Adam(0.01, use_ema=True, ema_momentum=0.5), "sparse_categorical_crossentropy")
    trained, examples = own_model(
        model, x, y, experiment=replace(EXPERIMENT, own=ModelSpec("my:model", own_optimizer=True))
    )
    state = trained.start(DECLARED, 1, 0.01, examples, np.arange(8, dtype=np.int32))
    order = batches(1, 1, examples.count, BATCH)[0]
    list(trained.train(examples, order))
    trained.settle()
    ours = [keras.ops.convert_to_numpy(variable).copy() for variable in model.trainable_variables]
    trained.take(state)
    model.fit(x[order.ravel()], y[order.ravel()], BATCH, shuffle=False, verbose=0)
    for one, other in zip(ours, model.trainable_variables, strict=True):
        assert one == pytest.approx(keras.ops.convert_to_numpy(other), abs=1e-4)
