"""Python's grammar for what people type: a tree or a ValueError, whatever the text, and never a warning."""

import ast
import sys

import pytest

from initterm.theory.parameters import LONGEST, expression, literal


def test_an_expression_is_a_tree_without_what_stands_around_it():
    assert ast.unparse(expression("  a+b*2\n")) == "a + b * 2"


@pytest.mark.parametrize(
    "text", ["", "a b", "x = 1", "import os", "'", "\0", "(" * 250, "\ud800", "x;y", "lambda", "1" * (LONGEST + 1)]
)
def test_what_is_no_expression_is_a_value_error(text):
    with pytest.raises(ValueError, match=r"no expression|more than"):
        expression(text)


def test_the_length_is_bounded_exactly():
    assert isinstance(expression("1" * LONGEST), ast.Constant)
    with pytest.raises(ValueError, match=f"more than {LONGEST}"):
        expression(" " * LONGEST + "1")


@pytest.mark.parametrize("text", ["1or 2", r"'\d'", "0in(1,)"])
def test_nothing_is_warned_of(text, recwarn):
    expression(text)
    assert not recwarn


@pytest.mark.parametrize(
    ("text", "value"), [("-1.5", -1.5), ("'fan_in'", "fan_in"), ("(1, [2, None])", (1, [2, None])), ("True", True)]
)
def test_literals_are_what_they_stand_for(text, value):
    assert literal(expression(text)) == value


@pytest.mark.parametrize("text", ["x", "f(1)", "{[]: 1}", "{{}}", "1 + x", "__import__('os')", "-'a'"])
def test_what_is_no_literal_is_never_evaluated(text):
    with pytest.raises(ValueError, match="no literal"):
        literal(expression(text))


def test_whole_numbers_of_any_length_that_fit_are_read():
    most = min(LONGEST, sys.get_int_max_str_digits() or LONGEST)
    assert literal(expression("9" * most)) == 10**most - 1
