"""Steps a second of a person's own model in the compiled loop, against ``model.fit`` with the same batches, in turns.

``python -m benchmarks.own_models [NAME ...]`` measures those that are named, or all. Examples are random: how long a
step takes doesn't depend on them.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.training import EpochClock
from initterm.engine.data.batches import batches
from initterm.engine.models.opened import OpenedModel
from initterm.engine.runtime import device_name, keras
from initterm.engine.training.on_device import ExamplesOnDevice
from initterm.engine.training.own_compiling import compiled
from initterm.engine.training.own_model import OwnModel
from initterm.engine.training.own_training import own_model
from initterm.experiments.training.contender import Contender
from initterm.experiments.training.experiment import Experiment
from initterm.experiments.training.model import ModelSpec

layers = keras.layers
CLASSES = 10
SMALL_GOAL, LARGE_GOAL = 5.0, 1.0


class AsItIs:
    """Leaves a model as it is."""

    def draw(self, _contender: Contender, _seed: int, _x: object) -> None:
        """Assign nothing."""


@dataclass(frozen=True)
class Case:
    """A model with how many examples, of which shape, make an epoch, and how many times fit's pace it is to have."""

    model: Callable[[], Any]
    shape: tuple[int, ...]
    steps: int
    goal: float
    tokens: int = 0
    batch_size: int = 32

    def examples(self) -> tuple[Any, Any]:
        """Inputs and labels."""
        random, count = np.random.default_rng(0), self.steps * self.batch_size
        x = random.integers(self.tokens, size=(count, *self.shape)) if self.tokens else None
        y = random.integers(CLASSES, size=count).astype(np.int32)
        return (random.standard_normal((count, *self.shape)).astype(np.float32) if x is None else x), y


def mlp() -> Any:
    """The notebook's: 256, 128, 64."""
    hidden = [layers.Dense(units, "relu") for units in (256, 128, 64)]
    return keras.Sequential([keras.Input((28, 28)), layers.Flatten(), *hidden, layers.Dense(CLASSES, "softmax")])


def cnn() -> Any:
    """Two convolutions with pooling, as in Keras's example of MNIST, at 16 by 16 pixels."""
    parts = (layers.Conv2D(8, 3, activation="relu"), layers.MaxPooling2D(), layers.Conv2D(16, 3, activation="relu"))
    return keras.Sequential(
        [keras.Input((16, 16, 1)), *parts, layers.MaxPooling2D(), layers.Flatten(), layers.Dense(CLASSES, "softmax")]
    )


def mnist_cnn() -> Any:
    """Keras's example of MNIST, without its dropout."""
    parts = (layers.Conv2D(32, 3, activation="relu"), layers.MaxPooling2D(), layers.Conv2D(64, 3, activation="relu"))
    return keras.Sequential(
        [keras.Input((28, 28, 1)), *parts, layers.MaxPooling2D(), layers.Flatten(), layers.Dense(CLASSES, "softmax")]
    )


def normed_cnn() -> Any:
    """Three convolutions of 32 channels with batch normalization at 32 by 32 pixels."""
    model = keras.Sequential([keras.Input((32, 32, 3))])
    for _ in range(3):
        model.add(layers.Conv2D(32, 3, padding="same"))
        model.add(layers.BatchNormalization())
        model.add(layers.ReLU())
        model.add(layers.MaxPooling2D())
    model.add(layers.Flatten())
    model.add(layers.Dense(CLASSES, "softmax"))
    return model


def lstm() -> Any:
    """64 units over 20 tokens."""
    return keras.Sequential(
        [keras.Input((20,)), layers.Embedding(1000, 32), layers.LSTM(64), layers.Dense(CLASSES, "softmax")]
    )


def transformer() -> Any:
    """Two blocks of width 64 over 32 tokens."""
    inputs = keras.Input((32,))
    signal = layers.Embedding(1000, 64)(inputs)
    for _ in range(2):
        normed = layers.LayerNormalization()(signal)
        signal = layers.Add()([signal, layers.MultiHeadAttention(4, 16)(normed, normed)])
        inner = layers.Dense(256, "gelu")(layers.LayerNormalization()(signal))
        signal = layers.Add()([signal, layers.Dense(64)(inner)])
    output = layers.Dense(CLASSES, "softmax")(layers.GlobalAveragePooling1D()(signal))
    return keras.Model(inputs, output)


def resnet50() -> Any:
    """Keras's, at 32 by 32 pixels."""
    return keras.applications.ResNet50(weights=None, input_shape=(32, 32, 3), classes=CLASSES)


CASES = {
    "mlp": Case(mlp, (28, 28), 400, SMALL_GOAL),
    "cnn": Case(cnn, (16, 16, 1), 400, SMALL_GOAL),
    "mnist_cnn": Case(mnist_cnn, (28, 28, 1), 40, LARGE_GOAL),
    "normed_cnn": Case(normed_cnn, (32, 32, 3), 40, LARGE_GOAL),
    "lstm": Case(lstm, (20,), 60, LARGE_GOAL, tokens=1000),
    "transformer": Case(transformer, (32,), 60, LARGE_GOAL, tokens=1000),
    "resnet50": Case(resnet50, (32, 32, 3), 6, LARGE_GOAL),
}


def measured(case: Case, turns: int = 9) -> tuple[dict[str, list[float]], bool]:
    """Seconds of an epoch by fit and by the loop, turn by turn, compiled before; whether XLA compiles the loop."""
    x, y = case.examples()
    experiment = Experiment(own=ModelSpec("benchmark"), batch_size=case.batch_size)
    orders = batches(1, 1, len(y), case.batch_size)
    fitted, looped = case.model(), case.model()
    fitted.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    examples, opened = ExamplesOnDevice(x, y), OpenedModel(looped)
    how = compiled(opened, experiment, examples, classes=True)
    trained = returned_by(own_model(opened, how, AsItIs(), examples, orders))
    runs = {
        "fit": lambda: by_fit(fitted, x, y, case.batch_size),
        "loop": lambda: by_loop(trained, examples, orders),
    }
    for run in runs.values():
        run()
    taken: dict[str, list[float]] = {way: [] for way in runs}
    for _ in range(turns):
        for way, run in runs.items():
            taken[way].append(run())
    return taken, trained.jit


def returned_by(generator: Generator[object, None, OwnModel]) -> OwnModel:
    """What a generator returns."""
    while True:
        try:
            next(generator)
        except StopIteration as stop:
            found: OwnModel = stop.value
            return found


def by_fit(model: Any, x: Any, y: Any, batch_size: int) -> float:
    """Seconds of an epoch."""
    clock = EpochClock()
    model.fit(x, y, batch_size=batch_size, epochs=1, verbose=0, callbacks=[clock])
    return clock.seconds[0]


def by_loop(trained: OwnModel, examples: ExamplesOnDevice, orders: Any) -> float:
    """Seconds of an epoch."""
    began = time.perf_counter()
    list(trained.train(examples, *orders))
    return time.perf_counter() - began


def main() -> None:
    """Measure, and print a line for each."""
    print(device_name())
    for name in sys.argv[1:] or CASES:
        case = CASES[name]
        taken, jit = measured(case)
        pace = {way: case.steps / statistics.median(seconds) for way, seconds in taken.items()}
        times = statistics.median(fit / loop for fit, loop in zip(taken["fit"], taken["loop"], strict=True))
        by = "XLA" if jit else "graph"
        words = f"fit {pace['fit']:.0f} steps/s, loop {pace['loop']:.0f} ({by})"
        print(f"{name:<12} {words}: {times:.1f}×, {case.goal:.0f}× wanted", flush=True)


if __name__ == "__main__":
    main()
