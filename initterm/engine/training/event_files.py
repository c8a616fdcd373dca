"""TensorBoard's event files, by TensorFlow's own writer: scalars of each trial, histograms of its weights.

The summaries are written as tensors with the metadata of TensorBoard's plugins (``tensorboard.plugins.scalar`` and
``.histogram``, version 0 of both), for which the package tensorboard itself isn't needed.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from initterm.engine.runtime import tf
from initterm.experiments.metric import ACCURACY, Metric
from initterm.experiments.training.events import Diagnosed, EpochFinished, TrainingEvent, TrialFinished
from initterm.experiments.training.experiment import Trial

BINS = 30
EPOCH_SCALARS = {
    "loss": "loss/training",
    "val_loss": "loss/validation",
    "accuracy": "{metric}/training",
    "val_accuracy": "{metric}/validation",
    "seconds": "seconds",
}
OF_METRIC = "{metric}/"
DIAGNOSED_SCALARS = {
    "gradient_first": "gradient norm/first layer",
    "gradient_last": "gradient norm/last layer",
    "dead": "units/dead",
    "saturated": "units/saturated",
    "update_ratio": "update to weight ratio",
}


class EventFiles(ExitStack):
    """A folder of event files, in it one folder a trial, such as ``he_normal, seed 42``; use it as a context.

    Args:
        folder: where it goes; made where it isn't there.
        metric: what judges, by whose name scalars are called that are an accuracy else; may be set before the first.
    """

    def __init__(self, folder: Path, metric: Metric = ACCURACY) -> None:
        super().__init__()
        self._folder, self.metric = folder, metric
        self._writers: dict[int, Any] = {}

    def record(self, trial: Trial, event: TrainingEvent) -> None:
        """Write the scalars of an epoch, of a diagnosis, or of the test; steps are epochs."""
        match event:
            case EpochFinished():
                self._write_scalars(trial, event.epoch, event, EPOCH_SCALARS)
            case Diagnosed():
                self._write_scalars(trial, event.epoch, event, DIAGNOSED_SCALARS)
            case TrialFinished(status="finished" | "stopped"):
                tested = {"test_loss": "loss/test", "test_accuracy": "{metric}/test"}
                self._write_scalars(trial, 0, event, tested)

    def record_weights(self, trial: Trial, epoch: int, weights: Iterator[tuple[str, NDArray[np.float32]]]) -> None:
        """Write a histogram of each variable."""
        for name, values in weights:
            finite = values[np.isfinite(values)]
            if finite.size:
                self._write(trial, f"weights/{name}", _histogram(finite), epoch, "histograms")

    def _write_scalars(self, trial: Trial, step: int, event: TrainingEvent, names: dict[str, str]) -> None:
        for field, tag in names.items():
            if self.metric.is_loss and tag.startswith(OF_METRIC):
                continue  # written as the loss that it is
            if (value := getattr(event, field)) is not None:
                self._write(trial, tag.format(metric=self.metric.name), np.float32(value), step, "scalars")

    def _write(self, trial: Trial, tag: str, value: Any, step: int, plugin: str) -> None:
        if trial.index not in self._writers:
            self._writers[trial.index] = writer = tf.summary.create_file_writer(str(self._folder / str(trial)))
            self.callback(writer.close)
        with self._writers[trial.index].as_default():
            tf.summary.write(tag, tf.constant(value), step=step, metadata=_metadata(plugin))


def _histogram(values: NDArray[np.float32]) -> NDArray[np.float64]:
    """Rows of left edge, right edge and count, (BINS, 3)."""
    counts, edges = np.histogram(values.astype(np.float64), bins=BINS)
    return np.stack([edges[:-1], edges[1:], counts], axis=1)


def _metadata(plugin: str) -> Any:
    proto = tf.compat.v1.SummaryMetadata
    kind = tf.compat.v1.SummaryMetadata.PluginData(plugin_name=plugin)
    # DataClass of tensorboard.compat.proto.summary: 1 is scalar, 2 is tensor.
    return proto(plugin_data=kind, data_class=1 if plugin == "scalars" else 2)
