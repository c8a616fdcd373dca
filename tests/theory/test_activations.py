"""Gains and derivatives of the activations, and the guide's conventions."""

import numpy as np
import pytest

from initterm.theory.activations import ACTIVATIONS, CATALOGUE, activation_named, elementwise
from initterm.theory.guide import NOTES, ROWS, problem, rows_matching
from initterm.theory.refusal import Refusal

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


def test_the_fields_conventions():
    he, lecun, glorot = ("he_normal",), ("lecun_normal",), ("glorot_uniform",)
    expected = dict.fromkeys(("relu", "leaky_relu", "prelu", "elu"), he)
    expected |= {"selu": lecun} | dict.fromkeys(("tanh", "sigmoid", "softmax"), glorot)
    conventions = {row.activation.name: (str(row.initializer),) for row in ROWS if not row.computed}
    assert conventions == expected
    assert len(NOTES) == 4


def test_the_problem_is_told_with_computed_numbers():
    assert "0.5 for Glorot: after 30 layers 9.3e-10" in problem()
    assert "For He it is 1:" in problem()
    assert "it is 2: after 30 layers 1.1e+09" in problem()


def test_guide_is_searched_by_activation_initializer_and_reference():
    assert [row.activation.name for row in rows_matching("gel")] == ["gelu"]
    assert [row.activation.name for row in rows_matching(" LECUN ")] == ["selu"]
    assert len(rows_matching("")) == len(ROWS)
    assert not rows_matching("no such thing")


def test_reasons_quote_what_the_quadrature_gives():
    gelu, elu = ACTIVATIONS["gelu"], ACTIVATIONS["elu"]
    assert 1 / gelu.gain_forward**2 == pytest.approx(0.425, abs=5e-4)
    assert gelu.gain_forward**2 == pytest.approx(2.35, abs=5e-3)
    assert 1 - 2 / gelu.gain_forward**2 == pytest.approx(0.15, abs=5e-3)
    assert 1 / elu.gain_forward**2 == pytest.approx(0.645, abs=5e-4)
    assert elu.gain_forward**2 == pytest.approx(1.55, abs=5e-3)
    assert ACTIVATIONS["leaky_relu"].gain_forward ** 2 == pytest.approx(1.92, abs=5e-3)
