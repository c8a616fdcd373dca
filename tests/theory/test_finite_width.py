"""The spread over networks of finite width against networks that are simulated here."""

import math

import numpy as np
import pytest

from initterm.theory.activations import ACTIVATIONS
from initterm.theory.correlations import STARTS, correlations
from initterm.theory.finite_width import BATCH, spreads
from initterm.theory.initializers import InitializerSpec
from initterm.theory.propagation import Arrival, Chain, predict

HE = InitializerSpec("he_normal")


def simulated(chain, scale, networks):
    """ln of the stds of activations and of gradients by layer, (networks, depth), for normal weights and inputs."""
    phi, random, width = chain.phi, np.random.default_rng(1), chain.hidden[0]
    signals, gradients = [], []
    for _ in range(networks):
        after, kernels, before = random.standard_normal((BATCH, width)), [], []
        signals.append([])
        for _ in range(chain.depth):
            kernels.append(random.standard_normal((width, width)) * math.sqrt(scale / width))
            before.append(after @ kernels[-1])
            after = phi.function(before[-1])
            signals[-1].append(after.std())
        back = random.standard_normal((BATCH, width))
        gradients.append([back.std()])
        for pre, kernel in zip(before[:0:-1], kernels[:0:-1], strict=True):
            back = (back * phi.derivative(pre)) @ kernel.T
            gradients[-1].insert(0, back.std())
    return np.log(signals), np.log(gradients)


def predicted(chain, initializer):
    (prediction,) = predict(chain, [initializer], Arrival(chain.hidden[0]))
    return prediction, spreads(chain, initializer, Arrival(chain.hidden[0]), prediction)


def covered(stds, spread, logs):
    low, _, high = spread.quantiles(stds)
    return ((np.log(low) <= logs) & (logs <= np.log(high))).mean(axis=0)


@pytest.mark.parametrize(
    ("width", "depth", "networks"),
    [
        (32, 30, 200),
        *(pytest.param(*one, marks=pytest.mark.slow) for one in ((32, 100, 200), (128, 30, 200), (512, 10, 50))),
    ],
)
def test_bands_hold_four_networks_in_five(width, depth, networks):
    """What is left of signal and gradient: 80% within two and a half standard errors, which is 5% of 200 networks."""
    chain = Chain((width,) * depth)
    prediction, spread = predicted(chain, HE)
    signals, gradients = simulated(chain, 2.0, networks)
    forward = covered(prediction.activation_std, spread.signal, signals)[-1]
    backward = covered(prediction.gradient_std(depth), spread.gradient, gradients)[0]
    assert (forward + backward) / 2 == pytest.approx(0.8, abs=0.05 * math.sqrt(200 / networks))


@pytest.mark.parametrize(
    ("name", "scale"),
    [("tanh", 1.0), *(pytest.param(name, 1.0, marks=pytest.mark.slow) for name in ("selu", "sigmoid"))],
)
@pytest.mark.slow
def test_spreads_of_other_activations(name, scale):
    """The std of ln std of 60 networks within three of its standard errors, and a tenth."""
    chain = Chain((64,) * 12, name)
    _, spread = predicted(chain, InitializerSpec("lecun_normal"))
    signals, _ = simulated(chain, scale, 60)
    found = signals.std(axis=0)[[3, -1]]
    assert found == pytest.approx(spread.signal.std[[3, -1]], rel=3 / math.sqrt(2 * 60) + 0.1)
    assert spread.gradient is None
    assert "not for" in spread.gradient_silent


def test_the_variance_of_a_relus_norm_grows_as_five_times_depth_over_width():
    """Hanin 2018, where inputs have become alike: between two deep layers."""
    _, spread = predicted(Chain((4096,) * 400), HE)
    variances = (2 * spread.signal.std) ** 2
    assert (variances[-1] - variances[200]) * 4096 / 199 == pytest.approx(5, rel=0.02)


@pytest.mark.parametrize(
    ("chain", "initializer", "why"),
    [
        (Chain((64,) * 3), "orthogonal", "depend on each other"),
        (Chain((64,) * 3, batch_norm=True), "he_normal", "plain layers alone"),
        (Chain((3,) * 20), "he_normal", "so narrow"),
        (Chain((64,) * 3), "ones", "mean is not 0"),
    ],
)
def test_where_it_is_not_known_it_is_said_why(chain, initializer, why):
    assert why in predicted(chain, InitializerSpec(initializer))[1].gradient_silent


@pytest.mark.parametrize("name", [one.name for one in ACTIVATIONS.values() if one.function])
def test_however_small_a_signal_becomes_the_spread_is_numbers_or_a_sentence(name):
    """Of small weights the activations soon are 0, or all alike, to the last digit."""
    for scale, bias_std in ((1e-12, 0.0), (1e-12, 0.1), (1.0, 0.0)):
        chain = Chain((256,) * 40, name, bias_std=bias_std)
        _, spread = predicted(chain, InitializerSpec.of("variance_scaling", {"scale": scale}))
        assert spread.silent or (spread.signal.std[np.isfinite(spread.signal.std)] >= 0).all()


def test_a_signal_that_is_lost_at_once_has_no_spread_and_says_why():
    _, spread = predicted(Chain((64,) * 3, "hard_shrink"), InitializerSpec.of("variance_scaling", {"scale": 1e-6}))
    assert spread.signal is None
    assert "too small" in spread.silent


def test_where_networks_differ_too_much_for_a_map_that_bends_the_spread_ends():
    _, spread = predicted(Chain((128,) * 40, "gelu"), HE)
    known = np.isfinite(spread.signal.std)
    assert known[:8].all()
    assert not known[-1]


def test_correlations_of_two_inputs_by_layer():
    found = correlations(Chain((64,) * 50), HE, Arrival(64))
    assert found[0] == pytest.approx(STARTS)
    assert found[1, 0] == pytest.approx(1 / math.pi, abs=1e-6)
    assert (np.diff(found, axis=0) > 0).all()
    sums = correlations(Chain((64,) * 3, "linear", residual=True), InitializerSpec("lecun_normal"), Arrival(64))
    assert sums == pytest.approx(np.tile(STARTS, (3, 1)))
    assert ACTIVATIONS["relu"].homogeneous
