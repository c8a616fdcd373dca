"""Attention's logits at the start."""

import numpy as np
import pytest

from initterm.engine.audit.attention_checks import KEYS, largest_share
from initterm.engine.audit.auditing import audited
from initterm.engine.runtime import keras
from tests.engine.audit.planted import attention, head

layers, initializers = keras.layers, keras.initializers


def told(model):
    return [(one.paths, one.severity) for one in audited(model).findings if one.check == "attention_logits"]


def test_kernels_that_are_too_large_are_told_with_those_that_one_argument_draws_alike():
    drawn = ("query", "key", "value", "attention_output")
    assert told(attention(initializers.RandomNormal(stddev=1.0))) == [
        (tuple(f"here/{name}/kernel" for name in drawn), "error")
    ]
    assert told(attention("glorot_uniform")) == []


def test_one_that_is_too_large_by_itself_is_told_alone():
    class Attending(layers.Layer):
        def __init__(self):
            super().__init__(name="here")
            self.query = layers.Dense(16, kernel_initializer=initializers.RandomNormal(stddev=2.0), name="q_proj")
            self.key = layers.Dense(16, name="k_proj")

        def call(self, x):
            logits = keras.ops.matmul(self.query(x), keras.ops.transpose(self.key(x), (0, 2, 1))) / 4
            return keras.ops.matmul(keras.ops.softmax(logits), x)

    inputs = keras.Input((6, 32))
    model = keras.Model(inputs, head()(layers.Flatten()(Attending()(inputs))))
    assert told(model) == [(("here/q_proj/kernel",), "warning")]


def test_the_largest_share_is_what_softmax_gives_it():
    assert 1 / KEYS < largest_share(0.01) < 0.02
    logits = 8 * np.random.default_rng(7).standard_normal((3000, KEYS))
    shares = np.asarray(keras.ops.softmax(logits)).max(axis=1)
    assert largest_share(8.0) == pytest.approx(shares.mean(), rel=0.05)
