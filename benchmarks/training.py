"""What training promises, against ``model.fit`` and ``tf.matmul`` in the same process on a CPU.

The images are random bytes of MNIST's shape: how long a step takes doesn't depend on what they show.
"""

from __future__ import annotations

import statistics
import time
from collections import defaultdict

import numpy as np
import psutil

from initterm.engine.data.datasets import Dataset
from initterm.engine.networks.network import parameter_count
from initterm.engine.runtime import device_name, keras, tf
from initterm.engine.training.training import forget, train_on
from initterm.experiments.training.contender import Contender
from initterm.experiments.training.events import EpochFinished, TrainingEvent
from initterm.experiments.training.experiment import Experiment
from initterm.experiments.training.network import NetworkSpec
from initterm.experiments.training.samples import training_count

EPOCH_GOAL, COMPARISON_GOAL, MATMUL_GOAL, TRIAL_GOAL = 9, 8, 0.55, 0.15
FITS_MEASURED = 3
FIVE = tuple(map(Contender.parse, ("he_normal", "glorot_uniform", "lecun_normal", "random_normal", "orthogonal")))
MATMUL_SIZE, MATMULS, RUNS_BESIDE_MATMUL = 2048, 5, 5
TRIALS = 26


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


def by_fit(dataset: Dataset, fits: int) -> tuple[float, list[float]]:
    """Seconds of so many fits as the notebook does them, and of each epoch."""
    x, x_test = dataset.x_train / np.float32(255), dataset.x_test / np.float32(255)
    began, clock = time.perf_counter(), EpochClock()
    for contender in FIVE[:fits]:
        keras.utils.set_random_seed(42)
        hidden = [keras.layers.Dense(n, "relu", kernel_initializer=str(contender)) for n in (256, 128, 64)]
        layers = [keras.layers.Flatten(), *hidden, keras.layers.Dense(10, "softmax")]
        model = keras.Sequential([keras.Input((28, 28)), *layers])
        model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
        settings = {"epochs": 10, "batch_size": 32, "validation_split": 0.2, "verbose": 0}
        model.fit(x, dataset.y_train, callbacks=[clock], **settings)
        model.evaluate(x_test, dataset.y_test, verbose=0)
    return time.perf_counter() - began, clock.seconds


def by_initterm(dataset: Dataset, experiment: Experiment) -> tuple[float, list[tuple[float, TrainingEvent]]]:
    """Seconds of an experiment by the engine, compiling included, and when each event came."""
    forget()
    began = time.perf_counter()
    events = [(time.perf_counter() - began, event) for event in train_on(dataset, experiment)]
    return time.perf_counter() - began, events


def epoch_seconds(events: list[tuple[float, TrainingEvent]]) -> dict[int, list[float]]:
    """Seconds of each epoch by trial, the first one left out, in which a network warms up."""
    seconds = defaultdict(list)
    for _, event in events:
        if isinstance(event, EpochFinished) and event.epoch > 1:
            seconds[event.trial].append(event.seconds)
    return seconds


def against_fit(dataset: Dataset) -> None:
    """An epoch, the notebook's two runs, and five contenders with five seeds each."""
    by_fit(dataset, 1)  # warms caches of both
    fit_total, fit_epochs = by_fit(dataset, FITS_MEASURED)
    _, events = by_initterm(dataset, Experiment())
    ours = statistics.median(second for seconds in epoch_seconds(events).values() for second in seconds)
    _print("epoch, median", statistics.median(fit_epochs), ours, EPOCH_GOAL)
    total, _ = by_initterm(dataset, Experiment(FIVE, seeds=5))
    _print("5 x 5 trials", fit_total / FITS_MEASURED * 25, total, COMPARISON_GOAL)
    print(
        f"                   (25 fits: extrapolated from {FITS_MEASURED}; initterm: compiling and diagnoses included)"
    )


def against_matmul(dataset: Dataset) -> None:
    """Operations of an epoch a second, as a share of what a large product reaches between the runs.

    As usual, six operations are counted for each weight and training image (two forward, four backward), and two for
    each weight and validation image.
    """
    a = tf.random.normal((MATMUL_SIZE, MATMUL_SIZE))
    training = training_count(len(dataset.y_train), 0.2)
    operations = 2 * parameter_count(NetworkSpec()) * (3 * training + len(dataset.y_train) - training)
    rates, best = [], []
    for _ in range(RUNS_BESIDE_MATMUL):
        for _ in range(MATMULS):
            began = time.perf_counter()
            tf.matmul(a, a).numpy()
            best.append(2 * MATMUL_SIZE**3 / (time.perf_counter() - began) / 1e9)
        events = train_on(dataset, Experiment(FIVE[:1]))
        seconds = [event.seconds for event in events if isinstance(event, EpochFinished) and event.epoch > 1]
        rates += [operations / second / 1e9 for second in seconds]
    ours, theirs = statistics.median(rates), statistics.median(best)
    share = f"{ours / theirs:5.0%}   (goal: at least {MATMUL_GOAL:.0%})"
    print(f"GFLOP/s            tf.matmul {theirs:7.0f}     initterm {ours:7.0f}     {share}")


def trials_alike(dataset: Dataset) -> None:
    """Whether a late trial costs what an early one does, in time and in memory."""
    process = psutil.Process()
    experiment = Experiment(FIVE[:1], seeds=TRIALS, epochs=20)
    by_initterm(dataset, Experiment(FIVE[:1], seeds=2, epochs=2))
    before = process.memory_info().rss
    _, events = by_initterm(dataset, experiment)
    grown = (process.memory_info().rss - before) / TRIALS / 2**20
    seconds = {trial: statistics.median(epochs) for trial, epochs in epoch_seconds(events).items()}
    ratio = seconds[TRIALS - 1] / seconds[1]
    state = 3 * 4 * parameter_count(NetworkSpec()) / 2**20
    print(f"26th trial         {ratio - 1:+.0%} seconds an epoch against the 2nd   (goal: within {TRIAL_GOAL:.0%})")
    print(f"memory a trial     {grown:.1f} MiB after the run; weights and Adam's moments are {state:.1f} MiB")


def main() -> None:
    """Measure, and print both sides with their ratio."""
    dataset = random_images()
    print(f"device {device_name()}; the notebook's network, epochs of 4,000 images in batches of 32")
    for measure in (against_fit, against_matmul, trials_alike):
        measure(dataset)


def _print(what: str, fit: float, ours: float, goal: float) -> None:
    print(f"{what:<18} model.fit {fit:7.3f} s   initterm {ours:7.3f} s   {fit / ours:5.1f}x   (goal: at least {goal}x)")


if __name__ == "__main__":
    main()
