"""What stands around each layer of a functional model: what comes next, what is jumped over, where it ends."""

import pytest

from initterm.engine.models.graph import Graph, activation_of, graphs_of, surroundings_of
from initterm.engine.models.keras_privates import functional_of
from initterm.engine.runtime import keras

layers = keras.layers


def around(*parts, of=0):
    model = keras.Sequential([keras.Input((8,)), *parts])
    return Graph.of(model).around(model.layers[of])


@pytest.mark.parametrize(
    ("operation", "name"),
    [
        (layers.ReLU(), "relu"),
        (layers.ReLU(max_value=6), "relu6"),
        (layers.ReLU(negative_slope=0.1), "leaky_relu"),
        (layers.LeakyReLU(), "leaky_relu"),
        (layers.Softmax(), "softmax"),
        (layers.Activation("swish"), "silu"),
        (layers.Activation(layers.PReLU()), "prelu"),
        (layers.Dense(3, activation="gelu"), "gelu"),
        (layers.Dense(3), ""),
        (layers.Flatten(), ""),
    ],
)
def test_activations_are_known_by_the_catalogues_names(operation, name):
    assert activation_of(operation) == name


def test_the_activation_is_looked_for_through_what_keeps_it():
    found = around(layers.Dense(8), layers.BatchNormalization(), layers.Dropout(0.1), layers.ReLU(), layers.Dense(2))
    assert (found.activation, found.normalized, found.is_output) == ("relu", True, False)
    assert [layer.rate for layer in found.dropouts] == [0.1]


def test_another_layer_with_weights_ends_the_search():
    assert around(layers.Dense(8), layers.Dense(8, activation="relu")).activation == ""


def test_the_last_layer_is_the_output_also_where_an_activation_follows():
    assert around(layers.Dense(8, activation="relu"), layers.Dense(2), layers.Softmax(), of=1).is_output


def test_normalization_before_counts():
    assert around(layers.LayerNormalization(), layers.Dense(8), of=1).normalized
    assert not around(layers.Dense(8), layers.Dense(8), of=1).normalized


def diamond():
    inputs = keras.Input((8,))
    branch = layers.Dense(8, name="branch")(layers.Dense(8, activation="relu", name="inner")(inputs))
    gate = layers.Dense(8, activation="sigmoid", name="gate")
    summed = layers.Add(name="sum")([inputs, branch])
    return keras.Model(inputs, layers.Multiply(name="gated")([summed, gate(summed)]))


def test_branches_and_gates():
    model = diamond()
    graph = Graph.of(model)
    assert graph.around(model.get_layer("branch")).is_branch
    assert not graph.around(model.get_layer("inner")).is_branch
    assert graph.around(model.get_layer("gate")).is_gate
    assert graph.around(layers.Dense(1)) is None


def test_a_sum_with_a_number_is_no_branch_and_a_product_by_one_no_gate():
    inputs = keras.Input((8,))
    shifted, scaled = layers.Dense(8, name="shifted"), layers.Dense(8, name="scaled")
    graph = Graph.of(keras.Model(inputs, scaled(shifted(inputs) + 3.0) * 2.0))
    assert not graph.around(shifted).is_branch
    assert not graph.around(scaled).is_gate


def test_an_attribute_of_another_layer_is_not_its_activation():
    class Decoder(layers.Layer):
        def __init__(self):
            super().__init__()
            self.activation = keras.activations.silu

        def call(self, x):
            return x

    assert activation_of(Decoder()) == ""
    assert around(layers.Dense(8), Decoder()).activation == ""


def test_a_wrapped_layer_stands_where_its_wrapper_does():
    inner = layers.Dense(4)
    model = keras.Sequential([keras.Input((5, 8)), layers.TimeDistributed(inner), layers.ReLU()])
    assert Graph.of(model).around(inner).activation == "relu"


def test_models_in_models_have_graphs_of_their_own():
    inner = keras.Sequential([keras.Input((8,)), layers.Dense(8, name="deep"), layers.ReLU()], name="inner")
    model = keras.Sequential([keras.Input((8,)), inner, layers.Dense(2)])
    assert len(graphs_of(model)) == 2
    assert surroundings_of(inner.get_layer("deep"), graphs_of(model)).activation == "relu"
    assert surroundings_of(layers.Dense(2, activation="tanh"), graphs_of(model)).activation == "tanh"


def test_the_last_layer_of_a_nested_model_goes_on_where_the_model_stands():
    inner = keras.Sequential([keras.Input((8,)), layers.Dense(8, name="deep")], name="inner")
    model = keras.Sequential([keras.Input((8,)), inner, layers.ReLU(), layers.Dense(2, name="last")])
    found = surroundings_of(inner.get_layer("deep"), graphs_of(model))
    assert (found.activation, found.is_output) == ("relu", False)
    assert surroundings_of(model.get_layer("last"), graphs_of(model)).is_output


def test_a_model_that_is_only_code_has_none():
    class Code(keras.Model):
        def call(self, x):
            return x

    assert functional_of(Code()) is None
    assert Graph.of(Code()) is None
