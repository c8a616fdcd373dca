"""Every tensor once, with its role, its declared initializer, and fans that its layer's own arithmetic confirms."""

import math

import numpy as np
import pytest

from initterm.engine.audit.auditing import measured, spread_of
from initterm.engine.models.tensors import tensors_of
from initterm.engine.runtime import keras

layers = keras.layers


def kernels(layer, shape):
    inputs = keras.Input(shape)
    outputs = layer(inputs, inputs) if isinstance(layer, layers.MultiHeadAttention) else layer(inputs)
    return {tensor.name: tensor for tensor in tensors_of(keras.Model(inputs, outputs)) if tensor.sums}


SCALED = {"depthwise_initializer": "he_normal"}


@pytest.mark.parametrize(
    ("layer", "shape"),
    [
        (layers.Dense(48, use_bias=False), (96,)),
        (layers.Conv1D(48, 3, padding="same", use_bias=False), (40, 32)),
        (layers.Conv2D(32, 3, groups=4, use_bias=False), (16, 16, 32)),
        (layers.Conv2D(32, 3, dilation_rate=2, use_bias=False), (16, 16, 16)),
        (layers.Conv3D(16, 2, use_bias=False), (8, 8, 8, 8)),
        (layers.DepthwiseConv1D(5, use_bias=False), (60, 32)),
        (layers.DepthwiseConv2D(3, depth_multiplier=2, use_bias=False), (16, 16, 32)),
        (layers.Conv1DTranspose(24, 4, strides=2, use_bias=False), (40, 32)),
        (layers.Conv2DTranspose(16, 3, use_bias=False), (20, 20, 32)),
        (layers.Conv2DTranspose(16, 4, strides=2, use_bias=False), (20, 20, 32)),
        (layers.EinsumDense("abc,cde->abde", (None, 4, 12), bias_axes=None), (16, 64)),
        (layers.EinsumDense("abde,dec->abc", (None, 48), bias_axes=None), (16, 4, 12)),
    ],
    ids=lambda value: value.name if hasattr(value, "name") else "",
)
def test_weights_of_variance_one_by_sums_over_keep_the_signals_variance(layer, shape):
    (tensor,) = kernels(layer, shape).values()
    random = np.random.default_rng(5)
    weights = random.standard_normal(tensor.dims)
    tensor.variable.assign(weights / np.sqrt(np.square(weights).mean() * tensor.sums.fan_in))
    batch = random.standard_normal((32, *shape)).astype(np.float32)
    output = keras.ops.convert_to_numpy(layer(batch))
    inner = output[(slice(None), *(slice(4, -4) if size > 12 else slice(None) for size in output.shape[1:-1]))]
    assert inner.var() == pytest.approx(1.0, rel=0.15)


@pytest.mark.parametrize(
    ("layer", "shape", "fans"),
    [
        (layers.LSTM(24), (5, 16), {"kernel": (16, 24), "recurrent_kernel": (24, 24)}),
        (layers.GRU(24), (5, 16), {"kernel": (16, 24), "recurrent_kernel": (24, 24)}),
        (layers.SimpleRNN(24), (5, 16), {"kernel": (16, 24), "recurrent_kernel": (24, 24)}),
        (layers.ConvLSTM2D(8, 3), (4, 9, 9, 2), {"kernel": (18, 72), "recurrent_kernel": (72, 72)}),
        (layers.ConvLSTM1D(8, 3), (4, 9, 2), {"kernel": (6, 24), "recurrent_kernel": (24, 24)}),
        (layers.Embedding(50, 8), (5,), {"embeddings": (1, 8)}),
        (layers.SeparableConv2D(8, 3), (9, 9, 4), {"depthwise_kernel": (9, 9), "pointwise_kernel": (4, 8)}),
    ],
)
def test_fans_of_several_tensors(layer, shape, fans):
    found = kernels(layer, shape)
    assert {name: (tensor.sums.fan_in, tensor.sums.fan_out) for name, tensor in found.items()} == fans


def test_keras_counts_fans_as_its_initializers_do():
    for layer, shape in [
        (layers.DepthwiseConv2D(3, **SCALED), (8, 8, 64)),
        (layers.MultiHeadAttention(4, 16), (8, 32)),
    ]:
        for tensor in kernels(layer, shape).values():
            told = measured(tensor)
            assert told.std_low * 0.97 < told.std_expected < told.std_high * 1.03


def test_depthwise_he_normal_comes_out_eight_times_too_small():
    (tensor,) = kernels(layers.DepthwiseConv2D(3, **SCALED), (8, 8, 64)).values()
    told = measured(tensor)
    assert told.std_expected / told.std_correct == pytest.approx(0.125)


def test_shared_layers_and_nested_models_are_taken_once():
    shared = layers.Dense(8)
    inner = keras.Sequential([keras.Input((8,)), shared, layers.Dense(8)], name="inner")
    inputs = keras.Input((8,))
    model = keras.Model(inputs, inner(inner(shared(inputs))))
    paths = [tensor.path for tensor in tensors_of(model)]
    assert len(paths) == len(set(paths)) == 4


def test_roles_and_declarations():
    model = keras.Sequential(
        [keras.Input((8,)), layers.Dense(8, kernel_initializer=keras.initializers.RandomNormal(stddev=0.1)),
         layers.BatchNormalization(), layers.PReLU(), layers.Dropout(0.5)]
    )  # fmt: skip
    told = {tensor.name: (tensor.role, tensor.declared) for tensor in tensors_of(model)}
    assert told == {
        "kernel": ("kernel", "random_normal(stddev=0.1)"),
        "bias": ("bias", "zeros"),
        "gamma": ("scale", "ones"),
        "beta": ("bias", "zeros"),
        "moving_mean": ("statistic", "zeros"),
        "moving_variance": ("statistic", "ones"),
        "alpha": ("scale", "zeros"),
    }


def test_a_custom_initializer_is_named_and_not_judged():
    class Odd(keras.initializers.Initializer):
        def __call__(self, shape, dtype=None):
            return keras.ops.ones(shape)

    (tensor,) = kernels(layers.Dense(8, kernel_initializer=Odd()), (8,)).values()
    told = measured(tensor)
    assert (told.declared, told.std_expected, told.p_value) == ("Odd", None, None)


@pytest.mark.parametrize("draw", ["standard_normal", "random"])
def test_the_interval_of_the_std_holds_it_in_95_of_100(draw):
    random, true = np.random.default_rng(3), {"standard_normal": 1.0, "random": 1 / math.sqrt(12)}[draw]
    inside = 0
    for _ in range(1000):
        low, high = spread_of(getattr(random, draw)(400).astype(np.float32)).interval
        inside += low <= true <= high
    assert 930 <= inside <= 970


def test_numbers_that_are_not_finite_are_counted_and_left_out():
    spread = spread_of(np.array([1.0, np.nan, 3.0, np.inf], np.float32))
    assert (spread.not_finite, spread.moments.mean) == (2, 2.0)
    assert spread_of(np.array([np.nan], np.float32)) is None
