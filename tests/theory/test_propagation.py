"""Known values of the variance map, and where theory is silent."""

import math

import numpy as np
import pytest

from initterm.theory.activations import ACTIVATIONS
from initterm.theory.initializers import InitializerSpec
from initterm.theory.propagation import Arrival, Chain, predict
from initterm.theory.refusal import Refusal

RELU = Chain((256,) * 30)


def prediction(name, chain=RELU, arrival=None):
    return predict(chain, [InitializerSpec.parse(name)], arrival or Arrival(chain.hidden[0]))[0]


def test_glorot_on_relu_halves_the_variance_of_signal_and_gradient_at_each_layer():
    glorot = prediction("glorot_uniform")
    ratios = glorot.preactivation_std[1:] ** 2 / glorot.preactivation_std[:-1] ** 2
    assert ratios == pytest.approx(0.5, abs=1e-6)
    assert glorot.gradient_std(30)[:-1] ** 2 / glorot.gradient_std(30)[1:] ** 2 == pytest.approx(0.5, abs=1e-6)


def test_he_keeps_relu_and_lecun_keeps_selu():
    assert prediction("he_normal").preactivation_std == pytest.approx(math.sqrt(2), abs=1e-5)
    assert prediction("he_normal").gradient_std(30) == pytest.approx(1, abs=1e-5)
    selu = prediction("lecun_normal", Chain((256,) * 50, "selu"))
    assert selu.activation_std == pytest.approx(1, abs=1e-4)
    assert float(ACTIVATIONS["selu"].moments(1.0).mean) == pytest.approx(0, abs=1e-6)


def test_std_of_relu_is_that_of_a_rectified_normal():
    q = 2.0
    assert prediction("he_normal").activation_std[0] == pytest.approx(math.sqrt(q * (0.5 - 0.5 / math.pi)), rel=1e-6)


def test_widths_change_signal_by_fan_in_and_gradient_by_fan_out():
    chain = Chain((100, 400, 400), "linear")
    lecun = prediction("lecun_normal", chain, Arrival(50))
    assert lecun.activation_std == pytest.approx(1)
    assert lecun.gradient_std(3) == pytest.approx([2, 1, 1])
    by_fan_out = prediction("variance_scaling(mode='fan_out')", chain, Arrival(50))
    assert by_fan_out.activation_std == pytest.approx([math.sqrt(1 / 2), math.sqrt(1 / 8), math.sqrt(1 / 8)])
    assert by_fan_out.gradient_std(3) == pytest.approx(1)


def test_biases_and_the_inputs_size_take_part():
    assert prediction("zeros", Chain((8,) * 3, "linear", bias_std=0.3)).activation_std == pytest.approx(0.3)
    linear = prediction("lecun_normal", Chain((8,), "linear", bias_std=0.3), Arrival(8, 0.5, 4.0))
    assert linear.activation_std == pytest.approx(math.sqrt(4.09))


def test_residual_sums_add_variances_and_the_cross_term_of_the_means():
    linear = prediction("lecun_normal", Chain((64,) * 5, "linear", residual=True))
    assert linear.activation_std**2 == pytest.approx(2.0 ** np.arange(1, 6))
    assert linear.gradient_std(5) ** 2 == pytest.approx(2.0 ** np.arange(4, -1, -1))
    relu = Chain((64,) * 2, "relu", residual=True)
    mean, square = math.sqrt(1 / math.pi), 1.0
    second = (1 + square) + (1 + square) + 2 * mean * mean * math.sqrt(1 + square)
    mean += mean * math.sqrt(1 + square)
    assert prediction("he_normal", relu).activation_std[1] == pytest.approx(math.sqrt(second - mean**2), rel=1e-6)


def test_theory_is_silent_of_gradients_that_depend_on_each_other():
    for chain in (Chain((64,) * 3, "relu", residual=True), Chain((64,) * 3, "gelu", batch_norm=True)):
        only_forward = prediction("he_normal", chain)
        assert only_forward.gradient_silent
        assert not only_forward.gradient_std(3).size
        assert not only_forward.silent
        assert only_forward.activation_std.size == 3


def test_batch_normalization_explodes_the_gradient_of_relu_by_its_known_factor():
    """π/(π − 1) of the variance a layer (Yang et al. 2019), Keras's epsilon aside."""
    for name in ("he_normal", "glorot_uniform"):
        factor = prediction(name, Chain((256,) * 10, "relu", batch_norm=True)).gradient_factor[5] ** 2
        assert factor == pytest.approx(math.pi / (math.pi - 1), rel=5e-3)


def test_what_vanishes_and_explodes_beyond_numbers_stays_a_number():
    for text in ("random_normal(stddev=1e-30)", "random_normal(stddev=1e30)"):
        extreme = prediction(text, Chain((64,) * 200))
        assert np.isfinite(extreme.activation_std).all()
        assert not np.isnan(extreme.gradient_std(200)).any()


@pytest.mark.parametrize("name", ["ones", "identity", "random_uniform(minval=0.0, maxval=0.1)"])
def test_theory_is_silent_where_weights_have_a_mean(name):
    silent = prediction(name)
    assert "mean is not 0" in silent.silent
    assert not silent.activation_std.size


def test_the_silent_and_the_speaking_keep_their_order():
    names = ["ones", "he_normal", "identity", "glorot_normal"]
    predictions = predict(RELU, [InitializerSpec(name) for name in names], Arrival(256))
    assert [bool(one.silent) for one in predictions] == [True, False, True, False]
    assert predictions[1].activation_std[-1] > 1e3 * predictions[3].activation_std[-1]


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"hidden": ()}, "depth: a whole number from 1"),
        ({"hidden": (0,)}, "width: a whole number from 1"),
        ({"activation": "reluu"}, "did you mean relu"),
        ({"activation": "softmax"}, "whole layer"),
        ({"bias_std": -1.0}, "σ_b is from 0"),
        ({"bias_std": math.nan}, "σ_b is from 0"),
    ],
)
def test_chains_that_cannot_be_built_are_refused(settings, says):
    with pytest.raises(Refusal, match=says):
        Chain(**settings)
