"""Public bugs where an initializer draws several tensors, which are then one draw.

From TensorFlow 2.10 on, and in Keras 3, an initializer with a seed, given or not, draws the same whenever it is called.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from initterm.engine.runtime import keras

layers = keras.layers
INITIALIZERS = keras.initializers

Hander = Callable[[Any], Any]
"""What hands an initializer to a layer: itself, or another one like it."""


def handed(mended: bool) -> Hander:
    """One instance for all layers; mended, a clone for each."""
    return (lambda initializer: initializer.clone()) if mended else (lambda initializer: initializer)


def classified(inputs: Any, features: Any) -> Any:
    """The model that tells ten classes by features (count, steps, width)."""
    return keras.Model(inputs, layers.Dense(10, "softmax", name="head")(layers.GlobalAveragePooling1D()(features)))


class TransformerEncoder(layers.Layer):
    """A composite layer that hands one initializer to the layers in it."""

    def __init__(self, intermediate: int, heads: int, hand: Hander, **more):
        super().__init__(**more)
        self.intermediate, self.heads, self.hand = intermediate, heads, hand
        self.kernel_initializer = INITIALIZERS.get("glorot_uniform")

    def build(self, shape):
        """Make the layers, whose widths the input tells."""
        width = shape[-1]
        hand, initializer = self.hand, self.kernel_initializer
        self.attention = layers.MultiHeadAttention(
            self.heads, width // self.heads, kernel_initializer=hand(initializer), name="self_attention"
        )
        self.attention.build(shape, shape)
        self.attention_norm = layers.LayerNormalization(name="self_attention_norm")
        self.feedforward_norm = layers.LayerNormalization(name="feedforward_norm")
        self.inner = layers.Dense(self.intermediate, "gelu", kernel_initializer=hand(initializer), name="intermediate")
        self.outer = layers.Dense(width, kernel_initializer=hand(initializer), name="output")
        for norm in (self.attention_norm, self.feedforward_norm):
            norm.build(shape)
        self.inner.build(shape)
        self.outer.build((*shape[:-1], self.intermediate))

    def call(self, signal):
        """Attention, then feedforward, each normalized after it was added."""
        signal = self.attention_norm(signal + self.attention(signal, signal))
        return self.feedforward_norm(signal + self.outer(self.inner(signal)))


def transformer_encoder(mended: bool = False) -> Any:
    """keras-hub's TransformerEncoder as it was."""
    inputs = keras.Input((12, 32))
    return classified(inputs, TransformerEncoder(64, 4, handed(mended), name="encoder")(inputs))


class TokenAndPositionEmbedding(layers.Layer):
    """Two tables, one of words and one of their places, by one initializer."""

    def __init__(self, words: int, steps: int, width: int, hand: Hander, **more):
        super().__init__(**more)
        initializer, self.steps = INITIALIZERS.get("uniform"), steps
        self.token = layers.Embedding(words, width, hand(initializer), name="token_embedding")
        self.position = layers.Embedding(steps, width, hand(initializer), name="position_embedding")

    def call(self, tokens):
        """The sum of both."""
        return self.token(tokens) + self.position(keras.ops.arange(self.steps))


def token_and_position(mended: bool = False) -> Any:
    """keras-hub's TokenAndPositionEmbedding as it was."""
    inputs = keras.Input((12,), dtype="int32")
    table = TokenAndPositionEmbedding(500, 12, 32, handed(mended), name="embedding")
    return classified(inputs, layers.LayerNormalization()(table(inputs)))


def scaled_down(encoders: int) -> Any:
    """DeepNorm's initializer for an encoder of so many layers (Wang et al. 2022)."""
    return INITIALIZERS.VarianceScaling((8 * encoders) ** -0.25, "fan_avg", "truncated_normal")


def lczero(mended: bool = False) -> Any:
    """An encoder layer of lczero-training, which draws values, output and both feedforward kernels by one instance."""
    width, inner, encoders, hand = 64, 128, 6, handed(mended)
    initializer, alpha = scaled_down(encoders), (2 * encoders) ** 0.25
    inputs = keras.Input((16, width))
    query = layers.Dense(width, kernel_initializer="glorot_normal", name="wq")(inputs)
    key = layers.Dense(width, kernel_initializer="glorot_normal", name="wk")(inputs)
    value = layers.Dense(width, kernel_initializer=hand(initializer), name="wv")(inputs)
    attended = layers.Attention(use_scale=False, name="attention")([query, value, key])
    attended = layers.Dense(width, kernel_initializer=hand(initializer), name="wo")(attended)
    signal = layers.LayerNormalization(name="ln1")(layers.Add()([layers.Rescaling(alpha)(inputs), attended]))
    hidden = layers.Dense(inner, "relu", kernel_initializer=hand(initializer), name="dense1")(signal)
    hidden = layers.Dense(width, kernel_initializer=hand(initializer), name="dense2")(hidden)
    signal = layers.LayerNormalization(name="ln2")(layers.Add()([layers.Rescaling(alpha)(signal), hidden]))
    return classified(inputs, signal)


class MultiHeadAttention(layers.Layer):
    """A layer of a person's own, which draws its four matrices by one initializer, by names of its own."""

    def __init__(self, heads: int, hand: Hander, **more):
        super().__init__(**more)
        self.heads, self.hand = heads, hand
        self.kernel_initializer = INITIALIZERS.get("glorot_normal")

    def build(self, shape):
        """Draw the matrices of queries, keys, values and output."""
        width = shape[-1]
        self.kernels = {
            name: self.add_weight(
                shape=(width, width),
                initializer=self.hand(self.kernel_initializer),
                name=f"{self.name}_{name}",
            )
            for name in ("Wq", "Wk", "Wv", "Wo")
        }

    def _split(self, signal):
        steps, width = signal.shape[1:]
        return keras.ops.reshape(signal, (-1, steps, self.heads, width // self.heads))

    def call(self, signal):
        """Attention by each head."""
        query, key, value = (self._split(signal @ self.kernels[name]) for name in ("Wq", "Wk", "Wv"))
        heads = keras.ops.dot_product_attention(query, key, value)
        return keras.ops.reshape(heads, (-1, *signal.shape[1:])) @ self.kernels["Wo"]


def bert(mended: bool = False) -> Any:
    """The attention of keras_bert, by which ktrain classifies texts."""
    inputs = keras.Input((12, 32))
    attended = MultiHeadAttention(4, handed(mended), name="attention")(inputs)
    return classified(inputs, layers.LayerNormalization()(layers.Add()([inputs, attended])))


class Spectral(INITIALIZERS.Initializer):
    """A kernel of spectral norm 1, from what a base initializer draws: by default one instance for all of these."""

    def __init__(self, base: Any = INITIALIZERS.Orthogonal()):  # noqa: B008, which is the bug
        self.base = base

    def __call__(self, shape, dtype=None):
        """A kernel."""
        drawn = keras.ops.convert_to_numpy(self.base(shape, dtype))
        return keras.ops.convert_to_tensor(drawn / np.linalg.norm(drawn.reshape(-1, shape[-1]), 2), dtype)


class GroupSort(layers.Layer):
    """Sorts units in pairs, which keeps a signal's norm."""

    def call(self, signal):
        """The larger of each pair, then the smaller ones."""
        first, second = keras.ops.split(signal, 2, axis=-1)
        return keras.ops.concatenate((keras.ops.maximum(first, second), keras.ops.minimum(first, second)), axis=-1)


def lipschitz(widths: tuple[int, ...], initializer: Callable[[], Any]) -> Any:
    """A network that is 1-Lipschitz."""
    parts = [
        part
        for number, width in enumerate(widths)
        for part in (layers.Dense(width, kernel_initializer=initializer(), name=f"spectral_{number}"), GroupSort())
    ]
    return keras.Sequential([keras.Input((64,)), *parts, layers.Dense(10, name="head")])


def deel_lip(mended: bool = False) -> Any:
    """deel-lip's dense layers, each with an initializer of its own, in which all draw by one instance of another."""
    return lipschitz((64, 64, 64), lambda: Spectral(INITIALIZERS.Orthogonal()) if mended else Spectral())


SPECTRAL = Spectral(INITIALIZERS.Orthogonal())
"""What a layer's default argument is: made once."""


def deel_lip_of_widths(mended: bool = False) -> Any:
    """The same with layers of several widths, whose kernels share no number though one instance drew them."""
    return lipschitz((48, 32, 16), lambda: Spectral(INITIALIZERS.Orthogonal()) if mended else SPECTRAL)
