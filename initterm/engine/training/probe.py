"""What one step of training would do, from inside: gradients, dead and saturated units, the size of the update."""

from __future__ import annotations

from typing import Any

from initterm.engine.keras_types import ActivationLayer, Functional, Layer
from initterm.engine.networks.network import OptimizerStep, hidden_layers
from initterm.engine.runtime import keras, tf
from initterm.theory.activation import ActivationRow
from initterm.theory.activations import BY_NAME

SATURATED_SLOPE = 0.05
"""An output is saturated where the slope of its activation is less than this share of the steepest slope."""

LEAST_PROBABILITY = 1e-30
"""Probabilities under it, which float32 hardly has, count as this."""


class Probe:
    """Takes a step and looks at it; whoever calls it restores the state."""

    def __init__(self, model: Functional, step: OptimizerStep) -> None:
        self._model = model
        self._step = step
        pairs = list(hidden_layers(model))
        self._hidden = [dense for dense, _ in pairs]
        self._activations = [activation for _, activation in pairs]
        self._kernels = [layer.kernel for layer in model.layers if isinstance(layer, keras.layers.Dense)]
        inside = [layer.input for layer in self._activations]
        self._opened = keras.Model(model.inputs, [*inside, model.outputs[0]])
        self._measure = tf.function(self._measured, autograph=False)

    def __call__(self, x: Any, y: Any) -> dict[str, float]:
        """What a step would do on images ``x`` (n, ...) with labels ``y`` (n,): numbers of ``Diagnosed``, by name.

        One may be infinite or NaN; what has no meaning is left out.
        """
        return {name: float(value) for name, value in self._measure(x, y).items()}

    def _measured(self, x: Any, y: Any) -> dict[str, Any]:
        with tf.GradientTape() as tape:
            *inside, probabilities = self._opened(x, training=True)
            loss = tf.reduce_mean(keras.losses.sparse_categorical_crossentropy(y, probabilities))
        variables = self._model.trainable_variables
        gradients = tape.gradient(loss, variables)
        of_kernel = {variable.path: gradient for variable, gradient in zip(variables, gradients, strict=True)}
        first, last = self._kernels[0], self._kernels[-1]
        results = {
            "loss": loss,
            "gradient_first": tf.norm(of_kernel[first.path]),
            "gradient_last": tf.norm(of_kernel[last.path]),
            "answer_spread": tf.reduce_max(tf.math.reduce_std(probabilities, axis=0)),
            "answers": tf.size(tf.unique(tf.argmax(probabilities, axis=1)).y),
            **self._of_units(inside),
            **self._of_symmetry(),
        }
        before = [tf.identity(kernel.value) for kernel in self._kernels]
        self._step(gradients)
        changes = [kernel - old for kernel, old in zip(self._kernels, before, strict=True)]
        *inside_then, probabilities_then = self._opened(x, training=True)
        moved = _log_probabilities(probabilities_then) - _log_probabilities(probabilities)
        moved -= tf.reduce_mean(moved, axis=1, keepdims=True)
        return {
            **results,
            "update_ratio": tf.linalg.global_norm(changes) / tf.linalg.global_norm(before),
            "logit_change": _root_mean_square(moved),
            **({"feature_change": _root_mean_square(inside_then[-1] - inside[-1])} if inside else {}),
        }

    def _of_units(self, inside: list[Any]) -> dict[str, Any]:
        """The shares of dead units and of saturated outputs, as far as the activation has a slope of its own."""
        row = next((row for layer in self._activations if (row := _row(layer))), None)
        if not inside or (row and row.curve is None):
            return {}
        slopes = [tf.abs(_slope(layer, z)) for layer, z in zip(self._activations, inside, strict=True)]
        dead = tf.concat([tf.reduce_max(slope, axis=0) == 0 for slope in slopes], axis=0)
        results = {"dead": _share(dead)}
        if row and row.saturates:
            steepest = row.activation().steepest
            flat = tf.concat([slope < SATURATED_SLOPE * steepest for slope in slopes], axis=1)
            results["saturated"] = _share(flat)
        return results

    def _of_symmetry(self) -> dict[str, Any]:
        spreads = [
            tf.math.divide_no_nan(
                tf.reduce_max(tf.abs(layer.kernel - layer.kernel[:, :1])), tf.reduce_max(tf.abs(layer.kernel))
            )
            for layer in self._hidden
            if layer.units > 1
        ]
        return {"unit_spread": tf.reduce_max(spreads)} if spreads else {}


def _log_probabilities(probabilities: Any) -> Any:
    """Logits up to a common addend."""
    return tf.math.log(tf.maximum(probabilities, LEAST_PROBABILITY))


def _row(layer: Layer) -> ActivationRow | None:
    """What the catalogue knows of a layer's activation; None of a formula, and of what has parameters."""
    return BY_NAME.get(getattr(getattr(layer, "activation", None), "__name__", ""))


def _slope(activation: ActivationLayer, z: Any) -> Any:
    """The slope of the activation at each input, as automatic differentiation gives it."""
    with tf.GradientTape() as tape:
        tape.watch(z)
        output = activation(z)
    return tape.gradient(output, z)


def _root_mean_square(numbers: Any) -> Any:
    return tf.sqrt(tf.reduce_mean(tf.square(numbers)))


def _share(flags: Any) -> Any:
    return tf.reduce_mean(tf.cast(flags, tf.float32))
