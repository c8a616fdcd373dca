"""A chain of 100 layers, four initializers: theory and measurement against a Keras model in a throw-away script.

The script is what people write for want of a tool: a model that gives every layer's output, ``predict``, a tape for the
gradients, and each std by numpy.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import numpy as np

from initterm.engine.runtime import device_name, keras, tf
from initterm.engine.signal.inputs import BATCH
from initterm.engine.signal.measuring import measure
from initterm.experiments.signal.events import SignalMeasured
from initterm.experiments.signal.experiment import SignalExperiment
from initterm.theory.initializers import InitializerSpec
from initterm.theory.propagation import Arrival, Chain, predict

INITIALIZERS = tuple(map(InitializerSpec, ("he_normal", "glorot_uniform", "lecun_normal", "orthogonal")))
CHAIN = Chain((256,) * 100)
RUNS = 3
MEASURED_GOAL, THEORY_GOAL = 5.0, 0.010


def by_script() -> list[list[float]]:
    """Std of activations and of kernels' gradients at each layer, for each initializer, by an ordinary model."""
    stds = []
    for initializer in INITIALIZERS:
        keras.utils.set_random_seed(42)
        inputs = signal = keras.Input((256,))
        outputs = []
        for width in CHAIN.hidden:
            signal = keras.layers.Dense(width, CHAIN.activation, kernel_initializer=str(initializer))(signal)
            outputs.append(signal)
        model = keras.Model(inputs, outputs)
        batch = np.random.default_rng(42).standard_normal((BATCH, 256), np.float32)
        stds.append([float(np.std(output)) for output in model.predict(batch, batch_size=BATCH, verbose=0)])
        with tf.GradientTape() as tape:
            objective = tf.reduce_sum(model(batch)[-1] * np.random.default_rng(1).standard_normal((BATCH, 256)))
        stds[-1] += [float(np.std(gradient)) for gradient in tape.gradient(objective, model.trainable_variables)[::2]]
    return stds


def by_initterm() -> list[SignalMeasured]:
    """The same, and more, by the engine."""
    return [event for event in measure(SignalExperiment(INITIALIZERS, CHAIN)) if isinstance(event, SignalMeasured)]


def main() -> None:
    """Run both, and print both sides with their ratio."""
    print(f"device {device_name()}; {CHAIN.depth} layers of {CHAIN.hidden[0]}, {len(INITIALIZERS)} initializers")
    by_initterm(), by_script()  # warms caches of both
    ours, script = _median(by_initterm), _median(by_script)
    print(f"measured   script {script:7.3f} s   initterm {ours:7.3f} s   {script / ours:5.1f}x")
    print(f"           (goal: initterm within {MEASURED_GOAL:.0f} s)")
    predict(CHAIN, INITIALIZERS, Arrival(256))
    theory = _median(lambda: predict(CHAIN, INITIALIZERS, Arrival(256)))
    print(f"theory     {theory * 1000:7.2f} ms   {ours / theory:,.0f}x faster than measuring")
    print(f"           (goal: under {THEORY_GOAL * 1000:.0f} ms)")


def _median(work: Callable[[], object]) -> float:
    """Seconds, the median of some runs."""
    seconds = []
    for _ in range(RUNS):
        began = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - began)
    return statistics.median(seconds)


if __name__ == "__main__":
    main()
