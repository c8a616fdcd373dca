"""What theory computes by numpy alone is what scipy computes."""

import math

import numpy as np
import pytest
from scipy import integrate, optimize, special, stats

from initterm.theory.activations import ACTIVATIONS
from initterm.theory.duals import ELEMENTWISE
from initterm.theory.fixed_points import fixed_point, variance_map
from initterm.theory.law import (
    CUT,
    CUT_KURTOSIS,
    CUT_STD,
    Normal,
    SphereCoordinate,
    Uniform,
    cut_normal,
    normal,
    points,
    uniform,
)
from initterm.theory.phases import fix, phase_diagram
from initterm.theory.propagation import Arrival, Chain
from initterm.theory.quadrature import normal_cdf, normal_density, normal_rule
from initterm.theory.typed import activation_of


def test_the_normals_functions():
    z = np.linspace(-9, 9, 3001)
    assert normal_density(z) == pytest.approx(stats.norm.pdf(z), abs=1e-15)
    assert normal_cdf(z) == pytest.approx(stats.norm.cdf(z), abs=1e-10)


@pytest.mark.parametrize("std", [0.01, 1.0, 50.0])
@pytest.mark.parametrize(
    ("function", "kinks"),
    [(lambda x: np.tanh(x) ** 2, ()), (lambda x: np.maximum(x, 0) ** 2, (0.0,)), (lambda x: np.abs(x - 1), (1.0,))],
)
def test_expectations_over_a_normal(function, kinks, std):
    x, weights = normal_rule(std, kinks)
    breaks = sorted({0.0, *(kink / std for kink in kinks), -1 / std, 1 / std})
    limits = {"points": [b for b in breaks if abs(b) < 12], "epsabs": 0, "epsrel": 1e-10, "limit": 400}
    expected, _ = integrate.quad(lambda z: function(std * z) * stats.norm.pdf(z), -12, 12, **limits)
    assert float((function(x) * weights).sum()) == pytest.approx(expected, rel=1e-7)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (Uniform(-0.3, 1.2), stats.uniform(-0.3, 1.5)),
        (Normal(0.2, 0.5), stats.norm(0.2, 0.5)),
        (Normal(0.2, 0.5, CUT), stats.truncnorm(-CUT, CUT, 0.2, 0.5)),
        (SphereCoordinate(2.0, 3), stats.beta(1, 1, -2, 4)),
        (SphereCoordinate(0.5, 784), stats.beta(391.5, 391.5, -0.5, 1.0)),
    ],
    ids=["uniform", "normal", "cut normal", "sphere of 3", "sphere of 784"],
)
def test_distributions(ours, theirs):
    x = np.linspace(theirs.mean() - 4 * theirs.std(), theirs.mean() + 4 * theirs.std(), 1001)
    assert ours.density(x) == pytest.approx(theirs.pdf(x), rel=1e-9, abs=1e-12)
    assert ours.cdf(x) == pytest.approx(theirs.cdf(x), abs=1e-6)


def test_moments_of_a_cut_normal():
    variance, excess = stats.truncnorm.stats(-CUT, CUT, moments="vk")
    assert math.sqrt(variance) == pytest.approx(CUT_STD, rel=1e-12)
    assert excess + 3 == pytest.approx(CUT_KURTOSIS, rel=1e-9)


@pytest.mark.parametrize(
    ("law", "theirs"),
    [
        (normal(1.0, 0.5, ""), stats.norm(1.0, 0.5)),
        (uniform(-1.0, 3.0, ""), stats.uniform(-1.0, 4.0)),
        (cut_normal(0.0, 0.05), stats.truncnorm(-CUT, CUT, 0.0, 0.05)),
        (points("", "", ((5.0, 0.2), (1.0, 0.7), (3.0, 0.1))), stats.rv_discrete(values=((1, 3, 5), (0.7, 0.1, 0.2)))),
    ],
    ids=["normal", "uniform", "cut normal", "points"],
)
def test_quantiles(law, theirs):
    shares = np.array([1e-6, 0.1, 0.5, 0.699, 0.75, 0.95, 1 - 1e-6])
    assert law.quantile(shares) == pytest.approx(theirs.ppf(shares), abs=1e-3 * law.std)


@pytest.mark.parametrize(
    ("name", "theirs"),
    [
        ("erf", special.erf),
        ("normal_cdf", special.ndtr),
        ("sigmoid", special.expit),
        ("softplus", lambda z: -special.log_expit(-z)),
        ("log_sigmoid", special.log_expit),
        ("silu", lambda z: z * special.expit(z)),
        ("gelu", lambda z: z * special.ndtr(z)),
        ("mish", lambda z: z * np.tanh(-special.log_expit(-z))),
        ("elu", lambda z: special.boxcox(np.exp(np.minimum(z, 0)), 1) + np.maximum(z, 0)),
    ],
)
def test_functions_of_activations_and_formulas(name, theirs):
    z = np.linspace(-30, 30, 3001)
    assert ELEMENTWISE[name].function(z) == pytest.approx(theirs(z), rel=1e-9, abs=2e-9)


@pytest.mark.parametrize(
    ("text", "difference"),
    [
        ("maximum(tanh(x), 1/3 - x**3)", lambda x: np.tanh(x) - 1 / 3 + x**3),
        ("where(exp(x) > 2 - x, x, x/2)", lambda x: np.exp(x) - 2 + x),
    ],
)
def test_kinks_of_formulas(text, difference):
    assert activation_of(text).kinks == pytest.approx([optimize.brentq(difference, -3, 3, xtol=1e-13)], abs=1e-11)


@pytest.mark.parametrize(("name", "weight_variance", "bias_std"), [("tanh", 2.5, 0.2), ("sigmoid", 3.0, 0.1)])
def test_fixed_points_of_the_variance_map(name, weight_variance, bias_std):
    activation = ACTIVATIONS[name]

    def excess(q):
        return float(variance_map(activation, np.array(q), weight_variance, bias_std)) - q

    point = fixed_point(activation, weight_variance, bias_std)
    assert point.q == pytest.approx(optimize.brentq(excess, 1e-3, 1e3, xtol=1e-14), rel=1e-7)
    slope = optimize.approx_fprime([point.q], lambda q: excess(q[0]) + q[0], 1e-6)
    assert point.slope == pytest.approx(float(slope[0]), abs=1e-4)


@pytest.mark.parametrize("name", ["tanh", "elu", "silu"])
def test_the_scale_that_changes_signal_and_gradient_least(name):
    chain, arrival = Chain((64,) * 30, name), Arrival(64)

    def loss(log_scale):
        diagram = phase_diagram(chain, arrival, np.array([math.exp(log_scale)]))
        return math.log(diagram.signal[-1, 0]) ** 2 + math.log(diagram.gradient[-1, 0]) ** 2

    best = optimize.minimize_scalar(loss, bounds=(-1, 2), method="bounded")
    assert fix(chain, arrival).scale == pytest.approx(math.exp(best.x), rel=0.02)
