"""What a step would do to a person's own model, seen from inside, against what can be computed by hand."""

from __future__ import annotations

import numpy as np
import pytest

from initterm.engine.models.keras_privates import prepared_for
from initterm.engine.runtime import keras
from initterm.engine.training.own_metric import Judge, accuracy_of
from initterm.engine.training.own_probe import OwnProbe
from initterm.experiments.metric import ACCURACY

X = np.random.default_rng(4).standard_normal((6, 4)).astype(np.float32)


def test_gradients_and_the_size_of_the_step_are_those_of_the_loss() -> None:
    y = X @ np.array([[1.0], [2], [0], [0]], np.float32)
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1, use_bias=False)])
    model.compile(keras.optimizers.SGD(0.5), "mse")
    prepared_for(model, (X, y, None))
    kernel = keras.ops.convert_to_numpy(model.layers[0].kernel).copy()
    gradient = 2 * X.T @ (X @ kernel - y) / len(X)
    told = OwnProbe(model, model.optimizer, Judge())(X, y, None)
    assert told["loss"] == pytest.approx(np.mean((X @ kernel - y) ** 2), rel=1e-5)
    assert told["gradient_first"] == told["gradient_last"] == pytest.approx(np.linalg.norm(gradient), rel=1e-5)
    assert told["update_ratio"] == pytest.approx(0.5 * np.linalg.norm(gradient) / np.linalg.norm(kernel), rel=1e-4)
    assert "answers" not in told


def test_a_model_that_answers_the_same_for_all_examples_has_one_answer_and_no_spread() -> None:
    y = np.array([0, 1, 2, 0, 1, 2])
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3, kernel_initializer="zeros")])
    model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    prepared_for(model, (X, y, None))
    judge = Judge(ACCURACY, accuracy_of(y, model(X)), each=True)
    told = OwnProbe(model, model.optimizer, judge)(X, y, None)
    assert (told["answers"], told["answer_spread"]) == (1, pytest.approx(0, abs=1e-6))
