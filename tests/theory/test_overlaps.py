"""Expectations over two normals against quadrature over both dimensions and closed forms."""

import math

import numpy as np
import pytest

from initterm.theory.overlaps import overlaps
from initterm.theory.typed import elementwise

CORRELATIONS = (0.0, 0.3, 0.7, 0.95)


def over_both(function, other, q, c, order=160):
    """E[f(u)g(v)] by Gauss-Hermite in both dimensions."""
    x, weights = np.polynomial.hermite_e.hermegauss(order)
    weights = weights / weights.sum()
    u, v = math.sqrt(q) * x[:, None], math.sqrt(q) * (c * x[:, None] + math.sqrt(1 - c * c) * x)
    return float((weights[:, None] * weights * function(u) * other(v)).sum())


@pytest.mark.parametrize("name", ["tanh", "gelu", "softplus", "silu"])
def test_smooth_activations(name):
    phi, q = elementwise(name), 1.7
    found = overlaps(phi, q)
    for c in CORRELATIONS:
        assert found.value.at(c) == pytest.approx(over_both(phi.function, phi.function, q, c), abs=1e-7)
        assert found.slope.at(c) == pytest.approx(over_both(phi.derivative, phi.derivative, q, c), abs=1e-6)
        square = over_both(lambda x: phi.function(x) ** 2, lambda x: phi.function(x) ** 2, q, c)
        assert found.square.at(c) == pytest.approx(square, abs=1e-6)
        assert found.value.slope_at(c) / q == pytest.approx(float(found.slope.at(c)), abs=1e-6)  # Price


@pytest.mark.parametrize("c", [*CORRELATIONS, 0.99])
def test_relu_is_the_arc_cosine_kernel(c):
    """Cho & Saul 2009."""
    found = overlaps(elementwise("relu"), 1.0)
    angle = math.acos(c)
    assert found.value.at(c) == pytest.approx((math.sin(angle) + c * (math.pi - angle)) / (2 * math.pi), abs=3e-6)
    assert found.value.slope_at(c) == pytest.approx((math.pi - angle) / (2 * math.pi), abs=5e-4)


@pytest.mark.parametrize("q", [0.01, 1.0, 30.0])
def test_erf_has_a_closed_form(q):
    """Williams 1997: 2/π arcsin(2qc/(1 + 2q))."""
    found = overlaps(elementwise("erf(x)"), q)
    for c in CORRELATIONS:
        assert found.value.at(c) == pytest.approx(2 / math.pi * math.asin(2 * q * c / (1 + 2 * q)), abs=1e-7)


def test_what_acts_on_a_whole_layer_has_none():
    from initterm.theory.activations import BY_NAME

    with pytest.raises(TypeError, match="acts on a whole layer"):
        overlaps(BY_NAME["softmax"].activation(), 1.0)
