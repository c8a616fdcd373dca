"""What judges the trials of a person's own model: accuracy where there are classes, else its first metric, its loss."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from initterm.engine.data.example_set import Tree
from initterm.engine.keras_types import Model
from initterm.engine.models.keras_privates import compiled_metrics
from initterm.engine.runtime import keras, tf
from initterm.experiments.metric import ACCURACY, Metric

HitsOf = Callable[[Any, Any], Any]
"""Takes targets and outputs of a batch; returns of each example, or of each place in it, 1 where it is hit, else 0."""

LOSS = Metric("loss", higher_is_better=False, largest=None)

SHARES = (
    keras.metrics.Accuracy,
    keras.metrics.BinaryAccuracy,
    keras.metrics.CategoricalAccuracy,
    keras.metrics.SparseCategoricalAccuracy,
    keras.metrics.TopKCategoricalAccuracy,
    keras.metrics.SparseTopKCategoricalAccuracy,
    keras.metrics.AUC,
    keras.metrics.Precision,
    keras.metrics.Recall,
    keras.metrics.PrecisionAtRecall,
    keras.metrics.RecallAtPrecision,
    keras.metrics.SensitivityAtSpecificity,
    keras.metrics.SpecificityAtSensitivity,
    keras.metrics.FBetaScore,
    keras.metrics.IoU,
)
"""Metrics of which more is better, between 0 and 1."""

UNBOUNDED = (
    keras.metrics.TruePositives,
    keras.metrics.TrueNegatives,
    keras.metrics.CosineSimilarity,
    keras.metrics.R2Score,
    keras.metrics.PearsonCorrelation,
    keras.metrics.ConcordanceCorrelation,
)
"""Other metrics of which more is better."""

LESS_IS_BETTER = re.compile(
    r"error|loss|mse|mae|mape|msle|rmse|entropy|hinge|divergence|kld|poisson|log_?cosh|distance|perplexity|false|"
    r"(^|_)(cer|wer|fid)(_|$)"
)
"""What the names have in common of metrics of which less is better, Keras's among them."""


@dataclass(frozen=True)
class Judge:
    """What judges: the metric, and how it is had.

    ``hits`` are those of accuracy; without them ``of_model`` says that the model's own metrics are kept, and the value
    of the one with the metric's name is taken; else the loss judges. ``each`` says that each example is hit or not.
    """

    metric: Metric = LOSS
    hits: HitsOf | None = None
    of_model: bool = False
    each: bool = False


def judge_of(model: Model, y: Tree, output: Tree, *, classes: bool) -> Judge:
    """What judges a compiled model.

    Args:
        model: which was built with its metrics.
        y: targets of a batch.
        output: what the model makes of it.
        classes: whether the targets are labels of classes, or rows that name one.
    """
    found = accuracy_of(y, output) if classes else None
    if found is not None:
        return Judge(ACCURACY, found, each=tuple(found(y, output).shape) == (len(y),))
    for metric in _metrics_of(model):
        return Judge(metric, of_model=True)
    return Judge()


def accuracy_of(y: Tree, output: Tree) -> HitsOf | None:
    """Which examples are hit, by the shapes of targets and outputs; None where they aren't classes."""
    if not (hasattr(y, "shape") and hasattr(output, "shape")) or not len(output.shape):
        return None
    target, put_out, classes = tuple(y.shape), tuple(output.shape), int(output.shape[-1])
    if len(put_out) > 1 and classes > 1:
        if target == put_out:
            return _of_rows
        return _of_labels if target in (put_out[:-1], (*put_out[:-1], 1)) else None
    same = int(np.prod(target)) == int(np.prod(put_out)) and bool(np.isin(np.asarray(y), (0, 1)).all())
    return _of_yes(bool(np.all((np.asarray(output) >= 0) & (np.asarray(output) <= 1)))) if same else None


def _of_labels(y: Any, output: Any) -> Any:
    labels = tf.reshape(y, tf.shape(output)[:-1])
    return tf.cast(_most_probable(output) == tf.cast(labels, tf.int32), tf.float32)


def _of_rows(y: Any, output: Any) -> Any:
    return tf.cast(_most_probable(output) == _most_probable(y), tf.float32)


def _of_yes(probabilities: bool) -> HitsOf:
    """Of one output, a probability or a logit of it."""
    least = 0.5 if probabilities else 0.0

    def hits(y: Any, output: Any) -> Any:
        same = (tf.cast(output, tf.float32) > least) == (tf.reshape(tf.cast(y, tf.float32), tf.shape(output)) > 0.5)
        return tf.cast(tf.reshape(same, tf.shape(y)[:1]) if output.shape[1:] == (1,) else same, tf.float32)

    return hits


def _most_probable(scores: Any) -> Any:
    return tf.argmax(scores, axis=-1, output_type=tf.int32)


def _metrics_of(model: Model) -> Iterator[Metric]:
    """The model's own metrics as it was compiled, in its order, as their values are named."""
    for name, metric in compiled_metrics(model):
        kind = f"{type(metric).__name__} {metric.name}".lower()
        if isinstance(metric, SHARES):
            yield Metric(name)
        else:
            higher = isinstance(metric, UNBOUNDED) or not LESS_IS_BETTER.search(kind)
            yield Metric(name, higher, None)
