"""A run noted operation by operation: which weights took part, what was applied, and what each operation is."""

import numpy as np
import pytest

from initterm.engine.models import operation_kinds
from initterm.engine.models.applied_functions import UNKNOWN, applied_to
from initterm.engine.models.dataflow import WEIGHTED
from initterm.engine.models.recorded_run import run_recorded
from initterm.engine.models.tensorflow_privates import NO_TENSOR, handle_of, identity_of, operations_noted
from initterm.engine.models.tensors import tensors_of
from initterm.engine.models.variables_read import VariablesRead
from initterm.engine.runtime import keras, tf

layers, ops = keras.layers, keras.ops


def flow_through(*parts, shape=(16,)):
    """The dataflow of a sequential model of these parts, and its tensors."""
    keras.utils.set_random_seed(3)
    model = keras.Sequential([keras.Input(shape), *parts])
    tensors = list(tensors_of(model))
    batch = tf.constant(np.random.default_rng(1).standard_normal((32, *shape)), tf.float32)
    with run_recorded(model, tensors, []) as dataflow:
        dataflow.begin([batch])
        output = model(batch, training=True)
    dataflow.end([output])
    return dataflow, tensors


def test_each_kernel_and_bias_is_where_it_is_used():
    dataflow, tensors = flow_through(layers.Dense(8, "relu"), layers.Dense(4))
    kinds = {tensor.path: dataflow.users[place].kind for place, tensor in enumerate(tensors)}
    assert all(kind in WEIGHTED for path, kind in kinds.items() if "kernel" in path)
    assert [kind for path, kind in kinds.items() if "bias" in path] == ["bias"] * 2
    assert len(dataflow.ends) == 1


@pytest.mark.parametrize(
    ("function", "name"),
    [
        ("relu", "relu"),
        ("tanh", "tanh"),
        ("gelu", "gelu"),
        (lambda x: x * ops.sigmoid(x), "silu"),
        (lambda x: ops.maximum(0.3 * x, x), "leaky_relu"),
        (lambda x: ops.sin(3 * x), UNKNOWN),
        (None, ""),
    ],
)
def test_what_is_applied_is_known_by_what_becomes_of_numbers(function, name):
    dataflow, _ = flow_through(layers.Dense(64, use_bias=False), layers.Activation(function), layers.Dense(4))
    assert applied_to(dataflow.users[0]) == name


def test_what_is_applied_is_known_by_all_channels():
    """One whose numbers are all positive, where a GELU is near a line, is as often looked at as any other."""
    width = 256
    dense = layers.Dense(width, bias_initializer=lambda shape, dtype: tf.one_hot(0, width, 6.0, 0.0, dtype=dtype))
    dataflow, _ = flow_through(dense, layers.Activation(lambda x: x * ops.sigmoid(x)), layers.Dense(4), shape=(4, 16))
    assert applied_to(dataflow.users[1]) == "silu"


@pytest.mark.parametrize(
    ("layer", "kind"),
    [
        (layers.LayerNormalization(), "normalized"),
        (layers.Dropout(0.5), "drop"),
        (layers.Softmax(), "softmax"),
        (layers.Reshape((4, 4)), "shape"),
    ],
)
def test_a_layer_is_what_it_does_to_the_signal(layer, kind):
    dataflow, _ = flow_through(layers.Dense(16), layer)
    assert dataflow.ends[0].node.kind == kind


def test_a_sum_of_a_signal_with_its_branch_and_a_gate_are_told_apart():
    class Block(layers.Layer):
        def __init__(self):
            super().__init__()
            self.branch, self.gate = layers.Dense(16), layers.Dense(16, "sigmoid")

        def call(self, x):
            return x + self.gate(x) * self.branch(x)

    dataflow, _ = flow_through(Block())
    assert {"sum", "gate"} <= {node.kind for node in dataflow.nodes}


def test_operations_are_told_with_what_they_take_and_give():
    told = []
    with operations_noted(lambda kind, inputs, outputs: told.append((kind, len(inputs), outputs[0].shape))):
        tf.matmul(tf.ones((2, 3)), tf.ones((3, 4)))
    assert ("MatMul", 2, (2, 4)) in told
    assert "MatMul" in operation_kinds.SUMS
    assert operation_kinds.is_random("RandomStandardNormal")


def test_a_tensor_has_a_number_and_anything_else_has_none():
    one, other = tf.ones(()), tf.ones(())
    assert identity_of(one) != identity_of(other)
    assert identity_of("text") == NO_TENSOR
    assert handle_of(keras.Variable(1.0)).dtype == tf.resource


def test_a_variable_is_known_by_its_first_numbers():
    model = keras.Sequential([keras.Input((8,)), layers.Dense(4), layers.Dense(4)])
    tensors = list(tensors_of(model))
    read = VariablesRead(tensors)
    assert read.place_of(tf.identity(tensors[2].variable.value)) == 2
    assert read.place_of(tf.ones((4, 4))) is None
    assert read.place_of(tf.zeros((4,))) is None  # a bias of zeros is like any other
