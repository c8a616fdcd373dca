"""Small models of several kinds for tests, each with examples that it can be trained with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from initterm.engine.runtime import keras

layers = keras.layers
COUNT, CLASSES = 40, 3
random = np.random.default_rng(7)

Examples = tuple[Any, Any]


def labels() -> Any:
    return random.integers(CLASSES, size=COUNT).astype(np.int32)


def rows(*shape: int) -> Any:
    return random.standard_normal((COUNT, *shape)).astype(np.float32)


def mlp() -> tuple[Any, Examples]:
    inputs = keras.Input((6,))
    hidden = layers.Dense(8, "relu", kernel_regularizer=keras.regularizers.L2(0.01))(inputs)
    model = keras.Model(inputs, layers.Dense(CLASSES, "softmax")(hidden))
    return model, (rows(6), labels())


def cnn() -> tuple[Any, Examples]:
    model = keras.Sequential([keras.Input((6, 6, 1)), layers.Conv2D(4, 3), layers.BatchNormalization(momentum=0.9)])
    for layer in (layers.ReLU(), layers.GlobalAveragePooling2D(), layers.Dense(CLASSES)):
        model.add(layer)
    return model, (rows(6, 6, 1), labels())


def residual() -> tuple[Any, Examples]:
    inputs = keras.Input((5, 5, 2))
    signal = layers.Conv2D(4, 1)(inputs)
    for _ in range(2):
        branch = layers.ReLU()(layers.BatchNormalization()(layers.Conv2D(4, 3, padding="same")(signal)))
        signal = layers.Add()([signal, layers.Conv2D(4, 3, padding="same")(branch)])
    output = layers.Dense(CLASSES, "softmax")(layers.Flatten()(signal))
    return keras.Model(inputs, output), (rows(5, 5, 2), labels())


def lstm() -> tuple[Any, Examples]:
    inputs = keras.Input((5,), dtype="int32")
    signal = layers.LSTM(6)(layers.Embedding(9, 4, mask_zero=True)(inputs))
    tokens = random.integers(9, size=(COUNT, 5)).astype(np.int32)
    return keras.Model(inputs, layers.Dense(1, "sigmoid")(signal)), (tokens, (labels() > 0).astype(np.int32))


def transformer() -> tuple[Any, Examples]:
    inputs = keras.Input((5, 8))
    attended = layers.MultiHeadAttention(2, 4)(inputs, inputs)
    signal = layers.LayerNormalization()(layers.Add()([inputs, attended]))
    signal = layers.Add()([signal, layers.Dense(8)(layers.Dense(16, "gelu")(signal))])
    return keras.Model(inputs, layers.Dense(2)(signal)), (rows(5, 8), rows(5, 2))


@keras.saving.register_keras_serializable("tests")
class Subclassed(keras.Model):  # type: ignore[misc]
    """Two inputs by name, a tensor of its own, and no graph."""

    def __init__(self) -> None:
        super().__init__()
        self.dense, self.out = layers.Dense(6, "tanh"), layers.Dense(CLASSES)

    def build(self, _: Any = None) -> None:
        self.scale = self.add_weight(name="scale", shape=(6,), initializer="ones")
        self.dense.build((None, 4))
        self.out.build((None, 6))
        self.built = True

    def call(self, inputs: Any) -> Any:
        return self.out(self.dense(keras.ops.concatenate([inputs["left"], inputs["right"]], axis=-1)) * self.scale)


def subclassed() -> tuple[Any, Examples]:
    model = Subclassed()
    model.build()
    return model, ({"left": rows(2), "right": rows(2)}, labels())


KINDS: dict[str, Callable[[], tuple[Any, Examples]]] = {
    kind.__name__: kind for kind in (mlp, cnn, residual, lstm, transformer, subclassed)
}


def classifier() -> Any:
    """Compiled, with batch normalization and dropout."""
    parts = (layers.Dense(8), layers.BatchNormalization(), layers.ReLU(), layers.Dropout(0.2))
    model = keras.Sequential([keras.Input((4,)), *parts, layers.Dense(CLASSES, "softmax")])
    model.compile(keras.optimizers.SGD(0.05, momentum=0.9), "sparse_categorical_crossentropy")
    return model


def of_classes() -> Any:
    """Three clouds of points, and which one each belongs to."""
    drawn = np.random.default_rng(3)
    y = drawn.integers(CLASSES, size=120).astype(np.int32)
    return (drawn.standard_normal((120, 4)) + y[:, None]).astype(np.float32), y


def of_bare_numbers() -> Any:
    """Of the same clouds one number each, in no row."""
    x, y = of_classes()
    return x[:, 0], y


def of_two_outputs() -> Any:
    """A class and a number, compiled with a metric of the number."""
    inputs = keras.Input((4,))
    hidden = layers.Dense(8, "tanh")(inputs)
    kind, size = layers.Dense(CLASSES, "softmax", name="kind")(hidden), layers.Dense(1, name="size")(hidden)
    model = keras.Model(inputs, {"kind": kind, "size": size})
    losses = {"kind": "sparse_categorical_crossentropy", "size": "mse"}
    model.compile("adam", losses, metrics={"size": ["mae"]})
    return model


def of_both() -> Any:
    """Its targets, with weights."""
    x, y = of_classes()
    return x, {"kind": y, "size": x[:, :1] * 2}


def regressor() -> Any:
    """Not compiled."""
    return keras.Sequential([keras.Input((4,)), layers.Dense(8, "relu"), layers.Dense(1)])


def of_numbers() -> Any:
    """A weighted sum to be found, and what each example weighs."""
    x, y = of_classes()
    return x, x @ np.array([[1.0], [2.0], [0.0], [-1.0]], np.float32), np.where(y > 0, 1.0, 0.5).astype(np.float32)


def masked() -> Any:
    """With a mask that is drawn while it is built, and no variable."""
    inputs = keras.Input((4,))
    mask = np.random.random(4).astype(np.float32)
    hidden = layers.Dense(8, "relu")(inputs * mask)
    return keras.Model(inputs, layers.Dense(CLASSES, "softmax")(hidden))


class Unbuilt(keras.Model):
    """A classifier that learns the shape of its input by its first examples."""

    def __init__(self) -> None:
        super().__init__()
        self.hidden, self.head = layers.Dense(8, "relu"), layers.Dense(CLASSES, "softmax")

    def call(self, x: Any) -> Any:
        return self.head(self.hidden(x))


def unbuilt() -> Any:
    return Unbuilt()


def unbuilt_chain() -> Any:
    return keras.Sequential([layers.Dense(8, "relu"), layers.Dense(CLASSES, "softmax")])


readings: list[str] = []
"""Grows whenever ``read_once`` is asked for its examples."""


def read_once() -> Any:
    readings.append("read")
    return of_classes()


def exploding() -> Any:
    """Diverges in its first steps."""
    model = regressor()
    model.compile(keras.optimizers.SGD(1e30), "mse")
    return model
