"""Gains and derivatives of the activations."""

import numpy as np
import pytest

from initterm.theory.activations import ACTIVATIONS, CATALOGUE, activation_named
from initterm.theory.refusal import Refusal
from initterm.theory.typed import elementwise

GAINS = {
    "relu": (1.41421, 1.41421),
    "leaky_relu": (1.38675, 1.38675),
    "prelu": (1.41421, 1.41421),
    "elu": (1.24520, 1.22343),
    "selu": (1.00000, 0.96603),
    "gelu": (1.53353, 1.48111),
    "tanh": (1.59254, 1.46741),
    "sigmoid": (1.84623, 4.72265),
    "silu": (1.67653, 1.62332),
    "mish": (1.48685, 1.44476),
    "softsign": (2.33753, 2.09578),
    "softplus": (1.04187, 1.84623),
    "linear": (1.0, 1.0),
    "squareplus": (0.81650, 1.85915),
}


@pytest.mark.parametrize("name", GAINS)
def test_gains_to_five_decimals(name):
    activation = ACTIVATIONS[name]
    assert (activation.gain_forward, activation.gain_backward) == pytest.approx(GAINS[name], abs=6e-6)


def test_softmax_acts_on_a_layer_and_has_no_gain():
    assert ACTIVATIONS["softmax"].gain_forward is None


@pytest.mark.parametrize("activation", [a for a in CATALOGUE if a.function], ids=lambda a: a.name)
def test_derivative_is_the_functions(activation):
    z = np.linspace(-8, 8, 1000) + 1e-5 * np.pi  # no node at a kink
    step = 1e-6
    slope = (activation.function(z + step) - activation.function(z - step)) / (2 * step)
    assert np.allclose(activation.derivative(z), slope, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("activation", [a for a in CATALOGUE if a.function], ids=lambda a: a.name)
def test_kinks_are_where_the_derivative_jumps_or_bends(activation):
    step = 1e-4
    z = np.arange(-8, 8, step) + step / 2
    bends = np.abs(np.diff(activation.derivative(z), 2)) > 0.05 * step * (1 + np.abs(activation.derivative(z[1:-1])))
    found = {round(float(at), 3) + 0.0 for at in z[1:-1][bends]}
    assert found == set(activation.kinks)


def test_a_name_that_acts_on_a_layer_is_refused_where_one_number_is_needed():
    assert elementwise("SiLU").name == "silu"
    with pytest.raises(Refusal, match="whole layer"):
        elementwise("softmax")


def test_names_are_read_as_papers_spell_them():
    assert activation_named("Leaky ReLU").name == "leaky_relu"
    assert activation_named("GELU").name == "gelu"
    with pytest.raises(Refusal, match="did you mean relu"):
        activation_named("reluu")
