"""What one step of training would do to a person's own model: gradients, the size of the update, its answers."""

from __future__ import annotations

from typing import Any

from initterm.engine.data.example_set import Tree
from initterm.engine.keras_types import Model, Variable
from initterm.engine.models.keras_privates import loss_of, output_of
from initterm.engine.runtime import tf
from initterm.engine.training.own_metric import Judge
from initterm.engine.training.trainable import Probed


class OwnProbe:
    """Takes a step and looks at it; whoever calls it restores the state.

    First and last kernel are those of the model's trainable tensors that have two dimensions or more, in its order.
    """

    def __init__(self, model: Model, optimizer: Any, judge: Judge) -> None:
        self._model, self._optimizer, self._judge = model, optimizer, judge
        self._measure = tf.function(self._measured, autograph=False)

    def __call__(self, x: Tree, y: Tree, weights: Tree) -> Probed:
        """What a step would do on a batch: numbers of ``Diagnosed``, by name; what has no meaning is left out."""
        return {name: float(value) for name, value in self._measure(x, y, weights).items()}

    def _measured(self, x: Tree, y: Tree, weights: Tree) -> dict[str, Any]:
        variables = self._model.trainable_variables
        with tf.GradientTape() as tape:
            output = output_of(self._model, x, training=True)
            loss = loss_of(self._model, x, y, output, weights, training=True)
            scaled = self._optimizer.scale_loss(loss)
        gradients = tape.gradient(scaled, variables)
        scale = tf.cast(loss, tf.float32) / tf.cast(scaled, tf.float32)
        kernels = [index for index, variable in enumerate(variables) if _is_kernel(variable)]
        before = [tf.identity(variables[index].value) for index in kernels]
        self._optimizer.apply(gradients, variables)
        changes = [variables[index].value - old for index, old in zip(kernels, before, strict=True)]
        return {
            "loss": loss,
            **(self._of_gradients([gradients[index] for index in kernels], scale) if kernels else {}),
            **({"update_ratio": _norm(changes) / _norm(before)} if kernels else {}),
            **self._of_answers(output),
        }

    def _of_gradients(self, gradients: list[Any], scale: Any) -> dict[str, Any]:
        known = [gradient for gradient in gradients if gradient is not None]
        if not known:
            return {}
        return {"gradient_first": _norm(known[:1]) * scale, "gradient_last": _norm(known[-1:]) * scale}

    def _of_answers(self, output: Any) -> dict[str, Any]:
        """How the probabilities of classes differ between examples, and how many classes are answered."""
        if not self._judge.each or len(output.shape) != 2 or output.shape[-1] < 2:
            return {}
        scores = tf.cast(output, tf.float32)
        sums = tf.reduce_sum(scores, axis=1)
        shares = tf.reduce_all(scores >= 0) & tf.reduce_all(tf.abs(sums - 1) < SUM_TOLERANCE)
        probabilities = tf.where(shares, scores, tf.nn.softmax(scores))
        return {
            "answer_spread": tf.reduce_max(tf.math.reduce_std(probabilities, axis=0)),
            "answers": tf.size(tf.unique(tf.argmax(scores, axis=1)).y),
        }


SUM_TOLERANCE = 0.01
"""How far from 1 the sum of probabilities may be."""


def _is_kernel(variable: Variable) -> bool:
    return len(variable.shape) > 1


def _norm(tensors: list[Any]) -> Any:
    """The Euclidean norm of all together; of an embedding's gradient that of the rows it has."""
    return tf.linalg.global_norm([tf.cast(tf.convert_to_tensor(one), tf.float32) for one in tensors])
