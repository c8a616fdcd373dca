"""Limits of claims: what they take for true of wide networks is, and a median over drawn networks keeps within them."""

import numpy as np
import pytest

from initterm.experiments.papers.claims import glorot2010, klambauer2017
from initterm.experiments.papers.limits import (
    ERRORS,
    RELU_SCATTER,
    SELU_PULL,
    SELU_SCATTER,
    TANH_SCATTER,
    error_of_median,
    mean_limit,
    settled_std_limit,
    share_limit,
    std_factor_limit,
    variance_factor_limit,
)
from initterm.theory.fixed_points import fixed_point
from initterm.theory.phases import factor_per_layer
from initterm.theory.propagation import Arrival, predict
from initterm.theory.typed import elementwise

Z = np.linspace(-9, 9, 100_001)
DENSITY = np.exp(-(Z**2) / 2) / np.exp(-(Z**2) / 2).sum()
PIXELS = Arrival(28 * 28)


def scatter(name, q=1.0):
    square = elementwise(name).function(np.sqrt(q) * Z) ** 2
    return ((square**2 @ DENSITY) / (square @ DENSITY) ** 2) - 1


def test_scatters_are_those_of_the_activations():
    assert scatter("relu") == pytest.approx(RELU_SCATTER, rel=1e-3)
    assert scatter("selu") == pytest.approx(SELU_SCATTER, rel=1e-3)
    assert scatter("tanh", 1e-6) == pytest.approx(TANH_SCATTER, rel=1e-3)
    assert scatter("tanh") < TANH_SCATTER
    assert fixed_point(elementwise("selu"), 1.0).slope == pytest.approx(SELU_PULL, abs=2e-3)


def test_numbers_of_claims_are_the_variance_maps():
    experiment = glorot2010.PAPER.signals[0]
    standard, normalized = predict(experiment.chain, experiment.contenders, PIXELS)
    depth = experiment.chain.depth
    told = [
        factor_per_layer(standard.activation_std.tolist()),
        factor_per_layer(standard.gradient_std(depth)[::-1].tolist()),
        1.0,
        *normalized.activation_std[[0, -1]],
        factor_per_layer(normalized.gradient_std(depth)[::-1].tolist()),
    ]
    centres = [(claim.low + claim.high) / 2 for claim in glorot2010.PAPER.claims[:6]]
    assert centres == pytest.approx(told, abs=1e-3)
    experiment = klambauer2017.PAPER.signals[0]
    (he,) = predict(experiment.chain, experiment.contenders[1:], PIXELS)
    growth = klambauer2017.PAPER.claims[2]
    assert (growth.low + growth.high) / 2 == pytest.approx(factor_per_layer(he.activation_std.tolist()), abs=1e-3)


@pytest.mark.slow
def test_a_median_over_drawn_networks_keeps_within_the_limit():
    """One input through ReLU layers of 64, ten networks a median, two hundred medians."""
    rng, width, depth, networks = np.random.default_rng(0), 64, 12, 10
    x = rng.standard_normal((200 * networks, width))
    lengths = []
    for _ in range(depth):
        x = np.maximum(np.einsum("nij,nj->ni", rng.standard_normal((len(x), width, width)), x) * np.sqrt(2 / width), 0)
        lengths.append((x**2).mean(axis=1))
    factors = (lengths[-1] / lengths[0]) ** (1 / (depth - 1))
    medians = np.median(factors.reshape(200, networks), axis=1)
    limit = variance_factor_limit(RELU_SCATTER, width, depth, networks)
    assert np.abs(medians - 1).max() < limit
    assert np.std(medians) * ERRORS > limit / 2
    assert std_factor_limit(RELU_SCATTER, width, depth, networks) == pytest.approx(limit / 2, rel=0.05)


def test_limits_shrink_as_networks_grow_in_width_and_number():
    for limit in (mean_limit, lambda width, count: settled_std_limit(SELU_SCATTER, SELU_PULL, width, count)):
        assert limit(512, 10) > limit(2048, 10) > limit(2048, 100)
    assert share_limit(0.5, 100) == 0.2
    assert error_of_median(1) > 1 > error_of_median(3)
