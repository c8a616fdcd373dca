"""Expectations over a normal against closed forms, at every scale, and the distribution function against math's."""

import math

import numpy as np
import pytest

from initterm.theory.quadrature import normal_cdf, normal_rule

STDS = np.array([1e-6, 1e-3, 0.3, 1.0, 7.0, 1e3, 1e6])


def expectation(function, std, kinks=()):
    x, weights = normal_rule(std, kinks)
    return (function(x) * weights).sum(-1)


@pytest.mark.parametrize("kinks", [(), (0.0,), (-1.0, 2.0)])
def test_powers_have_the_moments_of_a_normal(kinks):
    for power, moment in ((0, 1), (1, 0), (2, 1), (4, 3)):
        got = expectation(lambda x, power=power: x**power, STDS, kinks) / STDS**power
        assert np.allclose(got, moment, atol=1e-8)


def clipped_square(a, std):
    """E[clip(x, -a, a)²] of N(0, std²), in closed form."""
    t = a / std
    inside = math.erf(t / math.sqrt(2)) - 2 * t * math.exp(-t * t / 2) / math.sqrt(2 * math.pi)
    return std**2 * inside + a**2 * math.erfc(t / math.sqrt(2))


@pytest.mark.parametrize("std", STDS)
def test_kinks_are_split_at_wherever_they_lie(std):
    got = float(expectation(lambda x: np.clip(x, -1, 1) ** 2, std, (-1.0, 1.0)))
    assert got == pytest.approx(clipped_square(1.0, std), rel=1e-7)


def test_a_rule_that_ignores_the_kinks_would_be_noticed():
    ignoring = float(expectation(lambda x: np.clip(x, -1, 1) ** 2, 1.0))
    assert abs(ignoring - clipped_square(1.0, 1.0)) > 1e-5


@pytest.mark.parametrize("std", [0.1, 1.0, 10.0, 1000.0])
def test_smooth_functions_at_every_scale_as_a_fine_sum_has_them(std):
    z = np.linspace(-12, 12, 2_000_001)
    density = np.exp(-(z**2) / 2) / math.sqrt(2 * math.pi)
    expected = float((np.tanh(std * z) ** 2 * density).sum() * (z[1] - z[0]))
    assert float(expectation(lambda x: np.tanh(x) ** 2, std)) == pytest.approx(expected, rel=1e-6)


def test_distribution_function():
    z = np.linspace(-9, 9, 3001)
    exact = np.array([(1 + math.erf(value / math.sqrt(2))) / 2 for value in z])
    assert np.abs(normal_cdf(z) - exact).max() < 1e-10
    assert normal_cdf(np.array([-np.inf, np.inf])) == pytest.approx([0, 1])
    assert np.isnan(normal_cdf(np.array([np.nan])))
