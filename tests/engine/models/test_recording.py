"""What passes through a model as it runs: each layer once, by its name, and the layers as they were afterwards."""

import numpy as np
import pytest

from initterm.engine.audit.layer_outputs import recorded, steps_of
from initterm.engine.runtime import keras

layers = keras.layers
INPUT = np.ones((2, 4), "float32")


def nested():
    inner = keras.Sequential([keras.Input((4,)), layers.Dense(3, name="deep")], name="inner")
    return keras.Sequential([keras.Input((4,)), inner, layers.ReLU(name="bent"), layers.Dense(2, name="last")])


def test_each_layer_is_told_with_those_it_is_nested_in():
    model = nested()
    assert [step.name for step in steps_of(model)] == ["inner/deep", "bent", "last"]
    with recorded(model) as layer_outputs:
        result = model(INPUT)
    assert [layer_output.step.name for layer_output in layer_outputs] == ["inner/deep", "bent", "last"]
    assert np.array_equal(layer_outputs[-1].output, result)
    assert np.array_equal(np.maximum(layer_outputs[0].output, 0), layer_outputs[1].output)


def test_nothing_is_told_any_more_once_it_is_let_go():
    model = nested()
    with recorded(model) as layer_outputs:
        pass
    model(INPUT)
    assert layer_outputs == []
    assert not any("call" in vars(step.operation) for step in steps_of(model))


def test_layers_are_let_go_also_where_the_model_fails():
    model = nested()
    with pytest.raises(ValueError, match="incompatible"), recorded(model):
        model(np.ones((2, 5), "float32"))
    assert not any("call" in vars(step.operation) for step in steps_of(model))


def test_a_call_that_was_replaced_by_its_owner_is_put_back():
    model = nested()
    last = model.get_layer("last")
    own = last.call
    last.call = own
    with recorded(model):
        model(INPUT)
    assert vars(last)["call"] == own


def test_a_layer_that_is_used_twice_is_told_twice():
    inputs, twice = keras.Input((4,)), layers.Dense(4, name="twice")
    model = keras.Model(inputs, twice(twice(inputs)))
    with recorded(model) as layer_outputs:
        model(INPUT)
    assert [layer_output.step.name for layer_output in layer_outputs] == ["twice", "twice"]


def test_what_is_no_signal_is_not_told():
    inputs = keras.Input((4,), dtype="int32")
    model = keras.Model(inputs, layers.Embedding(10, 3, name="words")(layers.Identity(name="whole")(inputs)))
    with recorded(model) as layer_outputs:
        model(INPUT.astype("int32"))
    assert [layer_output.step.name for layer_output in layer_outputs] == ["words"]
