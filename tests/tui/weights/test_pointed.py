"""What the pointer tells: of one sample all, of several what each has."""

import pytest

from initterm.experiments.weights.events import Draw
from initterm.theory.initializers import InitializerSpec
from initterm.theory.laws import law_of
from initterm.theory.shapes import Shape
from initterm.tui.weights.comparison import ComparedInitializer
from initterm.tui.weights.pointed import hint, words
from tests.tui.fakes import sample_of

SHAPE = Shape((784, 784))


def one(name, *, drawn=True):
    spec = InitializerSpec(name)
    return ComparedInitializer(spec, law_of(spec, SHAPE), "", sample_of(Draw(spec, SHAPE, 42)) if drawn else None)


@pytest.mark.parametrize(
    ("name", "x", "says"),
    [
        ("glorot_uniform", 0.001, "12,293 weights, 12,293 expected, off by 0.0 standard errors"),
        ("glorot_uniform", 0.2, "0.2: no weights"),
        ("orthogonal", 0.001, "expected"),
        ("zeros", -0.001, ": 614,656 weights"),
    ],
)
def test_of_one_it_tells_its_bin(name, x, says):
    assert str(words([one(name)], x)).endswith(says)


def test_minus_signs_are_those_of_the_axis():
    assert str(words([one("glorot_uniform")], -0.001)).startswith("−0.00")


def test_standard_errors_are_told_where_they_hold():
    assert "standard errors" not in str(words([one("orthogonal")], 0.001))


def test_before_there_is_a_sample_it_tells_the_law():
    assert str(words([one("glorot_uniform", drawn=False)], 0.001)) == "0.001: density 8.08 by the law"


def test_of_several_it_tells_what_each_has():
    told = str(words([one("glorot_uniform"), one("identity"), one("he_normal")], 0.08))
    assert told == "0.08:  △ none  ◁ 0  ● 7,715 of 7,715"


def test_the_hint_tells_what_stands_under_the_axis_where_it_does():
    assert "±3 standard errors" in hint("one", residuals=True)
    assert "standard errors" not in hint("grid", residuals=False)
