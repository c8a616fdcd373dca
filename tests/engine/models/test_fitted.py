"""Examples are brought into a model's structure and shapes; what it can't be trained with is a sentence."""

import numpy as np
import pytest

from initterm.engine.data.example_set import ExampleSet, arrays_in
from initterm.engine.models.fitted import alike, classes_of, fitted, loss_name, shape_words
from initterm.engine.models.opened import OpenedModel
from initterm.engine.runtime import keras
from initterm.theory.refusal import Refusal

layers = keras.layers
COUNT = 6
IDS = np.arange(COUNT * 5).reshape(COUNT, 5) % 7
LABELS = np.arange(COUNT) % 3


def dense(outputs=3, activation="softmax", inputs=(4,)):
    return OpenedModel(
        keras.Sequential([keras.Input(inputs), layers.Flatten(), layers.Dense(outputs, activation)]), "own"
    )


def two_inputs(structure):
    a, ids = keras.Input((4,), name="a"), keras.Input((5,), dtype="int32", name="ids")
    looked_up = layers.Flatten()(layers.Embedding(7, 2, name="table")(ids))
    return OpenedModel(keras.Model(structure(a, ids), layers.Dense(1)(layers.Concatenate()([a, looked_up]))), "own")


class Code(keras.Model):
    def __init__(self):
        super().__init__()
        self.layer = layers.Dense(3)

    def call(self, x):
        return self.layer(x)


def code():
    model = Code()
    model(np.zeros((1, 4), np.float32))
    return OpenedModel(model, "own")


def x(*sizes):
    return np.zeros((COUNT, *sizes), np.float32)


@pytest.mark.filterwarnings("ignore:When providing `inputs` as a dict")
@pytest.mark.parametrize("structure", [lambda *both: list(both), lambda a, ids: {"ids": ids, "first": a}])
@pytest.mark.parametrize("given", [{"ids": IDS, "a": x(4), "first": x(4)}, "in order"])
def test_inputs_find_their_places(structure, given):
    opened = two_inputs(structure)
    in_order = [{"a": x(4), "ids": IDS}[one.name] for one in opened.graph.functional.inputs]
    ready = fitted(ExampleSet(in_order if given == "in order" else given, LABELS / 2), opened, None)
    opened.model(keras.tree.map_structure(keras.ops.convert_to_tensor, ready.x))
    assert sorted(array.shape[1] for array in arrays_in(ready.x)) == [4, 5]


def test_an_axis_of_one_may_be_left_out():
    opened = dense(inputs=(4, 4, 1))
    assert fitted(ExampleSet(x(4, 4), LABELS), opened, None).x.shape == (COUNT, 4, 4, 1)


@pytest.mark.parametrize(
    ("opened", "examples", "loss", "says"),
    [
        (dense(), ExampleSet(x(3), LABELS), None, r"x is of shape \(6, 3\), and the model takes \(count, 4\)"),
        (dense(), ExampleSet([x(4), x(4)], LABELS), None, "x holds 2 inputs, and the model has one input"),
        (
            dense(),
            ExampleSet(x(4), LABELS + 1),
            None,
            "labels from 1 to 3, and the model tells 3 classes apart, 0 to 2",
        ),
        (dense(), ExampleSet(x(4), LABELS - 1), keras.losses.SparseCategoricalCrossentropy(), "labels from -1 to 1"),
        (dense(), ExampleSet(x(4), LABELS / 2), None, r"y is of shape \(6,\).*whole labels of its classes"),
        (dense(), ExampleSet(x(4), LABELS), "mse", r"\(count, 3\); targets of that shape are needed"),
        (dense(), ExampleSet(x(4), [LABELS, LABELS]), None, "y holds 2 arrays, and the model has one output"),
        (code(), ExampleSet(x(4), LABELS + 1), None, "labels from 1 to 3"),
        (code(), ExampleSet(x(5), LABELS), None, "the model doesn't take x, [A-Za-z]+: (?!Exception)"),
        (two_inputs(lambda *both: both), ExampleSet({"a": x(4)}, LABELS), None, "2 inputs|name them so"),
        (
            two_inputs(lambda *both: both),
            ExampleSet([x(4), IDS + 1], LABELS),
            None,
            "1 to 7.*rows from 0 to 6",
        ),
        (two_inputs(lambda *both: both), ExampleSet([x(4), IDS / 2], LABELS), None, "aren't whole"),
    ],
)
def test_what_does_not_fit_is_a_sentence(opened, examples, loss, says):
    with pytest.raises(Refusal, match=says) as refusal:
        fitted(examples, opened, loss)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    ("opened", "y", "loss"),
    [
        (dense(), LABELS - 1, keras.losses.SparseCategoricalCrossentropy(ignore_class=-1)),
        (dense(), LABELS + 9, lambda y, output: output),
        (dense(activation=None), np.eye(3)[LABELS], None),
        (dense(1, None), LABELS / 7, "mse"),
        (code(), LABELS, None),
    ],
)
def test_targets_that_a_loss_takes(opened, y, loss):
    assert fitted(ExampleSet(x(4), y), opened, loss).y is y


def test_targets_of_several_outputs_go_by_name():
    body = keras.Input((4,))
    kind, size = layers.Dense(3, "softmax", name="kind")(body), layers.Dense(1, name="amount")(body)
    opened = OpenedModel(keras.Model(body, [kind, size]), "own")
    fitted(ExampleSet(x(4), {"kind": LABELS, "amount": LABELS / 7}), opened, None)
    fitted(ExampleSet(x(4), [LABELS, LABELS / 7]), opened, None)
    with pytest.raises(Refusal, match="labels from 1 to 3"):
        fitted(ExampleSet(x(4), {"kind": LABELS + 1, "amount": LABELS / 7}), opened, None)


@pytest.mark.parametrize(
    ("opened", "y", "loss", "classes"),
    [
        (dense(), LABELS, None, 3),
        (dense(5), LABELS, None, 5),
        (dense(), np.eye(3)[LABELS], None, 3),
        (dense(1, "sigmoid"), LABELS // 2, None, 2),
        (dense(1, None), LABELS // 2, keras.losses.BinaryCrossentropy(from_logits=True), 2),
        (dense(1, None), LABELS, None, 0),
        (dense(3, "sigmoid"), np.eye(3)[LABELS], None, 0),
        (code(), LABELS, None, 3),
    ],
)
def test_how_many_classes_there_are(opened, y, loss, classes):
    assert classes_of(ExampleSet(x(4), y), opened, loss) == classes


def test_losses_by_name():
    names = (keras.losses.SparseCategoricalCrossentropy(), "mse", keras.losses.mean_squared_error, None, {"a": "mse"})
    assert [loss_name(one) for one in names] == [
        "sparse_categorical_crossentropy",
        "mean_squared_error",
        "mean_squared_error",
        "",
        "",
    ]


def test_open_sizes_are_any():
    assert alike((3, 4), (None, 4))
    assert not alike((3, 4), (None,))
    assert shape_words((None, None, 3)) == "(count, any, 3)"
