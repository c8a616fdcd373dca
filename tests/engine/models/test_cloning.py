"""A model built again is another one with the same weights, and a refusal where it can't be."""

import numpy as np
import pytest

from initterm.engine import memory
from initterm.engine.models.cloning import clone_of, copy_weights
from initterm.engine.models.opened import OpenedModel
from initterm.engine.runtime import keras
from initterm.experiments.audit.events import Fix
from initterm.theory.refusal import Refusal

layers = keras.layers
INPUT = np.linspace(-1, 1, 16, dtype="float32").reshape(2, 8)


def model(*parts):
    return keras.Sequential([keras.Input((8,)), *parts])


def numbers(one):
    return [keras.ops.convert_to_numpy(variable) for variable in one.variables]


def test_the_clone_has_the_weights_and_none_of_the_variables():
    first = model(layers.Dense(4, "relu"), layers.BatchNormalization(), layers.Dropout(0.5), layers.Dense(3))
    clone = clone_of(OpenedModel(first)).model
    assert all(np.array_equal(a, b) for a, b in zip(numbers(first), numbers(clone), strict=True))
    before = keras.ops.convert_to_numpy(first(INPUT))
    for variable in clone.trainable_variables:
        variable.assign(0 * variable)
    assert np.array_equal(before, first(INPUT))
    assert not np.any(clone(INPUT))


def test_functions_in_a_lambda_come_along():
    clone = clone_of(OpenedModel(model(layers.Lambda(lambda x: 2 * x)))).model
    assert np.array_equal(clone(INPUT), 2 * INPUT)


def test_dropout_is_replaced_where_a_fix_asks_for_it():
    first = model(layers.Dense(4, "selu"), layers.Dropout(0.1, name="one"), layers.Dropout(0.2, name="two"))
    fix = Fix("alpha_dropout", "one", "", ("selu_dropout",), "Dropout", "AlphaDropout")
    clone = clone_of(OpenedModel(first), [fix]).model
    assert [type(clone.get_layer(name)).__name__ for name in ("one", "two")] == ["AlphaDropout", "Dropout"]
    assert clone.get_layer("one").rate == 0.1


class Stubborn(keras.Model):
    def __init__(self, words):
        super().__init__()
        self.words = words

    def call(self, x):
        return x

    def get_config(self):
        raise NotImplementedError("no such luck. And more")


def test_what_cannot_be_built_again_is_a_refusal_with_the_first_sentence():
    with pytest.raises(Refusal, match=r"can't be built again\. no such luck\.$"):
        clone_of(OpenedModel(Stubborn("x")))


def test_what_has_no_room_is_refused_before(monkeypatch):
    monkeypatch.setattr(memory.psutil, "virtual_memory", lambda: type("Free", (), {"available": 100}))
    with pytest.raises(Refusal, match="again takes"):
        clone_of(OpenedModel(model(layers.Dense(40))))


def test_weights_of_another_shape_are_not_copied():
    with pytest.raises(ValueError, match="shape"):
        copy_weights(model(layers.Dense(4)), model(layers.Dense(3)))
