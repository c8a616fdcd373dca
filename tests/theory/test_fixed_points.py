"""Where variance and correlation settle, against independent quadrature and root finding, and what is near does."""

import math

import numpy as np
import pytest
from scipy import optimize

from initterm.theory.activations import ACTIVATIONS
from initterm.theory.fixed_points import fixed_point
from initterm.theory.typed import elementwise

NODES = np.linspace(-10, 10, 401)
WEIGHTS = np.exp(-(NODES**2) / 2)
WEIGHTS /= WEIGHTS.sum()  # the trapezium rule, which errs by less than 1e-12 of what is analytic so far from the axis

CHAOTIC = [(2.5, 0.05), (4.0, 0.05), (3.0, 0.0), (2.0, 0.01), (6.0, 0.3), (2.2, 0.1), (9.0, 0.05), (3.0, 0.2)]
ORDERED = [(1.0, 0.05), (0.5, 0.3)]


def scales(phi, slope, weight_variance, bias_variance):
    """c*, ξ_c and ξ_∇ by the trapezium rule over both dimensions and scipy's roots."""

    def variance(q):
        return weight_variance * float((WEIGHTS * phi(math.sqrt(q) * NODES) ** 2).sum()) + bias_variance

    def pairs(function, q, c):
        u = math.sqrt(q) * NODES[:, None]
        v = math.sqrt(q) * (c * NODES[:, None] + math.sqrt(max(0, 1 - c * c)) * NODES)
        return weight_variance * float((WEIGHTS[:, None] * WEIGHTS * function(u) * function(v)).sum())

    q = optimize.brentq(lambda q: variance(q) - q, 1e-3, 100, xtol=1e-14)
    chi = pairs(slope, q, 1.0)
    c = 1.0
    if chi > 1 and pairs(phi, q, 0.0) + bias_variance > 1e-12:
        c = optimize.brentq(lambda c: (pairs(phi, q, c) + bias_variance) / q - c, 0.0, 0.999, xtol=1e-14)
    elif chi > 1:
        c = 0.0
    return c, 1 / abs(math.log(pairs(slope, q, c))), 1 / abs(math.log(chi))


@pytest.mark.parametrize(("weight_variance", "bias_variance"), [*CHAOTIC, *ORDERED])
def test_depth_scales_of_tanh_to_six_digits(weight_variance, bias_variance):
    found = fixed_point(ACTIVATIONS["tanh"], weight_variance, math.sqrt(bias_variance))
    c, of_correlation, of_gradient = scales(np.tanh, lambda x: 1 - np.tanh(x) ** 2, weight_variance, bias_variance)
    assert found.correlation == pytest.approx(c, abs=1e-6)
    assert found.correlation_scale == pytest.approx(of_correlation, rel=1e-6)
    assert found.gradient_scale == pytest.approx(of_gradient, rel=1e-6)


@pytest.mark.parametrize(("weight_variance", "bias_variance"), [(2.5, 0.1), (4.0, 0.05), (1.0, 0.2)])
def test_depth_scales_of_erf_by_its_closed_form(weight_variance, bias_variance):
    """E[φφ] = 2/π arcsin(2qc/(1 + 2q)), and its derivative."""

    def mapped(q, c):
        return weight_variance * 2 / math.pi * math.asin(2 * q * c / (1 + 2 * q)) + bias_variance

    q = optimize.brentq(lambda q: mapped(q, 1.0) - q, 1e-6, 100, xtol=1e-15)
    c = 1.0
    if weight_variance * 4 / math.pi / math.sqrt(1 + 4 * q) > 1:
        c = optimize.brentq(lambda c: mapped(q, c) / q - c, 0.0, 0.999, xtol=1e-15)
    ratio = 2 * q / (1 + 2 * q)
    slope = weight_variance * 2 / math.pi * ratio / math.sqrt(1 - (ratio * c) ** 2) / q
    found = fixed_point(elementwise("erf(x)"), weight_variance, math.sqrt(bias_variance))
    assert found.correlation == pytest.approx(c, abs=1e-6)
    assert found.correlation_scale == pytest.approx(1 / abs(math.log(slope)), rel=1e-6)


def test_the_papers_scale_in_the_chaotic_phase_is_that_of_the_correlation():
    """Schoenholz et al. 2017, with σ_b² = 0.05."""
    for weight_variance, of_correlation, of_gradient in ((2.5, 11.80, 7.98), (4.0, 6.98, 3.40)):
        found = fixed_point(ACTIVATIONS["tanh"], weight_variance, math.sqrt(0.05))
        assert found.correlation < 1
        assert found.correlation_scale == pytest.approx(of_correlation, abs=0.005)
        assert found.gradient_scale == pytest.approx(of_gradient, abs=0.005)


def test_it_is_looked_for_from_where_the_chain_begins():
    gelu = ACTIVATIONS["gelu"]
    assert fixed_point(gelu, 2.3, start=2.3).q == math.inf
    assert fixed_point(gelu, 2.3, start=2.3).stability == "none"
    assert fixed_point(gelu, 2.1, start=2.1).q == 0
    kept = fixed_point(gelu, 1 / float(gelu.moments(1.0).square))
    assert (kept.q, kept.stability, kept.stable) == (1.0, "repels", False)


@pytest.mark.parametrize("name", ["gelu", "silu", "mish"])
def test_what_repels_is_left_in_the_direction_that_iteration_takes(name):
    phi = ACTIVATIONS[name]
    scale = 1 / float(phi.moments(1.0).square)
    for factor in (0.9, 1.0, 1.1):
        q = factor * scale
        for _ in range(300):
            q = min(factor * scale * float(phi.moments(math.sqrt(q)).square), 1e15)
        found = fixed_point(phi, factor * scale, start=factor * scale).q
        assert found == (math.inf if q > 1e3 else pytest.approx(0.0 if q < 1e-3 else q))


@pytest.mark.parametrize("formula", ["exp(-x**2)", "x*exp(-x**2)", "sin(x)"])
@pytest.mark.parametrize("weight_variance", [5.0, 50.0])
def test_a_map_that_falls_is_followed_to_where_it_settles(formula, weight_variance):
    phi, q = elementwise(formula), 1.0
    for _ in range(200):
        q = weight_variance * float(phi.moments(math.sqrt(q)).square)
    found = fixed_point(phi, weight_variance)
    assert found.q == pytest.approx(q, rel=1e-6)
    assert found.stable


def test_what_attracts_slowly_is_stable_and_what_does_neither_is_neutral():
    assert fixed_point(ACTIVATIONS["tanh"], 1.0).stability == "attracts slowly"
    assert fixed_point(ACTIVATIONS["tanh"], 1.0).stable
    assert fixed_point(ACTIVATIONS["relu"], 2.0).stability == "neutral"
    assert fixed_point(ACTIVATIONS["selu"], 1.0).stability == "attracts"


def test_linear_layers_keep_correlations_and_relus_draw_them_to_1():
    assert fixed_point(ACTIVATIONS["linear"], 1.0).keeps_correlations
    relu = fixed_point(ACTIVATIONS["relu"], 2.0)
    assert (relu.keeps_correlations, relu.correlation, relu.correlation_scale) == (False, 1.0, math.inf)
