"""The notebook's comparison by initterm against the notebook's own way, ``model.fit``, in one process on a CPU.

The images are random bytes of MNIST's shape: how long a step takes doesn't depend on what they show.
"""

from __future__ import annotations

import statistics
import time

import numpy as np

from initterm.engine.datasets import Dataset
from initterm.engine.experiment import Experiment
from initterm.engine.protocol import EpochFinished
from initterm.engine.runtime import device_name, keras
from initterm.engine.training import train_on

EPOCH_GOAL, COMPARISON_GOAL = 8, 3


class EpochClock(keras.callbacks.Callback):
    """How long each epoch of a fit takes."""

    def __init__(self) -> None:
        super().__init__()
        self.seconds: list[float] = []

    def on_epoch_begin(self, epoch: int, logs: object = None) -> None:
        """Start."""
        self._began = time.perf_counter()

    def on_epoch_end(self, epoch: int, logs: object = None) -> None:
        """Stop."""
        self.seconds.append(time.perf_counter() - self._began)


def random_images() -> Dataset:
    """5,000 images to train and validate with, 10,000 to test with."""
    rng = np.random.default_rng(0)
    x = rng.integers(0, 256, (15_000, 28, 28), dtype=np.uint8)
    y = rng.integers(0, 10, 15_000, dtype=np.uint8)
    return Dataset("random images", x[:5000], y[:5000], x[5000:], y[5000:])


def by_fit(dataset: Dataset) -> tuple[float, list[float]]:
    """Seconds of the whole comparison, and of each epoch, as the notebook does it."""
    x, x_test = dataset.x_train / np.float32(255), dataset.x_test / np.float32(255)
    began, clock = time.perf_counter(), EpochClock()
    for initializer in ("he_normal", "glorot_uniform"):
        keras.utils.set_random_seed(42)
        hidden = [keras.layers.Dense(n, "relu", kernel_initializer=initializer) for n in (256, 128, 64)]
        layers = [keras.layers.Flatten(), *hidden, keras.layers.Dense(10, "softmax")]
        model = keras.Sequential([keras.Input((28, 28)), *layers])
        model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
        settings = {"epochs": 10, "batch_size": 32, "validation_split": 0.2, "verbose": 0}
        model.fit(x, dataset.y_train, callbacks=[clock], **settings)
        model.evaluate(x_test, dataset.y_test, verbose=0)
    return time.perf_counter() - began, clock.seconds


def by_initterm(dataset: Dataset) -> tuple[float, list[float]]:
    """The same by the engine, compiling included."""
    began = time.perf_counter()
    events = list(train_on(dataset, Experiment()))
    total = time.perf_counter() - began
    return total, [event.seconds for event in events if isinstance(event, EpochFinished)]


def main() -> None:
    """Run both, and print both sides with their ratio."""
    dataset = random_images()
    print(f"device {device_name()}; 2 initializers x 10 epochs of 4,000 images in batches of 32")
    by_fit(dataset)  # warms caches of both
    fit_total, fit_epochs = by_fit(dataset)
    our_total, our_epochs = by_initterm(dataset)
    _print("epoch, median", statistics.median(fit_epochs), statistics.median(our_epochs), EPOCH_GOAL)
    _print("whole comparison", fit_total, our_total, COMPARISON_GOAL)


def _print(what: str, fit: float, ours: float, goal: float) -> None:
    print(f"{what:<18} model.fit {fit:7.3f} s   initterm {ours:7.3f} s   {fit / ours:5.1f}x   (goal: at least {goal}x)")


if __name__ == "__main__":
    main()
