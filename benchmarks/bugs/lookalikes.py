"""Sound models that look like bugs: what is zero, equal or small in them is so on purpose."""

from __future__ import annotations

from typing import Any

import numpy as np

from initterm.engine.runtime import keras

layers = keras.layers
INITIALIZERS = keras.initializers


def dense(units: int, name: str) -> Any:
    """A layer with what suits ReLU."""
    return layers.Dense(units, "relu", kernel_initializer="he_normal", name=name)


def head() -> Any:
    """The layer that tells ten classes."""
    return layers.Dense(10, "softmax", name="head")


def zero_gamma() -> Any:
    """The last normalization of each residual branch begins with scale 0 (Goyal et al. 2017)."""
    signal = inputs = keras.Input((64,))
    for number in range(3):
        inner = layers.BatchNormalization(name=f"bn_{number}")(dense(64, f"inner_{number}")(signal))
        outer = layers.Dense(64, use_bias=False, name=f"outer_{number}")(inner)
        outer = layers.BatchNormalization(gamma_initializer="zeros", name=f"last_bn_{number}")(outer)
        signal = layers.Add(name=f"add_{number}")([signal, outer])
    return keras.Model(inputs, head()(signal))


def target_encoder() -> Any:
    """The target network begins as the online one and is not trained (Grill et al. 2020)."""
    online, target = (
        keras.Sequential([keras.Input((32,)), dense(64, "one"), layers.Dense(32, name="two")], name=name)
        for name in ("online", "target")
    )
    target.set_weights(online.get_weights())
    target.trainable = False
    first, second = keras.Input((32,)), keras.Input((32,))
    predicted = layers.Dense(32, name="predictor")(online(first))
    return keras.Model([first, second], layers.Dot(-1, normalize=True, name="cosine")([predicted, target(second)]))


def shared_encoder() -> Any:
    """Both inputs meet the same layers."""
    encoder = keras.Sequential([keras.Input((32,)), dense(64, "one"), layers.Dense(32, name="two")], name="encoder")
    first, second = keras.Input((32,)), keras.Input((32,))
    return keras.Model(
        [first, second], layers.Dot(-1, normalize=True, name="cosine")([encoder(first), encoder(second)])
    )


def adaptive_norm_zero() -> Any:
    """Shift, scale and gate begin as 0, so that each block of a diffusion transformer does (Peebles & Xie 2023)."""
    signal, condition = inputs = [keras.Input((16, 32)), keras.Input((32,))]
    for number in range(2):
        modulation = layers.Dense(96, kernel_initializer="zeros", name=f"modulation_{number}")(
            layers.Activation("silu", name=f"silu_{number}")(condition)
        )
        shift, scale, gate = keras.ops.split(layers.Reshape((1, 96), name=f"one_{number}")(modulation), 3, axis=-1)
        normed = layers.LayerNormalization(center=False, scale=False, name=f"ln_{number}")(signal)
        inner = dense(64, f"inner_{number}")(normed * (1.0 + scale) + shift)
        signal = signal + gate * layers.Dense(32, name=f"outer_{number}")(inner)
    return keras.Model(inputs, layers.Dense(32, name="noise")(signal))


def lora() -> Any:
    """The second matrix of an adapter begins as 0, so that the layer does what it did (Hu et al. 2021)."""
    model = keras.Sequential([keras.Input((64,)), dense(64, "one"), dense(64, "two"), head()])
    for name in ("one", "two"):
        model.get_layer(name).enable_lora(4)
    return model


def highway() -> Any:
    """Gates begin nearly shut, by a bias of -2, and carry the signal on (Srivastava et al. 2015)."""
    signal = inputs = keras.Input((64,))
    for number in range(3):
        shut = INITIALIZERS.Constant(-2.0)
        gate = layers.Dense(64, "sigmoid", bias_initializer=shut, name=f"gate_{number}")(signal)
        changed = layers.Multiply(name=f"changed_{number}")([gate, dense(64, f"inner_{number}")(signal)])
        carried = layers.Multiply(name=f"carried_{number}")([1.0 - gate, signal])
        signal = layers.Add(name=f"add_{number}")([changed, carried])
    return keras.Model(inputs, head()(signal))


def transformation_net() -> Any:
    """PointNet's first transformation begins as the identity: a kernel of zeros and its bias (Qi et al. 2017)."""
    points = keras.Input((64, 3))
    seen = layers.GlobalMaxPooling1D(name="pool")(dense(64, "points")(points))
    identity = INITIALIZERS.Constant(np.eye(3, dtype=np.float32).ravel())
    transformation = layers.Dense(9, kernel_initializer="zeros", bias_initializer=identity, name="transformation")(seen)
    turned = layers.Dot((2, 1), name="turned")([points, layers.Reshape((3, 3), name="matrix")(transformation)])
    return keras.Model(points, head()(layers.GlobalMaxPooling1D(name="pool_2")(dense(64, "turned_points")(turned))))
