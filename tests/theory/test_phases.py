"""Fixed points, the critical line and the fix against what is known."""

import math

import numpy as np
import pytest

from initterm.theory.activations import ACTIVATIONS, CATALOGUE
from initterm.theory.fixed_points import critical_point, fixed_point
from initterm.theory.phases import (
    factor_per_layer,
    fix,
    phase_diagram,
    verdict,
)
from initterm.theory.propagation import Arrival, Chain

ELEMENTWISE = [activation for activation in CATALOGUE if activation.function]


@pytest.mark.parametrize(
    ("name", "bias_variance", "weight_variance"),
    [("relu", 0.0, 2.0), ("relu", 0.05, 2.0), ("tanh", 0.05, 1.761), ("tanh", 0.0, 1.0), ("linear", 0.0, 1.0)],
)
def test_known_critical_points(name, bias_variance, weight_variance):
    point = critical_point(ACTIVATIONS[name], math.sqrt(bias_variance))
    assert point.weight_variance == pytest.approx(weight_variance, abs=1e-4)


@pytest.mark.parametrize("activation", ELEMENTWISE, ids=lambda activation: activation.name)
@pytest.mark.parametrize("bias_std", [0.0, 0.3])
def test_the_fixed_point_of_a_critical_point_is_critical(activation, bias_std):
    if point := critical_point(activation, bias_std):
        reached = fixed_point(activation, point.weight_variance, bias_std)
        assert reached.phase == "critical"
        assert reached.gradient_scale == math.inf


def test_selu_with_lecun_has_its_fixed_point_at_mean_0_and_variance_1():
    point = fixed_point(ACTIVATIONS["selu"], 1.0)
    assert point.q == pytest.approx(1, abs=1e-4)
    assert point.stable
    assert float(ACTIVATIONS["selu"].moments(1.0).mean) == pytest.approx(0, abs=1e-4)


def test_phases_of_tanh():
    ordered, chaotic = (fixed_point(ACTIVATIONS["tanh"], variance, math.sqrt(0.05)) for variance in (1.0, 4.0))
    assert (ordered.phase, chaotic.phase) == ("ordered", "chaotic")
    assert ordered.gradient_scale == pytest.approx(-1 / math.log(ordered.chi))
    assert fixed_point(ACTIVATIONS["tanh"], 0.5).q == 0


def test_relu_dies_stays_or_grows():
    relu = ACTIVATIONS["relu"]
    assert fixed_point(relu, 1.0).q == 0
    assert fixed_point(relu, 2.0).q == 1
    assert fixed_point(relu, 3.0).q == math.inf
    assert fixed_point(relu, 1.0, bias_std=0.5).q == pytest.approx(0.5)


def test_a_gelu_of_unit_variance_is_led_to_no_critical_point():
    assert critical_point(ACTIVATIONS["gelu"]) is None


@pytest.mark.parametrize(("name", "initializer"), [("relu", "he_normal"), ("selu", "lecun_normal")])
def test_the_fix_of_the_literature(name, initializer):
    found = fix(Chain((256,) * 30, name), Arrival(256))
    assert str(found.initializer) == initializer
    assert found.signal == pytest.approx(1, abs=1e-4)
    assert found.works


@pytest.mark.parametrize("name", ["tanh", "gelu", "sigmoid", "elu", "mish"])
def test_the_fix_is_better_than_its_neighbours(name):
    chain, arrival = Chain((256,) * 30, name), Arrival(256)
    found = fix(chain, arrival)
    diagram = phase_diagram(chain, arrival, found.scale * np.array([0.8, 1.0, 1.25]))
    loss = np.log(diagram.signal[-1]) ** 2 + np.log(diagram.gradient[-1]) ** 2
    assert loss.argmin() == 1
    assert found.works


def test_no_scale_fixes_what_kills_small_signals_and_none_is_needed_with_batch_normalization():
    assert not fix(Chain((256,) * 30, "soft_shrink"), Arrival(256)).works
    assert fix(Chain((256,) * 30, "relu", batch_norm=True), Arrival(256)) is None


def test_the_diagram_is_what_chains_of_each_depth_do():
    diagram = phase_diagram(Chain((64,) * 10), Arrival(64), np.array([1.0, 2.0, 4.0]))
    layers = np.arange(10)[:, None]
    expected = np.sqrt(np.array([0.5, 1.0, 2.0])) ** layers
    assert diagram.signal == pytest.approx(expected, rel=1e-6)
    assert diagram.gradient == pytest.approx(expected, rel=1e-6)
    assert diagram.critical.weight_variance == pytest.approx(2)


@pytest.mark.parametrize(
    ("stds", "factor"),
    [
        ([1, 0.5, 0.25], 0.5),
        ([1, 2, 4, None, None], 2),
        ([1, 2, math.inf], 2),
        ([1, 0, 0], 0),
        ([0, 0, 0], 0),
        ([1], 1),
        ([None, 1, 1], None),
        ([0, 1], None),
    ],
)
def test_factor_per_layer(stds, factor):
    assert factor_per_layer(stds) == factor


@pytest.mark.parametrize(
    ("factors", "says"),
    [
        ((1, 1.02), "stable"),
        ((0.7, 1), "vanishing"),
        ((1, 1.3), "exploding"),
        ((0, 1), "vanishing"),
        ((None, None), "exploding"),
        ((None, 1), "stable"),
    ],
)
def test_verdict(factors, says):
    assert verdict(*factors, depth=30) == says
