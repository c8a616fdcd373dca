"""What goes wrong in others' code is one sentence, but for want of memory, which is another's to tell."""

import pytest

from initterm.engine.keras_types import Layer, Model, Variable
from initterm.engine.memory import raise_if_ran_out
from initterm.engine.models.keras_privates import (
    functional_of,
    layers_as_added,
    layers_within,
    maker_of,
    nodes_of,
    own_variables,
)
from initterm.engine.runtime import keras
from initterm.theory.refusal import CLIPPED, sentence_of


class Wordless(Exception):
    def __str__(self):
        raise ValueError


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (ValueError("no luck:\nmore"), "no luck."),
        (ValueError(), "ValueError."),
        (KeyError("layers"), "there is no 'layers'."),
        (Wordless(), "Wordless."),
    ],
)
def test_an_error_is_the_first_line_of_its_words(error, sentence):
    assert sentence_of(error) == sentence


def test_a_long_error_is_cut_and_controls_are_left_out():
    told = sentence_of(ValueError("\x1b[31m" + "x" * 10_000))
    assert len(told) <= CLIPPED + 2
    assert told.isprintable()


def test_memory_that_ran_out_is_raised_on_and_all_else_is_not():
    raise_if_ran_out(ValueError())
    with pytest.raises(MemoryError):
        raise_if_ran_out(MemoryError())


def nested():
    inner = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2, name="deep")], name="inner")
    return keras.Sequential([keras.Input((3,)), inner, keras.layers.BatchNormalization(name="normed")], name="outer")


def test_the_graph_of_a_model_is_found_and_runs_from_input_to_output():
    model = nested()
    assert functional_of(keras.layers.Dense(2)) is None
    order = [node.operation.name for node in nodes_of(functional_of(model))]
    assert order[-2:] == ["inner", "normed"]
    assert maker_of(model.outputs[0]).name == "normed"


def test_layers_and_variables_are_each_found_once():
    model = nested()
    names = [layer.name for layer in layers_as_added(model)]
    assert len(names) == len(set(names))
    assert {"outer", "inner", "deep", "normed"} <= set(names)
    assert {layer.name for layer in layers_within(model)} >= {"inner", "deep", "normed"}
    assert own_variables(model) == []
    assert [one.name for one in own_variables(model.get_layer("normed"))] == [
        "gamma", "beta", "moving_mean", "moving_variance",
    ]  # fmt: skip


@pytest.mark.parametrize(("kind", "of"), [(Model, nested), (Layer, lambda: nested().layers[0])])
def test_keras_has_what_is_used_of_it(kind, of):
    one = of()
    one(keras.ops.zeros((1, 3)))
    names = {name for part in kind.__mro__ for name in getattr(part, "__annotations__", ())}
    assert [name for name in names if not hasattr(one, name)] == []


def test_variables_too():
    (kernel, _) = nested().get_layer("inner").variables
    assert [name for name in Variable.__annotations__ if not hasattr(kernel, name)] == []
