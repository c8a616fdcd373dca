"""What judges the trials of a person's own model, and which way is better."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from initterm.engine.models.keras_privates import prepared_for
from initterm.engine.runtime import keras
from initterm.engine.training.own_metric import LOSS, accuracy_of, judge_of

X = np.random.default_rng(4).standard_normal((6, 4)).astype(np.float32)


def judged(metrics: list[Any] | None, y: Any, *, classes: bool = False, units: int = 1) -> Any:
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(units)])
    model.compile("adam", "mse", metrics=metrics)
    prepared_for(model, (X, y, None))
    return judge_of(model, y, model(X), classes=classes)


@pytest.mark.parametrize(
    ("metric", "higher_is_better", "largest"),
    [
        ("mae", False, None),
        ("root_mean_squared_error", False, None),
        ("cosine_similarity", True, None),
        ("auc", True, 1.0),
        ("false_positives", False, None),
        ("r2_score", True, None),
    ],
)
def test_keras_metrics_have_their_direction(metric: str, higher_is_better: bool, largest: float | None) -> None:
    made = {
        "auc": keras.metrics.AUC,
        "r2_score": keras.metrics.R2Score,
        "false_positives": keras.metrics.FalsePositives,
    }
    y = np.array([[0.0], [1], [1], [0], [1], [0]], np.float32)
    judge = judged([made[metric]() if metric in made else metric], y)
    assert judge.of_model
    assert (judge.metric.higher_is_better, judge.metric.largest) == (higher_is_better, largest)


def test_without_classes_and_metrics_the_loss_judges() -> None:
    assert judged(None, X[:, :1]).metric == LOSS


def test_classes_are_judged_by_accuracy_of_each_example() -> None:
    judge = judged(["mae"], np.eye(3, dtype=np.float32)[[0, 1, 2, 0, 1, 2]], classes=True, units=3)
    assert judge.metric.is_accuracy
    assert judge.each


def test_labels_of_each_step_of_a_sequence_are_hit_or_not() -> None:
    output = np.array([[[3.0, 1], [0, 2]], [[1, 5], [4, 0]]], np.float32)
    found = accuracy_of(np.array([[0, 0], [1, 0]]), output)
    assert found is not None
    assert np.asarray(found(np.array([[0, 0], [1, 0]]), output)).tolist() == [[1, 0], [1, 1]]
