"""Sound models, looked at by the audit's own checks of values."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np

from initterm.engine.audit.auditing import measured, subjects
from initterm.engine.audit.value_checks import VALUE_CHECKS
from initterm.engine.models.opened import OpenedModel
from initterm.engine.models.tensors import Tensor
from initterm.engine.runtime import keras
from initterm.engine.weights.drawing import keras_initializer
from initterm.experiments.calibration.promise import Outcomes
from initterm.experiments.calibration.simulations import SoundModels
from initterm.experiments.weights.events import DOUBTFUL
from initterm.theory.numbers import LARGEST_SEED

layers = keras.layers


def model_outcomes(models: SoundModels, rng: np.random.Generator, experiments: int) -> Iterator[Outcomes]:
    """What is said of each of so many models, drawn anew from seeds of their own."""
    opened = itertools.cycle([OpenedModel(sound_model(dtype)) for dtype in models.dtypes])
    for model in itertools.islice(opened, experiments):
        for tensor in model.tensors:
            _draw_anew(tensor, int(rng.integers(LARGEST_SEED, endpoint=True)))
        audited_tensors = subjects(model, list(map(measured, model.tensors)))
        told = [one.told for one in audited_tensors]
        yield {
            "alarm": any(row.check(one) for one in audited_tensors for row in VALUE_CHECKS),
            "p < 0.01": _least([one.p_value for one in told]) < DOUBTFUL,
        }


def _least(p_values: list[float | None]) -> float:
    """The least of those there are, times their number."""
    known = [p_value for p_value in p_values if p_value is not None]
    return len(known) * min(known)


def sound_model(dtype: str) -> Any:
    """A small built model with a tensor of each kind of role and of law, in a type of numbers."""
    images, words = keras.Input((8, 8, 3), dtype=dtype), keras.Input((6,), dtype="int32")
    seen = layers.Conv2D(16, 3, activation="relu", kernel_initializer="he_normal", dtype=dtype)(images)
    seen = layers.GlobalAveragePooling2D(dtype=dtype)(seen)
    recurrent = "glorot_uniform" if dtype == "bfloat16" else "orthogonal"  # of which TensorFlow has no QR
    read = layers.LSTM(8, recurrent_initializer=recurrent, dtype=dtype)(layers.Embedding(50, 8, dtype=dtype)(words))
    both = layers.Concatenate(dtype=dtype)([seen, read])
    hidden = layers.Dense(32, "tanh", kernel_initializer="lecun_normal", dtype=dtype)(both)
    hidden = layers.Dense(32, "relu", kernel_initializer="he_uniform", dtype=dtype)(hidden)
    return keras.Model([images, words], layers.Dense(10, "softmax", dtype=dtype)(hidden))


def _draw_anew(tensor: Tensor, seed: int) -> None:
    """By its own declaration, as another seed has it; what isn't left to chance stays."""
    if tensor.spec and tensor.spec.family.random:
        tensor.variable.assign(keras_initializer(tensor.spec, seed)(tensor.dims, dtype=tensor.dtype))
