"""What an activation makes of a normal signal, by its own function; and what a whole layer's has not."""

import math

import numpy as np
import pytest

from initterm.theory.activation import Activation, Moments
from initterm.theory.typed import activation

SQUARE = Activation("square", "x²", lambda x: x * x, lambda x: 2 * x)
STEP = Activation("step", "step", lambda x: (x > 1).astype(float), np.zeros_like, kinks=(1.0,))
STDS = np.array([0.1, 1.0, 3.0])


def test_moments_of_a_square_are_those_of_chi_squared():
    moments = SQUARE.moments(STDS)
    assert moments.mean == pytest.approx(STDS**2)
    assert moments.square == pytest.approx(3 * STDS**4)
    assert moments.slope_square == pytest.approx(4 * STDS**2)
    assert moments.std == pytest.approx(math.sqrt(2) * STDS**2)


def test_a_jump_is_integrated_exactly_where_its_kink_is_told():
    tail = 0.5 * math.erfc(1 / (3 * math.sqrt(2)))
    assert STEP.moments(3.0).mean == pytest.approx(tail, rel=1e-8)


def test_a_std_that_rounding_made_negative_is_0():
    assert Moments(np.array(1.0), np.array(1.0 - 1e-16), np.array(0.0)).std == 0


@pytest.mark.parametrize(("name", "forward"), [("relu", math.sqrt(2)), ("linear", 1.0), ("leaky_relu", 1.3868)])
def test_gains_of_the_homogeneous_are_the_papers(name, forward):
    one = activation(name)
    assert one.homogeneous
    assert one.gain_forward == pytest.approx(forward, abs=1e-3)
    assert one.gain_backward == pytest.approx(one.gain_forward)


def test_what_acts_on_a_whole_layer_has_neither_moments_nor_gains():
    softmax = activation("softmax")
    with pytest.raises(TypeError, match="whole layer"):
        softmax.moments(1.0)
    assert (softmax.gain_forward, softmax.gain_backward, softmax.steepest, softmax.homogeneous) == (
        None,
        None,
        0,
        False,
    )


def test_the_steepest_slope_is_looked_for_within_ten():
    assert SQUARE.steepest == pytest.approx(20)
    assert activation("tanh").steepest == pytest.approx(1)
    assert not activation("tanh").homogeneous
