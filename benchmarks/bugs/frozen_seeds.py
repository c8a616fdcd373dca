"""Public bugs of seeds: an instance made at import, an integer for several layers, a reset that resets nothing."""

from __future__ import annotations

from functools import cache
from typing import Any

from benchmarks.bugs.shared_draws import classified
from initterm.engine.runtime import keras

layers = keras.layers
INITIALIZERS = keras.initializers

BY_NAME = {"Glorot uniform": INITIALIZERS.GlorotUniform(), "Glorot normal": INITIALIZERS.GlorotNormal()}
"""Made as the module is imported, so that no seed that is set later changes what they draw."""


class FNN(keras.Model):
    """A network of dense layers that is only code."""

    def __init__(self, widths: tuple[int, ...], activation: str, initializers: list[Any]):
        super().__init__(name="fnn")
        self.hidden = [
            layers.Dense(width, activation, kernel_initializer=initializer, name=f"dense_{number}")
            for number, (width, initializer) in enumerate(zip(widths[:-1], initializers[:-1], strict=True))
        ]
        self.last = layers.Dense(widths[-1], kernel_initializer=initializers[-1], name="last")

    def call(self, signal):
        """Each layer on what the one before gives."""
        for layer in self.hidden:
            signal = layer(signal)
        return self.last(signal)


WIDTHS = (40, 40, 40, 3)


def fnn(initializers: list[Any]) -> Any:
    """DeepXDE's network for the Lorenz system, built."""
    model = FNN(WIDTHS, "tanh", initializers)
    model(keras.ops.zeros((1, 1)))
    return model


def deepxde(mended: bool = False) -> Any:
    """DeepXDE draws all layers by one instance."""
    one = INITIALIZERS.GlorotUniform()
    return fnn([one.clone() if mended else one for _ in WIDTHS])


def deepxde_at_import(mended: bool = False) -> Any:
    """DeepXDE's instances are made at import: every run begins alike, whatever seed it sets."""
    return fnn([BY_NAME["Glorot uniform"].clone() if mended else BY_NAME["Glorot uniform"] for _ in WIDTHS])


CONVOLUTIONS = INITIALIZERS.VarianceScaling(2.0, "fan_out", "truncated_normal")
"""One instance for the convolutions of every model."""


def convolution(signal: Any, filters: int, size: int, mended: bool, name: str) -> Any:
    """Convolution, batch normalization and swish."""
    initializer = CONVOLUTIONS.clone() if mended else CONVOLUTIONS
    convolve = layers.Conv2D(
        filters, size, padding="same", use_bias=False, kernel_initializer=initializer, name=f"{name}_conv"
    )
    normed = layers.BatchNormalization(name=f"{name}_bn")(convolve(signal))
    return layers.Activation("swish", name=f"{name}_swish")(normed)


def efficientnet(mended: bool = False) -> Any:
    """The fused blocks of keras_cv_attention_models' EfficientNetV2."""
    inputs = keras.Input((16, 16, 3))
    signal = convolution(inputs, 24, 3, mended, "stem")
    for block in ("stack_1", "stack_2"):
        inner = convolution(signal, 48, 3, mended, f"{block}_expand")
        signal = layers.Add(name=f"{block}_add")([signal, convolution(inner, 24, 1, mended, f"{block}_project")])
    signal = layers.GlobalAveragePooling2D(name="pool")(convolution(signal, 64, 1, mended, "post"))
    return keras.Model(inputs, layers.Dense(10, "softmax", name="head")(signal))


def lecun(mended: bool = False) -> Any:
    """Layers by one seeded initializer, of which the documentation said that it draws anew each time."""
    initializer = INITIALIZERS.LecunNormal(seed=keras.random.SeedGenerator() if mended else 0)
    hidden = [layers.Dense(64, "selu", kernel_initializer=initializer, name=f"dense_{n}") for n in range(3)]
    return keras.Sequential([keras.Input((64,)), *hidden, layers.Dense(10, "softmax", name="head")])


def glorot(mended: bool) -> Any:
    """A seeded initializer; mended, one without a seed."""
    return INITIALIZERS.GlorotUniform(seed=None if mended else 7)


def attention(mended: bool = False) -> Any:
    """MultiHeadAttention makes each kernel's initializer from the configuration of one, and so with the same seed."""
    inputs = keras.Input((12, 32))
    signal = layers.MultiHeadAttention(4, 8, kernel_initializer=glorot(mended), name="attention")(inputs, inputs)
    return classified(inputs, signal)


def grouped_attention(mended: bool = False) -> Any:
    """GroupedQueryAttention does the same."""
    inputs = keras.Input((12, 32))
    grouped = layers.GroupQueryAttention(8, 4, 2, kernel_initializer=glorot(mended), name="attention")
    return classified(inputs, grouped(inputs, inputs))


def both_ways(mended: bool = False) -> Any:
    """Bidirectional makes the layer that goes back from the configuration of the one that goes on."""
    inputs = keras.Input((12, 16))
    around = layers.Bidirectional(
        layers.LSTM(24, return_sequences=True, kernel_initializer=glorot(mended), name="lstm"), name="both"
    )
    return classified(inputs, around(inputs))


@cache
def encoder(mended: bool) -> Any:
    """A network that is built once, for every run."""
    inputs = keras.Input((12, 16))
    return classified(inputs, layers.LSTM(24, return_sequences=True, name=f"encoder_{'b' if mended else 'a'}")(inputs))


def reset(layer: Any, mended: bool) -> None:
    """Draw a layer's weights by its initializers; mended, by others that are like them."""
    holder = getattr(layer, "cell", layer)
    for name, initializer in list(vars(holder).items()):
        if name.endswith("_initializer") and initializer is not None:
            tensor = name.removesuffix("_initializer")
            variable = getattr(holder, "recurrent_kernel" if tensor == "recurrent" else tensor)
            drawing = initializer.clone() if mended else initializer
            if tensor != "bias":
                variable.assign(drawing(variable.shape, variable.dtype))


def osl_dynamics(mended: bool = False) -> Any:
    """osl-dynamics begins each of several runs with a reset of the same network."""
    model = encoder(mended)
    for layer in model.layers:
        reset(layer, mended)
    return model
