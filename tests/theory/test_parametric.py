"""Activations with parameters are read as Keras spells them, and refused with a sentence otherwise."""

import pytest

from initterm.theory.activations import ACTIVATIONS
from initterm.theory.refusal import Refusal
from initterm.theory.typed import PARAMETRIC, parametric_of


@pytest.mark.parametrize("name", sorted(PARAMETRIC.keys() & ACTIVATIONS.keys()))
def test_defaults_are_the_catalogues(name):
    default = parametric_of(f"{name}()")
    assert default.gain_forward == pytest.approx(ACTIVATIONS[name].gain_forward, rel=1e-9)
    assert default.gain_backward == pytest.approx(ACTIVATIONS[name].gain_backward, rel=1e-9)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("tanh(alpha=1)", "takes no parameters"),
        ("elu(beta=1)", "no parameter 'beta'; it takes alpha"),
        ("elu(alpha='1')", "a number"),
        ("elu(alpha=True)", "a number"),
        ("elu(alpha=1e99)", "a number"),
        ("celu(alpha=0)", "a number from 0.001"),
        ("gelu(approximate=1)", "True or False"),
        ("relu(max_value=-1)", "a number from 0.001"),
        ("elu(alpha=open('x'))", "such as leaky_relu"),
        ("elu(**{})", "such as leaky_relu"),
        ("elu(alpha=1)(2)", "such as leaky_relu"),
        ("elu(alpha=" + "(" * 500, "such as leaky_relu"),
        ("elu(1)", "such as leaky_relu"),
        ("elu", "such as leaky_relu"),
    ],
)
def test_nonsense_is_refused(text, says):
    with pytest.raises(Refusal, match=says.replace("(", "\\(")):
        parametric_of(text)
