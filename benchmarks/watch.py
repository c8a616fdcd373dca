"""What it costs to have a training watched: ``fit`` of a thousand steps with ``initterm.Watch`` and without, in turns.

The steps alone are timed, by the clock and of the CPU; what is done once before the first of them, the audit and the
making of a graph, is told beside. A model is compiled and has made a step before. On a machine that does other things
besides, whose load is told, turns differ by more than what is measured: what it counts itself, looks and writing, is
told too.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

import initterm
from initterm.engine.runtime import keras
from initterm.store.place import VARIABLE

layers = keras.layers
STEPS, EPOCHS, CLASSES, TURNS = 1000, 10, 10, 5
GOAL, GOAL_OF_SHORT_STEPS, SHORT = 0.02, 0.05, 0.005
"""The most that it may cost, also of steps of few milliseconds, and the seconds that such a step takes at most."""

Made = tuple[Any, tuple[int, ...], int]
"""A model, what one example of it is, and the examples of a batch."""


def mlp() -> Made:
    """Steps of about a millisecond."""
    hidden = [layers.Dense(64, "relu", kernel_initializer="he_normal") for _ in range(3)]
    return keras.Sequential([keras.Input((64,)), *hidden, layers.Dense(CLASSES, "softmax")]), (64,), 32


def cnn() -> Made:
    """Two convolutions and a normalization."""
    parts = [layers.Conv2D(16, 3, activation="relu"), layers.BatchNormalization(), layers.Conv2D(32, 3, strides=2)]
    ends = [layers.ReLU(), layers.GlobalAveragePooling2D(), layers.Dense(CLASSES, "softmax")]
    return keras.Sequential([keras.Input((20, 20, 1)), *parts, *ends]), (20, 20, 1), 64


def lstm() -> Made:
    """Twenty steps of a sequence."""
    parts = [layers.LSTM(48), layers.Dense(CLASSES, "softmax")]
    return keras.Sequential([keras.Input((20, 16)), *parts]), (20, 16), 64


def transformer() -> Made:
    """A block of attention."""
    inputs = keras.Input((24, 32))
    signal = layers.LayerNormalization()(inputs + layers.MultiHeadAttention(4, 8)(inputs, inputs))
    signal = layers.LayerNormalization()(signal + layers.Dense(32)(layers.Dense(64, "gelu")(signal)))
    output = layers.Dense(CLASSES, "softmax")(layers.GlobalAveragePooling1D()(signal))
    return keras.Model(inputs, output), (24, 32), 64


class Times(keras.callbacks.Callback):  # type: ignore[misc]
    """Times the steps of a training, from the first epoch's beginning to the last one's end."""

    first = 0.0
    seconds = (0.0, 0.0)

    def on_epoch_begin(self, epoch: int, logs: object = None) -> None:
        """The first one begins."""
        if not epoch:
            self.first, self._cpu = time.perf_counter(), time.process_time()

    def on_epoch_end(self, epoch: int, logs: object = None) -> None:
        """The last one is over."""
        self.seconds = time.perf_counter() - self.first, time.process_time() - self._cpu


def measure(make: Callable[[], Made], turns: int) -> None:
    """Measure one kind, and print it."""
    model, shape, batch = make()
    drawn = np.random.default_rng(0)
    x = drawn.normal(size=(STEPS // EPOCHS * batch, *shape)).astype(np.float32)
    data = x, drawn.integers(CLASSES, size=len(x))
    model.compile("adam", "sparse_categorical_crossentropy")
    model.fit(*data, batch_size=batch, epochs=1, verbose=0)
    ratios, plain, before, looks, counted = [], [], [], [], []
    for turn in range(turns):
        seconds = {}
        for watches in ((False, True), (True, False))[turn % 2]:
            watch, times, began = initterm.Watch(fail_on="never"), Times(), time.perf_counter()
            model.fit(
                *data, batch_size=batch, epochs=EPOCHS, verbose=0, callbacks=[*([watch] if watches else []), times]
            )
            seconds[watches] = times.seconds
            if watches:
                before.append(times.first - began)
                looks.append(len(watch.board.steps))
                if told := watch.board.finished:
                    counted.append(told.looking / told.seconds)
        plain.append(seconds[False][0] / STEPS)
        ratios.append([a / b - 1 for a, b in zip(seconds[True], seconds[False], strict=True)])
    step, (clock_more, cpu_more) = statistics.median(plain), map(statistics.median, zip(*ratios, strict=True))
    goal = GOAL_OF_SHORT_STEPS if step < SHORT else GOAL
    print(
        f"{make.__name__:<12} step {1000 * step:6.2f} ms   more by the clock {clock_more:+.1%}, of the CPU "
        f"{cpu_more:+.1%}, by its own count {statistics.median(counted):.1%}   (goal: at most {goal:.0%})   "
        f"{statistics.median(looks):g} looks, {statistics.median(before):.2f} s before the first step; "
        f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores",
        flush=True,
    )


def main(turns: int = TURNS, *kinds: str) -> None:
    """Measure all kinds, or those that are named."""
    with tempfile.TemporaryDirectory(prefix="initterm-watch-") as folder:
        os.environ[VARIABLE] = str(Path(folder) / "runs")
        for make in (mlp, cnn, lstm, transformer):
            if not kinds or make.__name__ in kinds:
                measure(make, turns)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else TURNS, *sys.argv[2:])
