"""What a run tells of each tensor's surroundings, however its layers are written."""

from functools import cache

import numpy as np
import pytest

from initterm.engine.models.opened import OpenedModel
from initterm.engine.models.recorded_run import run_recorded, surroundings_in
from initterm.engine.models.streams import longest_stream
from initterm.engine.runtime import keras, tf

layers = keras.layers


class Block(layers.Layer):
    """A residual block with a normalization of its own, as a person writes one."""

    def __init__(self, **more):
        super().__init__(**more)
        self.wide, self.narrow = layers.Dense(64, name="wide"), layers.Dense(16, name="narrow")
        self.gain = self.add_weight(shape=(16,), initializer="ones", name="gain")
        self.masked = layers.Dense(16, name="after")
        self.drop = layers.Dropout(0.1, name="drop")

    def call(self, x):
        normed = x * tf.math.rsqrt(tf.reduce_mean(x**2, -1, keepdims=True) + 1e-6) * self.gain
        x = x + self.drop(self.narrow(tf.nn.silu(self.wide(normed))))
        return self.masked(x)


class Masked(layers.Dense):
    """A layer that computes with a part of its kernel."""

    def call(self, x):
        return tf.matmul(x, self.kernel * 0.5) + self.bias


def recorded(model, batch):
    opened = OpenedModel(model)
    operations = [node.operation for node in opened.graph.nodes]
    with run_recorded(model, opened.tensors, operations) as dataflow:
        dataflow.begin([batch])
        dataflow.end([model(batch, training=True)])
    return opened.tensors, dataflow


def around(model, batch):
    tensors, dataflow = recorded(model, batch)
    return {tensor.path: found for tensor, found in zip(tensors, surroundings_in(dataflow, tensors), strict=True)}


NORMAL = tf.constant(np.random.default_rng(0).standard_normal((32, 8), np.float32))


@cache
def of_blocks():
    inputs = keras.Input((6,), dtype="int32")
    signal = Block(name="block")(layers.Embedding(50, 16, name="words")(inputs))
    inner = keras.Sequential([keras.Input((6, 16)), layers.Dense(8, name="deep")], name="inner")
    signal = layers.LeakyReLU()(inner(signal))
    gate = layers.Dense(8, "sigmoid", name="gate")(layers.GlobalAveragePooling1D()(signal))
    signal = layers.Multiply()([signal, layers.Reshape((1, 8))(gate)])
    outputs = layers.Dense(3, activation="softmax", name="head")(layers.Flatten()(signal))
    return around(keras.Model(inputs, outputs), tf.constant(np.arange(24).reshape(4, 6), "int32"))


def test_layers_inside_of_a_layer_are_known_by_the_run():
    wide, narrow, after = (of_blocks()[f"block/{name}/kernel"] for name in ("wide", "narrow", "after"))
    assert (wide.activation, wide.normalized, wide.in_branch, wide.is_branch) == ("silu", True, True, False)
    assert (narrow.activation, narrow.is_branch, narrow.in_branch) == ("", True, True)
    assert [(one.name, one.rate) for one in narrow.dropouts] == [("drop", 0.1)]
    assert not after.in_branch


def test_only_what_the_model_puts_out_is_its_output():
    assert {path for path, found in of_blocks().items() if found.is_output} == {"head/kernel", "head/bias"}
    deep = of_blocks()["inner/deep/kernel"]
    assert (deep.activation, deep.is_output) == ("leaky_relu", False)


def test_a_gate_is_one_and_a_table_before_a_norm_is_followed_by_nothing():
    assert of_blocks()["gate/kernel"].is_gate
    assert of_blocks()["words/embeddings"].activation == ""


@pytest.mark.parametrize(
    ("function", "name"),
    [
        (lambda x: tf.nn.gelu(x, approximate=True), "gelu"),
        (lambda x: 0.5 * x * (1 + tf.math.erf(x / 2**0.5)), "gelu"),
        (keras.ops.silu, "silu"),
        (lambda x: x * keras.ops.sigmoid(x), "silu"),
        (lambda x: tf.where(x > 0, x, 0.1 * x), "leaky_relu"),
        (lambda x: x * tf.nn.relu6(x + 3) / 6, "hard_silu"),
        (lambda x: 1.4 * tf.maximum(x, 0.0), "relu"),
        (lambda x: 3 * x + 1, ""),
    ],
)
def test_a_function_is_known_by_its_values(function, name):
    model = keras.Sequential(
        [keras.Input((8,)), layers.Dense(16, name="here"), layers.Lambda(function), layers.Dense(2)]
    )
    found = around(model, NORMAL)["here/kernel"]
    assert (found.activation, found.is_known) == (name, True)


def test_a_function_of_no_catalogue_is_said_not_to_be_known():
    parts = (layers.Dense(16, name="here"), layers.Lambda(lambda x: tf.sin(9 * x)), layers.Dense(2, name="last"))
    found = around(keras.Sequential([keras.Input((8,)), *parts]), NORMAL)
    assert not found["here/kernel"].is_known
    assert found["last/kernel"].is_known


def test_a_kernel_that_its_layer_changes_is_told():
    model = keras.Sequential([keras.Input((8,)), Masked(8, name="masked"), layers.Dense(2, name="last")])
    found = around(model, NORMAL)
    assert found["masked/kernel"].is_transformed
    assert not found["last/kernel"].is_transformed


def test_a_stream_is_its_sums_and_not_those_of_gates():
    inputs = keras.Input((8,))
    signal = inputs
    for _ in range(3):
        signal = layers.Add()([signal, layers.Dense(8)(keras.ops.relu(signal + 3.0))])
    _, dataflow = recorded(keras.Model(inputs, layers.Dense(2)(signal)), NORMAL)
    assert [node.operation.name.split("_")[0] for node in longest_stream(dataflow)] == ["add"] * 3
