"""Gradients measured where they arrive are those that a tape gives, and a tap changes nothing else."""

import numpy as np
import pytest

from initterm.engine.audit.examined import Examined
from initterm.engine.audit.taps import GradientTaps
from initterm.engine.audit.unused import layers_not_used
from initterm.engine.models.opened import OpenedModel
from initterm.engine.runtime import keras, tf
from initterm.experiments.audit.events import GraphMeasured, LayerPassed


def test_a_tap_tells_the_std_of_the_gradient_that_arrives():
    x = tf.constant(np.random.default_rng(1).standard_normal((16, 8)), tf.float32)
    back = tf.constant(np.random.default_rng(2).standard_normal((16, 8)), tf.float32)
    with tf.GradientTape() as plain:
        plain.watch(x)
        y = tf.tanh(x) * 3
    expected = float(np.std(plain.gradient(y, x, back)))
    taps = GradientTaps()
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(taps.source)
        tapped = taps.tapped(x)
        y_tapped = taps.tapped(tf.tanh(tapped) * 3)
    tape.gradient([y_tapped], [taps.source], output_gradients=[back])
    assert np.array_equal(tapped, x)
    assert np.array_equal(y_tapped, y)
    assert taps.stds == pytest.approx([expected, float(np.std(back))], rel=1e-5)


def test_where_no_gradient_arrives_nothing_is_told():
    taps = GradientTaps()
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(taps.source)
        taps.tapped(tf.ones((2, 2)))
        end = taps.tapped(tf.ones((2, 2)))
    tape.gradient([end], [taps.source], output_gradients=[tf.ones((2, 2))])
    assert taps.stds == [None, 0.0]


def test_masks_go_on():
    embedding = keras.layers.Embedding(10, 4, mask_zero=True)
    looked_up = embedding(tf.constant([[1, 0, 3]]))
    tapped = GradientTaps().tapped(looked_up)
    assert np.array_equal(keras.src.backend.get_keras_mask(tapped), [[True, False, True]])


class Half(keras.Model):
    def __init__(self):
        super().__init__()
        self.used, self.left = keras.layers.Dense(3, name="used"), keras.layers.Dense(4, name="left")

    def build(self, shape):
        self.used.build(shape)

    def call(self, x):
        return self.used(x)


@pytest.mark.parametrize("measured", [True, False])
def test_layers_that_no_call_reaches_are_named_once_a_signal_went_through(measured):
    model = Half()
    model(np.zeros((1, 5), np.float32))
    signal = GraphMeasured("normal", (LayerPassed("used", "Dense", 1.0, 1.0, None),) if measured else ())
    assert [finding.layer for finding in layers_not_used(OpenedModel(model), signal)] == ["left"] * measured


def test_what_is_examined_tells_the_tensors_of_a_layer_and_of_those_in_it():
    class One:
        def __init__(self, layer):
            self.told = type("Told", (), {"layer": layer})

    tensors = [One(name) for name in ("block", "block/inner", "blocks")]
    examined = Examined(tensors, GraphMeasured(""))
    assert list(examined.of_layer("block")) == tensors[:2]
