"""A model that was opened: what goes in, what comes out, what is in it, each looked for once."""

import numpy as np

from initterm.engine.models.graph import Graph
from initterm.engine.models.opened import OpenedModel, Output, Slot
from initterm.engine.runtime import keras

layers = keras.layers


def tokens():
    """Two inputs, of which one picks from a table, and two outputs."""
    words, more = keras.Input((None,), dtype="int32", name="words"), keras.Input((3,), name="more")
    pooled = layers.GlobalAveragePooling1D()(layers.Embedding(50, 8, name="table")(words))
    inner = keras.Sequential([keras.Input((11,)), layers.Dense(2, activation="softmax")], name="inner")
    joined = layers.Concatenate()([pooled, more])
    return keras.Model([words, more], [inner(joined), layers.Dense(1)(joined)])


def test_inputs_and_outputs():
    opened = OpenedModel(tokens())
    assert opened.inputs == (Slot((None, None), "int32", 50, "words"), Slot((None, 3), "float32", None, "more"))
    assert opened.outputs == (Output((None, 2), "softmax"), Output((None, 1), ""))


def test_nested_models_are_in_it():
    opened = OpenedModel(tokens())
    assert len(opened.graphs) == 2
    assert opened.graph.functional is opened.model
    assert {layer.name for layer in opened.layers} >= {"table", "inner"}
    assert [tensor.dims for tensor in opened.tensors] == [(50, 8), (11, 2), (2,), (11, 1), (1,)]


def test_each_is_looked_for_once(monkeypatch):
    opened, found = OpenedModel(tokens()), []
    graph_of = Graph.of
    monkeypatch.setattr(Graph, "of", lambda model: found.append(model) or graph_of(model))
    for _ in range(2):
        assert opened.inputs
        assert opened.outputs
        assert opened.numbers_put_out
    assert len(found) == 3  # its own, and with all that are nested


def test_values_are_those_of_now():
    opened = OpenedModel(keras.Sequential([keras.Input((4,)), layers.Dense(2)]))
    kernel = opened.tensors[0]
    opened.model.layers[0].kernel.assign(np.ones((4, 2)))
    assert (kernel.values == 1).all()


def test_code_tells_what_it_was_called_with_and_no_output():
    class Code(keras.Model):
        def __init__(self):
            super().__init__()
            self.dense = layers.Dense(2)

        def call(self, x):
            return self.dense(x)

    model = Code()
    model(np.zeros((1, 4), np.float32))
    opened = OpenedModel(model)
    assert opened.graph is None
    assert opened.inputs == (Slot((None, 4), "float32", None),)
    assert opened.outputs == ()
    assert opened.numbers_put_out == 0
