"""Shapes are read as people write them, and counted as Keras counts them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from initterm.theory.refusal import Refusal
from initterm.theory.shapes import Shape


@pytest.mark.parametrize(
    ("text", "dims"),
    [
        ("784x256", (784, 256)),
        ("784,256", (784, 256)),
        ("(784, 256)", (784, 256)),
        ("[784, 256]", (784, 256)),
        ("784 × 256", (784, 256)),
        ("784*256", (784, 256)),
        (" 784  256 ", (784, 256)),
        ("3x3x64x128", (3, 3, 64, 128)),
        ("(5,)", (5,)),
        ("7", (7,)),
    ],
)
def test_reads_every_spelling(text, dims):
    assert Shape.parse(text).dims == dims


@pytest.mark.parametrize(
    ("dims", "fan_in", "fan_out"),
    [
        ((784, 256), 784, 256),
        ((3, 3, 64, 128), 9 * 64, 9 * 128),
        ((5, 16, 4), 5 * 16, 5 * 4),
        ((2, 3, 4, 5, 6), 24 * 5, 24 * 6),
        ((7,), 7, 7),
    ],
)
def test_fans_by_keras_rule(dims, fan_in, fan_out):
    assert (Shape(dims).fan_in, Shape(dims).fan_out) == (fan_in, fan_out)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "missing"),
        ("12x", "missing"),
        ("x", "missing"),
        ("0x5", "at least 1"),
        ("-3x4", "at least 1"),
        ("1e9x1e9", "not a whole number"),
        ("²x3", "not a whole number"),
        ("9" * 5000, "too large"),
        ("1x" * 20 + "1", "at most 8"),
    ],
)
def test_refuses_in_a_sentence_that_says_what_is_right(text, says):
    with pytest.raises(Refusal) as refusal:
        Shape.parse(text)
    assert says in str(refusal.value)
    assert "784x256" in str(refusal.value)
    assert len(str(refusal.value)) < 120


@given(st.lists(st.integers(1, 2**31 - 1), min_size=1, max_size=8).map(tuple))
def test_printing_and_parsing_are_inverse(dims):
    assert Shape.parse(str(Shape(dims))) == Shape(dims)


@given(st.text())
def test_no_text_raises_more_than_a_refusal(text):
    try:
        Shape.parse(text)
    except Refusal as refusal:
        assert str(refusal)
