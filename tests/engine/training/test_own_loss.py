"""The loss that a person's own model is trained by, and where it comes from."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from initterm.engine.models.opened import OpenedModel
from initterm.engine.runtime import keras
from initterm.engine.training.own_loss import loss_for, loss_words
from initterm.theory.refusal import Refusal

X = np.random.default_rng(4).standard_normal((6, 4)).astype(np.float32)
LABELS, YES = np.array([0, 1, 2, 0, 1, 2]), np.array([0, 1, 1, 0, 1, 0])


def model(units: int, activation: str | None) -> Any:
    return keras.Sequential([keras.Input((4,)), keras.layers.Dense(units, activation)])


def loss(built: Any, y: Any, named: str = "") -> tuple[str, str]:
    _, words, settled_by = loss_for(OpenedModel(built), named, y, built(X))
    return words, settled_by


@pytest.mark.parametrize(
    ("units", "activation", "y", "words"),
    [
        (3, "softmax", LABELS, "sparse categorical crossentropy"),
        (3, None, LABELS, "sparse categorical crossentropy of logits"),
        (3, "softmax", np.eye(3, dtype=np.float32)[LABELS], "categorical crossentropy"),
        (3, "sigmoid", np.eye(3, dtype=np.float32)[LABELS], "binary crossentropy"),
        (1, "sigmoid", YES, "binary crossentropy"),
        (1, None, YES * 2.5, "mean squared error"),
    ],
)
def test_outputs_and_targets_ask_for_a_loss(units: int, activation: str | None, y: Any, words: str) -> None:
    assert loss(model(units, activation), y) == (words, "inferred")


def test_what_is_named_stands_above_what_is_compiled_and_that_above_what_is_inferred() -> None:
    built = model(1, None)
    built.compile("adam", keras.losses.Huber())
    assert loss(built, YES) == ("huber loss", "model")
    assert loss(built, YES, "mean_absolute_error") == ("mean absolute error", "settings")
    assert loss(model(3, None), LABELS, "sparse_categorical_crossentropy")[0].endswith("of logits")


def test_a_loss_that_is_none_and_targets_of_another_shape_are_refused() -> None:
    with pytest.raises(Refusal, match="'nonsense' is not a loss of Keras"):
        loss(model(1, None), YES, "nonsense")
    with pytest.raises(Refusal, match="belong together"):
        loss(model(3, None), X)


def test_losses_of_several_outputs_are_told_by_name() -> None:
    assert loss_words({"kind": "sparse_categorical_crossentropy", "size": "mse"}) == (
        "kind: sparse categorical crossentropy, size: mse"
    )
