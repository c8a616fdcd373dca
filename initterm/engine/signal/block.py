"""A layer of a chain, made of Keras layers, and a batch's way through it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from initterm.engine.networks.fitting import FitLayer
from initterm.engine.networks.network import activation_layer
from initterm.engine.runtime import keras, tf
from initterm.engine.weights.drawing import keras_initializer
from initterm.theory.initializers import InitializerSpec
from initterm.theory.propagation import Chain
from initterm.theory.shapes import Shape


class Block:
    """One layer of a chain, of Keras layers: Dense, batch normalization if asked for, activation, residual sum."""

    def __init__(self, chain: Chain, shape: Shape) -> None:
        self.shape = shape
        self._dense = keras.layers.Dense(shape.fan_out, kernel_initializer="zeros")
        self._dense.build((None, shape.fan_in))
        self._norm = keras.layers.BatchNormalization() if chain.batch_norm else None
        self._activation = activation_layer(chain.activation)
        self._summed = chain.residual and shape.fan_in == shape.fan_out

    def draw(self, initializer: InitializerSpec, seed: int, bias_std: float) -> None:
        """Take new weights from Keras's initializers."""
        self._dense.kernel.assign(keras_initializer(initializer, seed)(self.shape.dims, dtype="float32"))
        biases = keras.initializers.RandomNormal(stddev=bias_std, seed=seed) if bias_std else keras.initializers.Zeros()
        self._dense.bias.assign(biases((self.shape.fan_out,)))

    def fit(self, batch: Any, fit_layer: FitLayer) -> Any:
        """Fit the kernel by Dense's output on a batch (n, fan_in); what the block makes of the batch then."""
        fit_layer(self._dense.kernel, lambda: self._dense(batch))
        return self.forward(batch).after

    def forward(self, before: Any) -> ForwardPass:
        """Send a batch (batch, fan_in) through."""
        kernel = self._dense.kernel.value
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch([before, kernel])
            dense = self._dense(before)
            normed = self._norm(dense, training=True) if self._norm else dense
            after = self._activation(normed)
            after = before + after if self._summed else after
        return ForwardPass(tape, before, kernel, dense, normed, after)

    def passed(self, before: Any) -> tuple[Any, Any]:
        """Dense's output and the block's of a batch (batch, fan_in), where there is no normalization."""
        dense = self._dense(before)
        after = self._activation(dense)
        return dense, before + after if self._summed else after

    def slopes(self, normed: Any) -> Any:
        """The activation's slope at each of its inputs."""
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(normed)
            after = self._activation(normed)
        return tape.gradient(after, normed)


@dataclass(frozen=True, eq=False)
class ForwardPass:
    """A batch's way through a block: what came, Dense's output, that after any normalization, and what left."""

    tape: Any
    before: Any
    kernel: Any
    dense: Any
    normed: Any
    after: Any

    def back(self, gradient: Any) -> tuple[Any, Any]:
        """The gradients with respect to what came and to the kernel, of one with respect to what left."""
        before, kernel = self.tape.gradient(self.after, [self.before, self.kernel], output_gradients=gradient)
        return before, kernel
