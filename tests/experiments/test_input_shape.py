"""The text form in which a person says what a model takes."""

import doctest

import pytest

from initterm.experiments.audit import input_shape
from initterm.experiments.audit.choice import ModelChoice
from initterm.experiments.audit.input_shape import InputShape, parse_input_shape, split_input_shapes
from initterm.theory.refusal import Refusal


def test_the_example():
    assert doctest.testmod(input_shape).failed == 0


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("(32, 32, 3)", InputShape((32, 32, 3))),
        ("32x32x3", InputShape((32, 32, 3))),
        ("64", InputShape((64,))),
        ("tokens=(16,) int32", InputShape((16,), "tokens", "int32")),
        ("mask = (None, 4) bool", InputShape((None, 4), "mask", "bool")),
        ("time=() float32", InputShape((), "time", "float32")),
    ],
)
def test_a_shape_is_read_as_it_is_printed(text, shape):
    assert parse_input_shape(text) == shape == parse_input_shape(str(shape))


@pytest.mark.parametrize("text", ["", "wide", "(3, -1)", "(3, 0)", "(16,) integer", "(99999, 99999)", "a=(3,) int32 b"])
def test_what_is_no_shape_is_refused(text):
    with pytest.raises(Refusal):
        parse_input_shape(text)


def test_shapes_in_one_line_and_in_the_command_that_audits_the_same():
    shapes = split_input_shapes("source=(100, 129); target=30 int32")
    assert shapes == ("source=(100, 129)", "target=(30,) int32")
    choice = ModelChoice("mine:build", inputs=shapes)
    assert choice.command == (
        "initterm audit mine:build --input-shape 'source=(100, 129)' --input-shape 'target=(30,) int32'"
    )


def test_several_inputs_have_names_of_their_own_or_none():
    with pytest.raises(Refusal, match="name of its own"):
        ModelChoice("mine:build", inputs=("a=(3,)", "(4,)"))
