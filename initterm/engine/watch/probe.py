"""What a training does inside a model, looked at between two of its steps and without a trace left behind."""

from __future__ import annotations

import math
import time
from typing import Any

import numpy as np

from initterm.engine.data.example_set import ExampleSet
from initterm.engine.keras_types import Model
from initterm.engine.models.keras_privates import compiled_loss, has_own_step, loss_of, output_of
from initterm.engine.models.tensors import Tensor, tensors_of
from initterm.engine.runtime import keras, tf
from initterm.engine.training.on_device import ExamplesOnDevice
from initterm.engine.training.own_loss import loss_words
from initterm.engine.watch.noted import Noted, running_noted
from initterm.experiments.message import Number, finite
from initterm.experiments.watch.events import Numbers, ProbeReady, StepWatched
from initterm.theory.refusal import Refusal

SUM_TOLERANCE = 0.01
"""How far from 1 the sum of probabilities may be."""

Copies = list[Any]
"""Of each tensor that is looked at, its numbers at some moment."""


class StepProbe:
    """Looks at a compiled model with one batch; all state is as it was after each look.

    Args:
        model: built.
        examples: the batch.

    Raises:
        Refusal: it trains by a step of its own, or nothing in it is trained.
    """

    def __init__(self, model: Model, examples: ExampleSet) -> None:
        began = time.perf_counter()
        if has_own_step(model):
            raise Refusal("The model trains by a step of its own, whose gradients nobody else knows.")
        inside: Any = model
        self._model, self._optimizer = model, inside.optimizer
        on_device = ExamplesOnDevice(examples.x, examples.y, examples.weights)
        self._batch, self._count = on_device.tree(on_device.parts), len(examples)
        self._trained = list(model.trainable_variables)
        trained = {id(variable) for variable in self._trained}
        self.tensors = [one for one in tensors_of(model) if id(one.variable) in trained and _is_kernel(one)]
        if not self.tensors:
            raise Refusal("No kernel or table is trained in the model.")
        self._states = _states_of(model, trained)
        self.layers: list[str] = []
        self.units: list[str] = []
        self.classes = 0
        self._measure = tf.function(self._measured, autograph=False).get_concrete_function(self.weights())
        self._seconds = time.perf_counter() - began

    def ready(self) -> ProbeReady:
        """What each number of the looks is of."""
        names = tuple(one.path for one in self.tensors)
        return ProbeReady(names, tuple(self.layers), tuple(self.units), self._count, self.classes, self._seconds)

    def weights(self) -> Copies:
        """The weights as they are, kept for a look after the next step."""
        return [one.variable.value.read_value() for one in self.tensors]

    def __call__(self, epoch: int, step: int, before: Copies | None) -> StepWatched:
        """What is seen now, after a step before which the weights were these; None where that isn't known."""
        began = time.perf_counter()
        told = {name: value.numpy() for name, value in self._measure(before or self.weights()).items()}
        stepped = before is not None
        return StepWatched(
            epoch=epoch,
            step=step,
            loss=_number(told["loss"]),
            gradient=_number(told["gradient"]),
            update_ratio=_number(told["update_ratio"]) if stepped else None,
            gradients=_numbers(told["gradients"]),
            weights=_numbers(told["weights"]),
            update_ratios=_numbers(told["update_ratios"]) if stepped else (None,) * len(self.tensors),
            signals=_numbers(told["signals"]),
            dead=_numbers(told["dead"]),
            saturated=_numbers(told["saturated"]),
            unit_spread=_number(told["unit_spread"]) if "unit_spread" in told else None,
            answer_spread=_number(told["answer_spread"]) if "answers" in told else None,
            answers=int(told["answers"]) if "answers" in told else None,
            seconds=time.perf_counter() - began,
        )

    def _measured(self, before: Copies) -> dict[str, Any]:
        kept = [(state, state.read_value()) for state in self._states]
        x, y, weights = self._batch
        with tf.GradientTape() as tape, running_noted() as noted:
            output = output_of(self._model, x, training=True)
            loss = loss_of(self._model, x, y, output, weights, training=True)
            scaled = self._optimizer.scale_loss(loss)
        gradients = tape.gradient(scaled, self._trained)
        scale = tf.cast(loss, tf.float32) / tf.cast(scaled, tf.float32)
        told = {
            "loss": tf.cast(loss, tf.float32),
            **self._of_gradients(gradients, scale),
            **self._of_weights(before),
            **self._of_layers(noted, keras.tree.flatten(output)),
            **self._of_answers(output),
        }
        for state, value in kept:
            state.assign(value)
        return told

    def _of_gradients(self, gradients: list[Any], scale: Any) -> dict[str, Any]:
        by_variable = {id(one): gradient for one, gradient in zip(self._trained, gradients, strict=True)}
        norms = [_norm([by_variable[id(one.variable)]]) * scale for one in self.tensors]
        return {"gradient": _norm(gradients) * scale, "gradients": tf.stack(norms)}

    def _of_weights(self, before: Copies) -> dict[str, Any]:
        now = [tf.cast(one.variable.value, tf.float32) for one in self.tensors]
        then = [tf.cast(one, tf.float32) for one in before]
        changes, norms = [tf.norm(a - b) for a, b in zip(now, then, strict=True)], [tf.norm(one) for one in then]
        spreads = [_spread(values) for values in self._hidden_kernels(now)]
        return {
            "weights": tf.stack([tf.norm(one) for one in now]),
            "update_ratios": tf.stack([change / norm for change, norm in zip(changes, norms, strict=True)]),
            "update_ratio": tf.norm(tf.stack(changes)) / tf.norm(tf.stack(norms)),
            **({"unit_spread": tf.reduce_max(tf.stack(spreads))} if spreads else {}),
        }

    def _hidden_kernels(self, values: Copies) -> Copies:
        """The values of kernels of several units, but for the last one."""
        kernels = [value for one, value in zip(self.tensors, values, strict=True) if _has_units(one)]
        return kernels[:-1]

    def _of_layers(self, noted: Noted, outputs: list[Any]) -> dict[str, Any]:
        """By layer, whose names are known from now on."""
        layers, units = noted.layers(), noted.hidden_units(outputs)
        self.layers = [self._name(layer) for layer, _ in layers]
        self.units = [self._name(one.owner) for one in units]
        signals = [tf.math.reduce_std(tf.cast(output, tf.float32)) for _, output in layers]
        measured = [one.measured() for one in units]
        return {
            "signals": _stacked(signals),
            "dead": _stacked([dead for dead, _ in measured]),
            "saturated": _stacked([flat for _, flat in measured]),
        }

    def _name(self, layer: Any) -> str:
        path = str(getattr(layer, "path", None) or layer.name)
        return path.removeprefix(f"{self._model.name}/")

    def _of_answers(self, output: Any) -> dict[str, Any]:
        """How the probabilities of classes differ between examples, and how many classes are answered."""
        self.classes = _classes(loss_words(compiled_loss(self._model)), output)
        if self.classes < 2 or len(output.shape) != 2 or output.shape[-1] < 2:
            return {}
        scores = tf.cast(output, tf.float32)
        shares = tf.reduce_all(scores >= 0) & tf.reduce_all(tf.abs(tf.reduce_sum(scores, axis=1) - 1) < SUM_TOLERANCE)
        probabilities = tf.where(shares, scores, tf.nn.softmax(scores))
        return {
            "answer_spread": tf.reduce_max(tf.math.reduce_std(probabilities, axis=0)),
            "answers": tf.size(tf.unique(tf.argmax(scores, axis=1)).y),
        }


def _states_of(model: Model, trained: set[int]) -> list[Any]:
    """What a run of the model may change and isn't trained: statistics, random generators, metrics."""
    inside: Any = model
    of_metrics = [variable for metric in inside.metrics for variable in metric.variables]
    states = {id(one): one.value for one in (*inside.variables, *of_metrics) if id(one) not in trained}
    return list(states.values())


def _classes(loss: str, output: Any) -> int:
    """How many classes a loss by these words tells apart; 0 of any other."""
    if keras.tree.is_nested(output) or "crossentropy" not in loss:
        return 0
    return 2 if loss.startswith("binary") else int(output.shape[-1] or 0)


def _is_kernel(tensor: Tensor) -> bool:
    return len(tensor.dims) > 1 and tensor.role != "bias"


def _has_units(tensor: Tensor) -> bool:
    return tensor.role == "kernel" and tensor.dims[-1] > 1


def _spread(kernel: Any) -> Any:
    """The largest difference between a kernel's units, by its largest weight."""
    return tf.math.divide_no_nan(tf.reduce_max(tf.abs(kernel - kernel[..., :1])), tf.reduce_max(tf.abs(kernel)))


def _norm(gradients: list[Any]) -> Any:
    """The Euclidean norm of all together; NaN of none."""
    known = [tf.cast(tf.convert_to_tensor(one), tf.float32) for one in gradients if one is not None]
    return tf.linalg.global_norm(known) if known else tf.constant(math.nan)


def _stacked(numbers: list[Any]) -> Any:
    return tf.stack(numbers) if numbers else tf.zeros(0)


def _number(value: Any) -> Number:
    return finite(float(value))


def _numbers(values: Any) -> Numbers:
    return tuple(map(_number, np.asarray(values)))
