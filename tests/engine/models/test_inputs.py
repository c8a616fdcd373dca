"""What is sent through a model: inputs of the kinds that it takes, and a person's own by their names."""

import doctest

import numpy as np
import pytest

from initterm.engine.models import reasons
from initterm.engine.models.building import built
from initterm.engine.models.called import Called, Slot, calls_for
from initterm.engine.models.inputs import InputDrawing, drawings_for, inputs_for, read_data
from initterm.engine.models.opened import OpenedModel
from initterm.engine.models.printing import printing_to_stderr
from initterm.engine.models.reasons import deepest_line, reason_of
from initterm.engine.models.source import forget_own_modules, open_model
from initterm.engine.runtime import keras
from initterm.experiments.audit.input_shape import parse_input_shapes
from initterm.theory.refusal import Refusal

layers = keras.layers


def drawn(*inputs):
    """What is drawn for some inputs, 50 of each."""
    opened = OpenedModel(keras.Model(list(inputs), [layers.Identity()(one) for one in inputs]))
    return inputs_for(opened, None, 50).batches


def test_inputs_are_drawn_by_their_kind():
    floats, pixels, steps, mask, labels, words = drawn(
        keras.Input((3,)),
        keras.Input((4, 4, 3), dtype="uint8"),
        keras.Input((), dtype="int32"),
        keras.Input((8,), dtype="int32", name="padding_mask"),
        keras.Input((2,), dtype="int32", name="labels"),
        keras.Input((1,), dtype="string"),
    )
    assert floats.dtype == np.float32
    assert floats.std() == pytest.approx(1, rel=0.2)
    assert pixels.max() > 200
    assert steps.max() > 100
    assert (mask == 1).all()
    assert set(np.unique(labels)) == {0, 1}
    assert words.dtype == object


def test_ids_are_of_the_table_that_an_input_reaches():
    few, many = keras.Input((4,), dtype="int32"), keras.Input((4,), dtype="int32")
    reached = layers.Embedding(1000, 2)(layers.Reshape((2, 2))(many))
    opened = OpenedModel(keras.Model([few, many], [layers.Embedding(3, 2)(few), reached]))
    assert [slot.rows for slot in opened.inputs] == [3, 1000]


def test_words_are_those_that_are_looked_up():
    words = keras.Input((1,), dtype="string")
    opened = OpenedModel(keras.Model(words, layers.StringLookup(vocabulary=["cat", "dog"])(words)))
    assert set(inputs_for(opened, None, 20).batches[0].ravel()) == {"cat", "dog"}


def test_what_may_be_drawn_otherwise():
    assert drawings_for(OpenedModel(keras.Sequential([keras.Input((3,)), layers.Dense(1)]))) == [InputDrawing()]
    opened = OpenedModel(keras.Sequential([keras.Input((None, 3)), layers.Conv1D(1, 3)]))
    assert [inputs_for(opened, None, 2, one).batches[0].shape[1] for one in drawings_for(opened)] == [64, 256, 1024]


def two():
    left, right = keras.Input((3,), name="left"), keras.Input((2,), name="right", dtype="int32")
    return keras.Model([left, right], layers.Concatenate()([left, layers.Flatten()(layers.Embedding(9, 2)(right))]))


def test_data_go_to_their_inputs_by_name(tmp_path):
    np.savez(tmp_path / "x.npz", right=np.full((5, 2), 7), left=np.ones((5, 3)), y=np.zeros(5))
    inputs = inputs_for(OpenedModel(two()), read_data(tmp_path / "x.npz"), 4)
    assert [batch.shape for batch in inputs.batches] == [(4, 3), (4, 2)]
    assert (inputs.batches[1] == 7).all()


def test_data_by_other_names_are_refused(tmp_path):
    np.savez(tmp_path / "x.npz", one=np.ones((5, 3)), two=np.ones((5, 2)))
    with pytest.raises(Refusal, match="takes left, right"):
        inputs_for(OpenedModel(two()), read_data(tmp_path / "x.npz"), 4)


CODE = """
import keras, numpy as np

class Pair(keras.Model):
    def __init__(self):
        super().__init__()
        self.words, self.last = keras.layers.Embedding(9, 4), keras.layers.Dense(2)

    def call(self, image, tokens, training=False):
        return self.last(keras.ops.concatenate([image, keras.ops.mean(self.words(tokens), axis=1)], axis=-1))

class List(Pair):
    def call(self, inputs):
        return super().call(*inputs)

def called():
    model = Pair()
    model(np.zeros((1, 5)), np.zeros((1, 7), "int32"))
    return model

def edges():
    model = Pair()
    model(np.zeros((4, 5)), np.arange(8).reshape(4, 2))
    return model
"""


@pytest.fixture
def code(tmp_path, monkeypatch):
    forget_own_modules()
    (tmp_path / "own_code.py").write_text(CODE, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    return "own_code"


@pytest.mark.parametrize("kind", ["Pair", "List"])
def test_a_model_that_is_code_is_built_by_what_is_said_of_its_inputs(code, kind):
    opened = open_model(f"{code}:{kind}", shapes=parse_input_shapes(["image=(5,)", "tokens=(7,) int32"]))
    assert [(slot.sizes, slot.dtype, slot.rows) for slot in opened.inputs] == [((5,), "float32", 9), ((7,), "int32", 9)]
    assert len(opened.tensors) == 3


def test_how_a_function_called_its_model_is_remembered(code):
    opened = open_model(f"{code}:called")
    assert [slot.sizes for slot in opened.inputs] == [(5,), (7,)]
    assert inputs_for(opened, None, 3).called.filled("ab") == (("a", "b"), {})


def test_a_model_that_is_not_built_says_what_would_build_it(code):
    with pytest.raises(Refusal, match='it takes image, tokens: say what that is by --input-shape "image='):
        open_model(f"{code}:Pair")
    with pytest.raises(Refusal, match="doesn't take"):
        open_model(f"{code}:Pair", shapes=parse_input_shapes(["image=(5,)"]))


def test_open_sizes_of_a_graph_are_what_is_said():
    model = keras.Sequential([keras.Input((None, 3)), layers.Conv1D(1, 3)])
    assert built(model, "mine")[0] is model
    slot = Slot((None, 8, 3), "float32")
    assert OpenedModel(model, asked=Called((slot,))).inputs[0].sizes == (8, 3)


def test_whole_numbers_that_vary_are_taken_as_they_were_given(code):
    batches = inputs_for(open_model(f"{code}:edges"), None, 64).batches
    assert batches[0].shape == (4, 5)
    assert batches[1].tolist() == [[0, 1], [2, 3], [4, 5], [6, 7]]


def test_inputs_by_names_that_no_parameter_has_are_the_keys_of_one():
    class Own(keras.Model):
        def call(self, inputs):
            return inputs["a"] + inputs["b"]

    called = calls_for(Own(), parse_input_shapes(["a=(3,)", "b=(3,)"]))[0]
    assert list(called.args[0]) == ["a", "b"]


def test_the_deepest_line_of_an_error_is_told():
    assert doctest.testmod(reasons).failed == 0
    model = keras.Sequential([keras.Input((None, 1)), layers.Conv1D(2, 9)])
    with pytest.raises(Exception) as raised, printing_to_stderr():  # noqa: PT011
        model(np.zeros((1, 4, 1), np.float32))
    assert reason_of(raised.value).startswith("Conv1D: ")
    assert "Exception encountered" not in deepest_line(raised.value)
