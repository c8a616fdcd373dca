"""A model whose code has a batch's size written into it is sent that many; why there is no signal is a sentence."""

import numpy as np
import pytest

from initterm.engine.audit.auditing import audited
from initterm.engine.audit.count_in_code import count_told
from initterm.engine.audit.model_signal import measured_run
from initterm.engine.models.building import built
from initterm.engine.models.opened import OpenedModel
from initterm.engine.runtime import keras, tf
from initterm.experiments.audit.input_shape import InputShape
from tests.engine.audit.planted import chain, dense, head, layers

COUNT = 12


class Apart(layers.Layer):
    """Takes its input apart by a batch's size that is written down, in one of the ways that public code does."""

    def __init__(self, apart):
        super().__init__(name="apart")
        self.apart = apart

    def call(self, x):
        return self.apart(x)

    def compute_output_shape(self, shape):
        return shape


APART = {
    "reshaped": lambda x: tf.reshape(tf.reshape(x, [COUNT * 8, 8]), tf.shape(x)),
    "reshaped by a multiple": lambda x: tf.reshape(tf.reshape(x, [COUNT, -1, 64]), tf.shape(x)),
    "added to a state": lambda x: x + tf.zeros([COUNT, 64]),
    "multiplied": lambda x: x * tf.ones([COUNT, 1]),
    "concatenated": lambda x: tf.concat([x, tf.zeros([COUNT, 64])], axis=1)[:, :64],
}


@pytest.mark.parametrize("apart", APART.values(), ids=APART)
def test_as_many_examples_are_sent_as_the_code_asks_for(apart):
    signal = measured_run(OpenedModel(chain(dense(), Apart(apart), head()))).signal
    assert signal.note == ""
    assert [layer.layer for layer in signal.layers][1:] == ["apart", "head"]
    assert signal.layers[1].rows == COUNT


@pytest.mark.parametrize(
    "error",
    [
        "Input to reshape is a tensor with 7 values, but the requested shape has 10000",
        "Input to reshape is a tensor with 600 values, but the requested shape has 333",
        "Input to reshape is a tensor with 600 values, but the requested shape has 100000000",
        "Incompatible shapes: [3,8] vs. [3,16]",
        "Incompatible shapes: [8] vs. [16]",
        "In layer[0] something is wrong",
    ],
)
def test_an_error_that_asks_for_no_count_is_taken_for_none(error):
    assert count_told(error, 3) is None


def test_why_there_is_no_signal_is_a_sentence_with_what_helps():
    model = chain(dense(), Apart(lambda x: tf.reshape(x, [3, 3])), head())
    told = audited(model).signal.note
    assert told.startswith("The signal couldn't be measured: Apart: Input to reshape is a tensor with ")
    assert "Op:" not in told
    assert told.endswith("name some by --data, or say what it takes by --input-shape.")
    data = {"x": np.zeros((4, 64), np.float32)}
    assert audited(model, data=data).signal.note.endswith("more of them at a time, name those by --data.")


def test_of_what_a_layer_keeps_from_its_building_the_cause_is_told():
    shared = keras.Sequential([layers.Normalization()])

    class Code(keras.Model):
        def __init__(self):
            super().__init__()
            self.head = layers.Dense(3)

        def call(self, x):
            return self.head(shared(x))

    model, called = built(Code(), "m:f", shapes=[InputShape((8,), "", "")])
    told = measured_run(OpenedModel(model, asked=called)).signal.note
    assert told.startswith("The signal couldn't be measured: Normalization: ")
    assert told.endswith("call the model on an array in its function.")
