"""Small models as a person might write them, opened as the program opens them."""

import numpy as np

from initterm.engine.models.opened import OpenedModel
from initterm.engine.models.recording import initializers_recorded
from initterm.engine.runtime import keras
from initterm.experiments.training.model import ModelSpec

layers = keras.layers


def opened(build):
    with initializers_recorded() as recording:
        model = build()
    return OpenedModel(model, "mine:model", recorded=recording.of(model))


def own(**settings):
    return ModelSpec(model="mine:model", **settings)


def values_of(tensors, model, contender, seed, x=None):
    """What a trial begins with, by the tensors' paths."""
    tensors.draw(contender, seed, x)
    return {tensor.path: tensor.values.copy() for tensor in model.tensors}


def differing(first, second):
    return {path for path in first if not np.array_equal(first[path], second[path])}


def chain(*parts, shape=(16,)):
    return keras.Sequential([keras.Input(shape), *parts])


def mlp(initializer="glorot_uniform", widths=(16, 16)):
    hidden = (
        layers.Dense(width, "relu", kernel_initializer=initializer, name=f"hidden{place}")
        for place, width in enumerate(widths)
    )
    return chain(*hidden, layers.Dense(3, name="head"))


class Block(layers.Layer):
    """A transformer's block, as a layer that is made of layers."""

    def __init__(self, width, **more):
        super().__init__(**more)
        self.before, self.again = layers.LayerNormalization(), layers.LayerNormalization()
        self.attention = layers.MultiHeadAttention(2, width // 2, name="attention")
        self.wide, self.narrow = layers.Dense(2 * width, "relu", name="wide"), layers.Dense(width, name="narrow")

    def build(self, shape):
        self.before.build(shape)
        self.again.build(shape)
        self.attention.build(shape, shape)
        self.wide.build(shape)
        self.narrow.build((*shape[:-1], 2 * shape[-1]))
        self.built = True

    def call(self, x):
        y = self.before(x)
        x = x + self.attention(y, y)
        return x + self.narrow(self.wide(self.again(x)))


class Transformer(keras.Model):
    """A model that is code, of blocks that are code."""

    def __init__(self):
        super().__init__()
        self.head = layers.Dense(3, name="head")
        self.embed = layers.Dense(8, name="embed")
        self.blocks = [Block(8, name=f"block{place}") for place in range(2)]

    def call(self, x):
        x = self.embed(x)
        for block in self.blocks:
            x = block(x)
        return self.head(keras.ops.mean(x, axis=1))


def transformer():
    model = Transformer()
    model(np.zeros((1, 4, 5), "float32"))
    return model


def residual():
    """Convolutions with batch norm, a shortcut with a convolution of its own, and one without norms."""
    inputs = keras.Input((8, 8, 3))
    x = layers.Conv2D(8, 3, padding="same", name="stem")(inputs)
    y = layers.BatchNormalization(name="norm1")(layers.Conv2D(8, 3, padding="same", name="conv1")(x))
    y = layers.ReLU()(y)
    y = layers.BatchNormalization(name="norm2")(layers.Conv2D(16, 3, padding="same", name="conv2")(y))
    x = layers.ReLU()(layers.Add()([layers.Conv2D(16, 1, name="shortcut")(x), y]))
    y = layers.Conv2D(16, 3, padding="same", activation="relu", name="conv3")(x)
    x = layers.add([x, layers.Conv2D(16, 3, padding="same", name="conv4")(y)])
    outputs = layers.Dense(3, "softmax", name="head")(layers.GlobalAveragePooling2D()(x))
    return keras.Model(inputs, outputs)
