"""A person's own model in the compiled loop trains as Keras's own step does."""

from __future__ import annotations

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
from tests.engine.training.own_models import KINDS

BATCH = 16
DECLARED = Contender(None, treatment="declared")
EXPERIMENT = Experiment((DECLARED,), own=ModelSpec("my:model"), batch_size=BATCH)


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


@pytest.mark.parametrize("kind", KINDS)
def test_declared_trains_as_train_on_batch_does(kind: str) -> None:
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
