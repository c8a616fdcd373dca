"""What runs in a model is noted while its graph is made: outputs of the innermost layers, and hidden activations."""

import numpy as np

from initterm.engine.runtime import keras, tf
from initterm.engine.watch.noted import running_noted

layers = keras.layers


def noted(model, *shape):
    """Names of layers and of hidden activations, and each layer's std, of random inputs."""
    x = np.random.default_rng(0).normal(size=(16, *shape)).astype(np.float32)
    names = []

    @tf.function(autograph=False)
    def run(x):
        with running_noted() as seen:
            output = model(x, training=True)
        names.append([layer.name for layer, _ in seen.layers()])
        names.append([one.owner.name for one in seen.hidden_units([output])])
        return [tf.math.reduce_std(one) for _, one in seen.layers()]

    return [*map(float, run(tf.constant(x)))], *names


def test_activations_are_noted_wherever_they_stand():
    parts = [layers.Dense(8, "relu", name="fused"), layers.Dense(8, name="bare"), layers.ReLU(name="apart")]
    model = keras.Sequential([keras.Input((4,)), *parts, layers.Dense(3, "tanh", name="last")])
    functions = [layer.activation for layer in model.layers if layer.name == "fused"]
    _, found, units = noted(model, 4)
    assert found == ["fused", "bare", "last"]
    assert units == ["fused", "apart"]
    assert [layer.activation for layer in model.layers if layer.name == "fused"] == functions


def test_a_function_that_nobody_knows_is_left_alone():
    model = keras.Sequential([keras.Input((4,)), layers.Dense(8, lambda z: z * 2, name="own"), layers.Dense(3)])
    assert noted(model, 4)[2] == []


def test_the_innermost_layers_that_can_be_seen_are_told():
    both = layers.Bidirectional(layers.LSTM(4), name="both")
    nested = keras.Sequential([keras.Input((8,)), layers.Dense(8, "gelu", name="inside")], name="nested")
    model = keras.Sequential([keras.Input((5, 3)), both, nested, layers.Dense(2, name="last")])
    stds, found, units = noted(model, 5, 3)
    assert found == [both.forward_layer.name, both.backward_layer.name, "inside", "last"]
    assert units == ["inside"]
    assert min(stds) > 0
