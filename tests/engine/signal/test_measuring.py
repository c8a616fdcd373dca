"""What is measured is what theory predicts, and whatever odd numbers come are named."""

import math

import numpy as np
import pytest

from initterm.engine.runtime import keras, tf
from initterm.engine.signal import measuring
from initterm.engine.signal.inputs import BATCH
from initterm.engine.signal.measuring import layer_seeds, measure
from initterm.engine.weights.drawing import keras_initializer
from initterm.experiments.signal.board import SignalBoard
from initterm.experiments.signal.events import JacobianMeasured, LayersPassed, SignalInput, SignalMeasured
from initterm.experiments.signal.experiment import SignalExperiment
from initterm.pipe.protocol import Reply, decode_reply, encode
from initterm.theory.initializers import InitializerSpec
from initterm.theory.propagation import Chain
from initterm.theory.refusal import Refusal

NAMES = [f"{name}_{law}" for name in ("he", "glorot", "lecun") for law in ("normal", "uniform")]


def board_of(names, chain, **settings):
    board = SignalBoard(SignalExperiment(tuple(map(InitializerSpec.parse, names)), chain, **settings))
    for event in measure(board.experiment):
        board = board.after(event)
    return board


@pytest.mark.parametrize(
    ("names", "activation", "depth"),
    [
        pytest.param(["he_normal", "glorot_uniform"], "relu", 10, marks=pytest.mark.slow),
        *(
            pytest.param(NAMES, activation, 30, marks=pytest.mark.slow)
            for activation in ("tanh", "relu", "selu", "gelu", "sigmoid")
        ),
    ],
)
def test_prediction_against_measurement(names, activation, depth):
    """Medians of 5 networks of 512: of signals within four standard errors, which theory tells too."""
    board = board_of(names, Chain((512,) * depth, activation), seeds=5)
    for contender, prediction in enumerate(board.predictions):
        layers, spread = board.layers(contender), board.spreads(contender).signal
        off = np.log([layer.activation.median for layer in layers]) - np.log(prediction.activation_std) - spread.mean
        known = np.isfinite(spread.std)
        assert known[:10].all()
        assert np.all(np.abs(off) < 4 * MEDIAN_ERROR * spread.std / math.sqrt(5) + 0.002, where=known)
        gradient = np.array([layer.gradient.median for layer in layers[-10:]])
        assert gradient == pytest.approx(prediction.gradient_std(depth)[-10:], rel=0.12)


MEDIAN_ERROR = math.sqrt(math.pi / 2)
"""A median's standard error over that of a mean, of normal numbers."""


@pytest.mark.parametrize(
    "chain",
    [
        pytest.param(Chain((256,) * 10, "tanh", residual=True), marks=pytest.mark.slow),
        Chain((256,) * 10, "relu", residual=True),
        pytest.param(Chain((256,) * 10, "relu", batch_norm=True), marks=pytest.mark.slow),
        Chain((256,) * 10, "relu", batch_norm=True, residual=True),
        Chain((256,) * 10, "tanh", bias_std=0.3),
        Chain((128, 512, 512, 64), "tanh"),
    ],
    ids=lambda chain: f"{chain.activation} {chain.batch_norm} {chain.residual} {chain.bias_std} {chain.depth}",
)
def test_prediction_with_normalization_sums_biases_and_widths(chain):
    board = board_of(["glorot_uniform"], chain, seeds=5)
    layers, (prediction,) = board.layers(0), board.predictions
    signal = [layer.activation.median for layer in layers]
    assert signal == pytest.approx(prediction.activation_std, rel=0.12)
    before = [layer.preactivation_std for layer in layers]
    assert before == pytest.approx(prediction.preactivation_std, rel=0.12)
    if not prediction.gradient_silent:
        gradient = [layer.gradient.median for layer in layers]
        assert gradient == pytest.approx(prediction.gradient_std(chain.depth), rel=0.15)


def test_it_is_what_a_keras_model_and_one_tape_give():
    chain = Chain((32, 32, 16), "tanh", bias_std=0.1)
    (measured,) = [e for e in measure(SignalExperiment((InitializerSpec("he_normal"),), chain)) if is_network(e)]
    inputs, signals = keras.Input((32,)), []
    signal = inputs
    for width, seed in zip(chain.hidden, layer_seeds(42, 3), strict=True):
        layer = keras.layers.Dense(
            width,
            "tanh",
            kernel_initializer=keras_initializer(InitializerSpec("he_normal"), seed),
            bias_initializer=keras.initializers.RandomNormal(stddev=0.1, seed=seed),
        )
        signal = layer(signal)
        signals.append(signal)
    model = keras.Model(inputs, signals)
    batch = np.random.default_rng(42).standard_normal((BATCH, 32), np.float32)
    arriving = np.random.default_rng([42, 1]).standard_normal((BATCH, 16), np.float32)
    with tf.GradientTape() as tape:
        outputs = model(batch)
        objective = tf.reduce_sum(outputs[-1] * arriving)
    of_kernels = tape.gradient(objective, [layer.kernel.value for layer in model.layers[1:]])
    for layer, output, gradient in zip(measured.layers, outputs, of_kernels, strict=True):
        assert layer.activation_std == pytest.approx(float(np.std(output)), rel=1e-4)
        assert layer.weight_gradient_std == pytest.approx(float(np.std(gradient)), rel=1e-4)


def is_network(event):
    return isinstance(event, SignalMeasured)


@pytest.mark.parametrize(
    ("name", "activation", "oddity", "verdict"),
    [
        ("zeros", "relu", "zero", "vanishing"),
        ("ones", "exponential", "inf", "exploding"),
        ("random_normal(stddev=1e20)", "linear", "nan", "exploding"),
        ("constant(value=1e30)", "relu", "inf", "exploding"),
        ("random_normal(stddev=1e6)", "relu", "inf", "exploding"),
    ],
)
def test_odd_numbers_are_named_and_travel(name, activation, oddity, verdict):
    board = board_of([name], Chain((32,) * 8, activation))
    assert oddity in [layer.oddity for layer in board.layers(0)]
    assert board.summary(0).verdict == verdict
    assert len(board.layers(0)) == 8
    reply = Reply(1, board.networks[0])
    assert decode_reply(encode(reply)) == reply


def test_a_signal_that_has_almost_gone_is_followed_no_further():
    board = board_of(["random_normal(stddev=0.001)"], Chain((64,) * 60))
    layers = board.layers(0)
    assert 5 < len(layers) < 60
    assert 0 < layers[-1].activation.median < 1e-29
    assert layers[-1].gradient.median == pytest.approx(1, rel=0.1)
    assert layers[-2].activation.median > 1e-30
    assert board.predictions[0].gradient_std(board.top(0))[-1] == 1
    assert board.summary(0).verdict == "vanishing"


def test_a_gradient_that_has_almost_gone_is_followed_no_further():
    layers = board_of(["lecun_normal"], Chain((64,) * 60, "sigmoid")).layers(0)
    assert len(layers) == 60
    assert layers[0].gradient_oddity == "unmeasured"
    assert layers[0].gradient.median is None
    assert layers[-1].gradient.median == pytest.approx(1, rel=0.1)


def test_dead_and_saturated_units():
    dead = board_of(["random_uniform(minval=-1.0, maxval=-0.5)"], Chain((64,) * 3), source="pixels", data="digits")
    assert dead.layers(0)[0].dead_fraction == 1
    saturated = board_of(["random_normal(stddev=10.0)"], Chain((64,) * 3, "tanh"))
    assert saturated.layers(0)[-1].saturated_fraction > 0.9
    assert board_of(["lecun_normal"], Chain((64,) * 3, "linear")).layers(0)[0].saturated_fraction == 0


@pytest.mark.parametrize("source", ["standardized", "pixels"])
def test_images_go_in(source):
    board = board_of(["he_normal"], Chain((64,) * 3), source=source, data="digits")
    assert board.input.width == 784
    assert "Not MNIST" in board.input.note
    assert (board.input.square == pytest.approx(1, rel=1e-5)) == (source == "standardized")
    assert board.layers(0)[0].activation.median == pytest.approx(board.predictions[0].activation_std[0], rel=0.15)


def test_the_same_seed_gives_the_same_and_seeds_spread():
    chain = Chain((64,) * 5)
    once, again = (board_of(["he_normal"], chain, seeds=3) for _ in range(2))
    assert once.networks == again.networks
    spread = once.layers(0)[-1].activation
    assert spread.low < spread.median < spread.high


@pytest.mark.slow
def test_some_layers_of_the_first_seed_tell_how_their_numbers_are_spread():
    chain = Chain((128,) * 60, "linear")
    board = board_of(["he_normal"], chain, seeds=2)
    first, second = board.networks
    told = [layer.layer for layer in first.layers if layer.activation_quantiles]
    assert told == list(board.experiment.told_layers)
    assert (told[0], told[-1]) == (1, 60)
    assert not any(layer.activation_quantiles or layer.gradient_quantiles for layer in second.layers)
    for std, quantiles in (
        (first.layers[0].activation_std, first.layers[0].activation_quantiles),
        (first.layers[-1].gradient_std, first.layers[-1].gradient_quantiles),
    ):
        assert list(quantiles) == sorted(quantiles)
        eighth = len(quantiles) // 8
        assert (quantiles[-1 - eighth] - quantiles[eighth]) / 2 == pytest.approx(1.1503 * std, rel=0.05)


def test_work_between_two_events_is_bounded(monkeypatch):
    monkeypatch.setattr(measuring, "PIECE_SECONDS", 0.0)
    experiment = SignalExperiment((InitializerSpec("he_normal"),), Chain((16,) * 10))
    events = list(measure(experiment))
    assert sum(isinstance(event, LayersPassed) for event in events) == 4 * 10
    assert isinstance(events[0], SignalInput)


def test_the_jacobian_of_an_orthogonal_linear_chain_is_orthogonal():
    board = board_of(["orthogonal(gain=1.1)"], Chain((32,) * 5, "linear"), jacobian=True)
    assert board.jacobians[0].singular_values == pytest.approx([1.1**5] * 32, rel=1e-4)


def test_the_jacobian_is_what_the_tape_gives():
    chain = Chain((12, 12, 7), "tanh")
    experiment = SignalExperiment((InitializerSpec("he_normal"),), chain, jacobian=True)
    (found,) = [event for event in measure(experiment) if isinstance(event, JacobianMeasured)]
    x = tf.constant(np.random.default_rng(42).standard_normal((BATCH, 12), np.float32)[:1])
    kernels = [
        keras_initializer(InitializerSpec("he_normal"), seed)(shape.dims)
        for seed, shape in zip(layer_seeds(42, 3), chain.shapes(12), strict=True)
    ]
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = x
        for kernel in kernels:
            y = tf.tanh(y @ kernel)
    jacobian = tape.jacobian(y, x).numpy()[0, :, 0, :]
    assert found.singular_values == pytest.approx(np.linalg.svd(jacobian, compute_uv=False), rel=1e-4)


def test_a_jacobian_of_no_numbers_has_no_singular_values():
    board = board_of(["random_normal(stddev=1e20)"], Chain((16,) * 6, "linear"), jacobian=True)
    assert board.jacobians[0].singular_values == ()


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"contenders": ()}, "From one to 16"),
        ({"seeds": 0}, "seeds: a whole number"),
        ({"seed": 2**32 - 1, "seeds": 2}, "Seeds are at most"),
        ({"source": "sound"}, "normal, standardized, pixels"),
        ({"chain": Chain(batch_norm=True), "jacobian": True}, "no Jacobian of one input"),
    ],
)
def test_experiments_that_cannot_be_measured_are_refused(settings, says):
    with pytest.raises(Refusal, match=says):
        SignalExperiment(**{"contenders": (InitializerSpec("he_normal"),), "chain": Chain(), **settings})


def test_what_is_too_large_or_cannot_serve_is_refused_before_it_is_tried():
    with pytest.raises(Refusal, match="of memory"):
        list(measure(SignalExperiment((InitializerSpec("he_normal"),), Chain((8192,) * 1000))))
    with pytest.raises(Refusal, match="There is no file"):
        list(measure(SignalExperiment((InitializerSpec("zeros"),), Chain((8,)), source="pixels", data="/no/file.npz")))


def test_images_of_any_size_go_in(tmp_path):
    images = np.random.default_rng(0).integers(0, 256, (40, 6, 5, 3), dtype=np.uint8)
    np.savez(tmp_path / "own.npz", x=images, y=np.arange(40) % 4)
    data = str(tmp_path / "own.npz")
    experiment = SignalExperiment((InitializerSpec("he_normal"),), Chain((8, 8)), "standardized", data=data)
    board = SignalBoard(experiment)
    assert board.arrival is None
    for event in measure(experiment):
        board = board.after(event)
    assert board.input.width == board.arrival.width == 90
    assert "6×5×3" in board.input.note
    assert board.complete
