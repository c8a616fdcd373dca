"""Small models with one planted fault each, and the sound twin of each."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from initterm.engine.audit.auditing import audited
from initterm.engine.runtime import keras
from initterm.experiments.audit.board import AuditBoard

layers = keras.layers
INITIALIZERS = keras.initializers


@dataclass(frozen=True)
class Planted:
    """A fault's name, the check that should find it and where, both models, and how grave it is at least."""

    name: str
    check: str
    layer: str
    faulty: Callable[[], Any]
    sound: Callable[[], Any]
    severity: str = "warning"


def drawn(build: Callable[[], Any], seed: int = 1) -> Any:
    """A model as it is built first in a process under a seed."""
    keras.utils.clear_session()
    keras.utils.set_random_seed(seed)
    return build()


@cache
def audit_of(build: Callable[[], Any], seed: int = 1) -> AuditBoard:
    """The audit of a model so drawn, once for all that only read it."""
    return audited(drawn(build, seed))


def chain(*parts, shape=(64,)):
    return keras.Sequential([keras.Input(shape), *parts])


def dense(units=64, initializer="he_normal", activation="relu", name=None):
    return layers.Dense(units, activation=activation, kernel_initializer=initializer, name=name)


def fresh(initializer):
    """An instance of its own, with a seed of its own."""
    return initializer if isinstance(initializer, str) else initializer.clone()


def head(units=10, **more):
    return layers.Dense(units, activation="softmax", name="head", **more)


def changed(model, layer, change, tensor="kernel"):
    variable = getattr(model.get_layer(layer), tensor)
    variable.assign(change(numbers(variable)))
    return model


def numbers(variable):
    return np.array(keras.ops.convert_to_numpy(variable))


def plain():
    return chain(dense(name="one"), dense(name="two"), head())


def with_change(change, layer="two", tensor="kernel"):
    return lambda: changed(plain(), layer, change, tensor)


def put(index, value):
    def change(values):
        values[index] = value
        return values

    return change


def to_bfloat16(values):
    return (values.view(np.uint32) & 0xFFFF0000).view(np.float32)


def scaled(scale, mode="fan_in", distribution="truncated_normal"):
    return INITIALIZERS.VarianceScaling(scale, mode, distribution)


def depthwise(initializer):
    return chain(
        layers.DepthwiseConv2D(3, depthwise_initializer=initializer, activation="relu", name="here"),
        layers.Flatten(),
        head(),
        shape=(6, 6, 64),
    )


def transposed(initializer, strides=1, size=3, filters=16):
    return chain(
        layers.Conv2DTranspose(filters, size, strides, kernel_initializer=initializer, activation="relu", name="here"),
        layers.Flatten(),
        head(),
        shape=(6, 6, 64),
    )


def separable(initializer):
    return chain(
        layers.SeparableConv2D(32, 3, depthwise_initializer=initializer, pointwise_initializer="he_normal",
                               activation="relu", name="here"),
        layers.Flatten(),
        head(),
        shape=(6, 6, 64),
    )  # fmt: skip


def looked_up(initializer):
    return chain(
        layers.Embedding(2000, 32, embeddings_initializer=initializer, name="here"),
        layers.GlobalAveragePooling1D(),
        head(),
        shape=(12,),
    )


def recurrent(**more):
    return chain(layers.LSTM(24, name="here", **more), head(), shape=(9, 8))


def convolved(**more):
    return chain(layers.ConvLSTM2D(4, 3, name="here", **more), layers.Flatten(), head(), shape=(3, 6, 6, 2))


def simple(activation, initializer):
    kernel = "he_normal" if activation == "relu" else "glorot_uniform"
    layer = layers.SimpleRNN(64, activation, kernel_initializer=kernel, recurrent_initializer=initializer, name="here")
    return chain(layer, head(), shape=(9, 8))


def attention(initializer):
    inputs = keras.Input((6, 32))
    signal = layers.MultiHeadAttention(4, 8, kernel_initializer=initializer, name="here")(inputs, inputs)
    return keras.Model(inputs, head()(layers.Flatten()(signal)))


def normalized(**more):
    return chain(dense(), layers.BatchNormalization(name="here", **more), dense(), head())


def biased(initializer):
    return chain(
        layers.Dense(16, "relu", kernel_initializer="he_normal", bias_initializer=initializer, name="here"),
        head(),
        shape=(1024,),
    )


def forgotten():
    model = recurrent()
    bias = model.get_layer("here").cell.bias
    bias.assign(np.zeros(bias.shape))
    return model


def activated(activation, initializer, units=64, depth=3):
    return chain(*(dense(units, fresh(initializer), activation, name=f"d{n}") for n in range(depth)), head())


def selu(initializer, dropout):
    return chain(dense(64, initializer, "selu", name="here"), dropout, dense(64, "lecun_normal", "selu"), head())


def shared_instance(again):
    first = INITIALIZERS.HeNormal()
    return chain(dense(64, first, name="one"), dense(64, again(first), name="two"), head())


def seeded(one, two, units=64):
    return chain(dense(64, one, name="one"), dense(units, two, name="two"), head())


def residual(branch, blocks=8):
    inputs = keras.Input((64,))
    signal = inputs
    for _ in range(blocks):
        signal = layers.Add()([signal, layers.Dense(64, kernel_initializer=fresh(branch))(dense(64)(signal))])
    return keras.Model(inputs, head()(signal))


def deep(initializer, depth=16, width=256):
    return chain(*(dense(width, fresh(initializer)) for _ in range(depth)), head())


def nested(initializer):
    inner = keras.Sequential([keras.Input((64,)), dense(64, initializer, name="deep"), dense()], name="inner")
    return chain(inner, head())


def einsum(change):
    inputs = keras.Input((6, 32))
    signal = layers.MultiHeadAttention(4, 8, name="here")(inputs, inputs)
    model = keras.Model(inputs, head()(layers.Flatten()(signal)))
    kernel = model.get_layer("here").query_dense.kernel
    kernel.assign(change(numbers(kernel)))
    return model


def grouped(change):
    model = chain(
        layers.Conv2D(64, 3, groups=4, activation="relu", kernel_initializer="he_normal", name="here"),
        layers.Flatten(),
        head(),
        shape=(6, 6, 16),
    )
    return changed(model, "here", change)


def same(values):
    return values


PLANTED = (
    Planted("a kernel halved", "off_law", "two", with_change(lambda w: w / 2), plain),
    Planted("a kernel a tenth too large", "off_law", "two", with_change(lambda w: w * 1.1), plain),
    Planted("a kernel of another shape of law", "off_law", "two",
            with_change(lambda w: np.sign(w) * np.std(w)), plain),
    Planted("a kernel off its mean", "off_law", "two", with_change(lambda w: w + 0.03), plain),
    Planted("half a kernel never drawn", "off_law", "two", with_change(put(slice(0, 32), 0.0)), plain),
    Planted("a query kernel 6 times too small", "off_law", "here/query",
            lambda: einsum(lambda w: w / 6), lambda: einsum(same)),
    Planted("a grouped convolution drawn by all channels", "off_law", "here",
            lambda: grouped(lambda w: w / 2), lambda: grouped(same)),
    Planted("an orthogonal kernel twice too large", "off_law", "d1",
            lambda: changed(activated("relu", INITIALIZERS.Orthogonal(2**0.5)), "d1", lambda w: 2 * w),
            lambda: activated("relu", INITIALIZERS.Orthogonal(2**0.5))),
    Planted("a kernel in a nested model", "off_law", "inner/deep",
            lambda: changed_nested(lambda w: w * 3), lambda: nested("he_normal")),
    Planted("a row copied", "dependent", "two", with_change(lambda w: put(17, w[3])(w)), plain),
    Planted("one sign a unit", "dependent", "two",
            with_change(lambda w: np.abs(w) * (1 - 2 * (np.arange(w.shape[1]) % 2))), plain),
    Planted("a few weights set to 0", "dependent", "two", with_change(put((slice(0, 64, 4), 5), 0.0)), plain),
    Planted("a kernel rounded to bfloat16", "rounded", "two", with_change(to_bfloat16), plain),
    Planted("one weight at 2,000 σ", "outliers", "one", with_change(put((3, 4), 350.0), "one"), plain),
    Planted("three weights far out of an untruncated normal", "outliers", "one",
            lambda: changed(seeded(scaled(2.0, distribution="untruncated_normal"), "he_normal"), "one",
                            put((slice(0, 3), 0), 3.0)),
            lambda: seeded(scaled(2.0, distribution="untruncated_normal"), "he_normal")),
    Planted("one NaN", "not_finite", "two", with_change(put((0, 0), np.nan)), plain),
    Planted("an infinite bias", "not_finite", "two", with_change(put(0, np.inf), tensor="bias"), plain),
    Planted("all zero", "all_zero", "two", with_change(np.zeros_like), plain),
    Planted("declared zeros", "all_zero", "two", lambda: seeded("he_normal", "zeros"), plain),
    Planted("all equal", "all_equal", "two",
            lambda: seeded("he_normal", INITIALIZERS.Constant(0.1)), plain),
    Planted("depthwise he_normal", "fan_convention", "here",
            lambda: depthwise("he_normal"), lambda: depthwise(scaled(128.0))),
    Planted("transposed he_normal", "fan_convention", "here",
            lambda: transposed("he_normal"), lambda: transposed(scaled(0.5))),
    Planted("transposed with strides", "fan_convention", "here",
            lambda: transposed("he_normal", 2, 2, 64), lambda: transposed(scaled(8.0), 2, 2, 64)),
    Planted("separable glorot", "fan_convention", "here",
            lambda: separable("glorot_uniform"), lambda: separable(scaled(128.0))),
    Planted("an embedding by its rows", "fan_convention", "here",
            lambda: looked_up("he_normal"), lambda: looked_up("uniform")),
    Planted("glorot on ReLU", "unsuited", "d1",
            lambda: activated("relu", "glorot_uniform", depth=12), lambda: activated("relu", "he_uniform", depth=12)),
    Planted("0.02 on GELU", "unsuited", "d1",
            lambda: activated("gelu", INITIALIZERS.TruncatedNormal(stddev=0.02)),
            lambda: activated("gelu", "he_normal")),
    Planted("he on tanh", "unsuited", "d1",
            lambda: activated("tanh", "he_normal"), lambda: activated("tanh", "glorot_normal"), "note"),
    Planted("random_normal on ReLU", "unsuited", "d1",
            lambda: activated("relu", INITIALIZERS.RandomNormal(stddev=0.05)),
            lambda: activated("relu", INITIALIZERS.RandomNormal(stddev=(2 / 64) ** 0.5))),
    Planted("one instance for two layers", "identical", "two",
            lambda: shared_instance(same), lambda: shared_instance(lambda one: one.clone())),
    Planted("one seed for two layers", "identical", "two",
            lambda: seeded(INITIALIZERS.HeNormal(seed=0), INITIALIZERS.HeNormal(seed=0)),
            lambda: seeded(INITIALIZERS.HeNormal(seed=0), INITIALIZERS.HeNormal(seed=1))),
    Planted("one seed for two laws", "identical", "two",
            lambda: seeded(INITIALIZERS.HeUniform(seed=0), scaled_seeded(0)),
            lambda: seeded(INITIALIZERS.HeUniform(seed=0), scaled_seeded(1))),
    Planted("no forget bias", "forget_bias", "here/lstm_cell",
            lambda: recurrent(unit_forget_bias=False), recurrent),
    Planted("a forget bias set to 0", "forget_bias", "here/lstm_cell", forgotten, recurrent),
    Planted("a ConvLSTM without forget bias", "forget_bias", "here/conv_lstm_cell",
            lambda: convolved(unit_forget_bias=False), convolved),
    Planted("N(0, 1) in an LSTM", "recurrent_growth", "here/lstm_cell",
            lambda: recurrent(recurrent_initializer=INITIALIZERS.RandomNormal(stddev=1.0)),
            lambda: recurrent(recurrent_initializer="glorot_uniform")),
    Planted("He in a recurrent ReLU", "recurrent_growth", "here/simple_rnn_cell",
            lambda: simple("relu", "he_normal"), lambda: simple("relu", "orthogonal")),
    Planted("N(0, 1) in a recurrent tanh", "recurrent_growth", "here/simple_rnn_cell",
            lambda: simple("tanh", INITIALIZERS.RandomNormal(stddev=1.0)), lambda: simple("tanh", "he_normal")),
    Planted("N(0, 1) for queries and keys", "attention_logits", "here/query",
            lambda: attention(INITIALIZERS.RandomNormal(stddev=1.0)),
            lambda: attention("glorot_uniform")),
    Planted("gamma around 0", "unusual_scale", "here",
            lambda: normalized(gamma_initializer=INITIALIZERS.RandomNormal(stddev=0.02)),
            lambda: normalized(gamma_initializer=INITIALIZERS.RandomNormal(1.0, 0.02))),
    Planted("beta far from 0", "unusual_shift", "here",
            lambda: normalized(beta_initializer=INITIALIZERS.Constant(-3.0)),
            lambda: normalized(beta_initializer=INITIALIZERS.RandomNormal(stddev=0.02))),
    Planted("a bias by its own units", "bias_fan", "here",
            lambda: biased("lecun_uniform"), lambda: biased(INITIALIZERS.RandomUniform(-1 / 32, 1 / 32))),
    Planted("SELU with He", "selu_without_lecun", "here",
            lambda: selu("he_normal", layers.AlphaDropout(0.1)),
            lambda: selu("lecun_normal", layers.AlphaDropout(0.1))),
    Planted("SELU with Dropout", "selu_dropout", "drop",
            lambda: selu("lecun_normal", layers.Dropout(0.1, name="drop")),
            lambda: selu("lecun_normal", layers.AlphaDropout(0.1, name="drop"))),
    Planted("a loud output layer", "loss_at_start", "head",
            lambda: chain(dense(), head(kernel_initializer=INITIALIZERS.RandomNormal(stddev=1.0))),
            lambda: chain(dense(), head())),
    Planted("residual branches of He", "residual_growth", "",
            lambda: residual("he_normal"), lambda: residual(scaled(1 / 64))),
    Planted("a signal that vanishes", "signal_vanishes", "",
            lambda: deep(scaled(0.4)), lambda: deep("he_normal")),
    Planted("a signal that explodes", "signal_explodes", "",
            lambda: deep(scaled(8.0)), lambda: deep("he_normal")),
    Planted("a gradient that vanishes", "gradient_vanishes", "",
            lambda: deep(scaled(0.4)), lambda: deep("he_normal")),
    Planted("units that never fire", "dead_units", "two",
            with_change(lambda b: b - 50, tensor="bias", layer="two"), plain),
)  # fmt: skip


def changed_nested(change):
    model = nested("he_normal")
    kernel = model.layers[0].get_layer("deep").kernel
    kernel.assign(change(numbers(kernel)))
    return model


def scaled_seeded(seed):
    return INITIALIZERS.VarianceScaling(2.5, "fan_in", "uniform", seed=seed)
