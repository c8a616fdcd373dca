"""Tables are judged by what they are, and biases by the kernel beside them."""

import numpy as np
import pytest

from initterm.engine.audit.auditing import audited
from initterm.engine.audit.fan_checks import FAN_CHECKS
from initterm.engine.models.tensors import tensors_of
from initterm.engine.runtime import keras
from tests.engine.audit.planted import chain, head, looked_up

layers = keras.layers


def of_fans(model, check="fan_convention"):
    return [one for one in audited(model).findings if one.check == check]


def test_a_table_by_its_rows_is_told_no_std_of_a_sum():
    assert len(FAN_CHECKS) == 2
    (finding,) = of_fans(looked_up("he_normal"))
    assert "2,000 rows" in finding.what
    assert finding.initializer == "random_uniform"
    (told,) = [one for one in audited(looked_up("he_normal")).tensors if one.role == "embedding"]
    assert told.std_correct is None


@pytest.mark.parametrize("initializer", ["uniform", keras.initializers.VarianceScaling(1.0, "fan_out")])
def test_a_table_that_does_not_go_by_its_rows_is_sound(initializer):
    assert of_fans(looked_up(initializer)) == []


def test_a_normalization_after_a_table_makes_it_a_note():
    table = layers.Embedding(2000, 32, embeddings_initializer="he_normal")
    model = chain(table, layers.LayerNormalization(), layers.Flatten(), head(), shape=(12,))
    assert [one.severity for one in of_fans(model)] == ["note"]


@pytest.mark.parametrize(
    ("layer", "shape", "fans"),
    [
        (layers.Dense(5), (7,), (7, 5)),
        (layers.Conv2D(8, 3, groups=2), (6, 6, 4), (18, 36)),
        (layers.DepthwiseConv2D(3), (6, 6, 4), (9, 9)),
        (layers.SeparableConv2D(8, 3), (9, 9, 4), (4, 8)),
        (layers.LSTM(6), (4, 3), (3, 6)),
        (layers.BatchNormalization(), (4,), None),
    ],
)
def test_a_bias_stands_beside_the_kernel_whose_sums_it_is_added_to(layer, shape, fans):
    model = keras.Sequential([keras.Input(shape), layer])
    biases = [one.beside for one in tensors_of(model) if one.role == "bias"]
    assert [one and (one.fan_in, one.fan_out) for one in biases] == [fans]


def test_a_bias_that_is_drawn_as_told_is_sound():
    def model(initializer):
        return chain(layers.Dense(16, "relu", kernel_initializer="he_normal", bias_initializer=initializer), head(),
                     shape=(1024,))  # fmt: skip

    (finding,) = of_fans(model("lecun_uniform"), "bias_fan")
    name, expression = finding.fix.split("=", 1)
    assert name == "bias_initializer"
    fixed = eval(expression, {"keras": keras})
    assert of_fans(model(fixed), "bias_fan") == []
    assert np.std(fixed((200_000,))) == pytest.approx(1 / 32, rel=0.02)
