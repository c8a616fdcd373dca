"""A person's own model compiled as it shall be trained: optimizer, loss and what judges, and where each comes from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from initterm.engine.data.example_set import Tree
from initterm.engine.keras_types import Model
from initterm.engine.memory import ran_out
from initterm.engine.models.keras_privates import (
    has_own_step,
    output_of,
    prepared_for,
)
from initterm.engine.models.opened import OpenedModel
from initterm.engine.models.printing import printing_to_stderr
from initterm.engine.runtime import keras
from initterm.engine.training.convolutions import products_counted
from initterm.engine.training.on_device import ExamplesOnDevice
from initterm.engine.training.own_loss import loss_for
from initterm.engine.training.own_metric import Judge, judge_of
from initterm.experiments.training.events import SettledBy
from initterm.experiments.training.experiment import Experiment
from initterm.theory.numbers import plain
from initterm.theory.refusal import Refusal, sentence_of

FEW = 32
"""Examples that tell what a model puts out."""


@dataclass(frozen=True)
class Compiled:
    """How a model is compiled now, in words, where optimizer and loss come from, and what judges.

    ``products`` is how many its convolutions make for one example.
    """

    optimizer: str
    optimizer_from: SettledBy
    loss: str
    loss_from: SettledBy
    judge: Judge
    products: int = 0


def compiled(opened: OpenedModel, experiment: Experiment, examples: ExamplesOnDevice, *, classes: bool) -> Compiled:
    """Compile a model for an experiment: by what it is compiled with, as far as settings leave it that.

    Args:
        opened: the model; what it was compiled with is replaced where settings say so.
        experiment: whose model it is.
        examples: of all kinds that it will be trained with.
        classes: whether the targets are labels of classes, or rows that name one.

    Raises:
        Refusal: it has weights that don't train, trains in a way of its own, or examples don't fit it or its loss.
    """
    model = opened.model
    _refuse_untrainable(model, experiment.own.model)
    x, y, weights = examples.at(np.arange(min(FEW, examples.count), dtype=np.int32))
    with products_counted() as products, printing_to_stderr():
        output = _put_out(model, x, experiment.own.model)
    optimizer, optimizer_from = _optimizer(model, experiment)
    loss, words, loss_from = loss_for(opened, experiment.own.loss, y, output)
    try:
        with printing_to_stderr():
            model_of(model).compile(optimizer=optimizer, loss=loss, jit_compile=False)
            prepared_for(model, (x, y, weights))
    except Exception as error:
        if ran_out(error):
            raise
        raise Refusal(
            f"{experiment.own.model} can't be trained by {words} on these examples: {sentence_of(error)} "
            "Name another with --loss, or other data with --train-data."
        ) from error
    labelled = classes or "categorical crossentropy" in words
    return Compiled(
        optimizer_words(optimizer),
        optimizer_from,
        words,
        loss_from,
        judge_of(model, y, output, classes=labelled),
        sum(products),
    )


def model_of(model: Model) -> Any:
    """Keras's own methods of a model, which have no types."""
    return model


def _refuse_untrainable(model: Model, name: str) -> None:
    if not model.trainable_variables:
        raise Refusal(f"{name} has no weights to train; all of them are frozen.")
    if has_own_step(model):
        raise Refusal(
            f"{name} has a train_step of its own, so how it trains can't be told; take a model that trains as "
            "keras.Model does."
        )


def _put_out(model: Model, x: Tree, name: str) -> Any:
    """What a model makes of a few examples.

    Raises:
        Refusal: it can't take them.
    """
    try:
        return output_of(model, x, training=False)
    except Exception as error:
        if ran_out(error):
            raise
        raise Refusal(f"{name} can't take these examples: {sentence_of(error)}") from error


def _optimizer(model: Model, experiment: Experiment) -> tuple[Any, SettledBy]:
    """The model's own optimizer, begun anew, or that of the settings."""
    own = getattr(model, "optimizer", None)
    if experiment.own.own_optimizer and own is not None:
        own = getattr(own, "inner_optimizer", own)
        return type(own).from_config(own.get_config()), "model"
    found = keras.optimizers.get({"class_name": experiment.optimizer, "config": {}})
    found.learning_rate = experiment.learning_rate
    return found, "settings"


def optimizer_words(optimizer: Any) -> str:
    """``Adam 0.001``; a rate that changes has its schedule's name."""
    optimizer = getattr(optimizer, "inner_optimizer", optimizer)
    rate = optimizer.get_config().get("learning_rate")
    told = plain(float(rate)) if isinstance(rate, int | float | np.floating) else (rate or {}).get("class_name", "")
    return f"{type(optimizer).__name__} {told}".strip()
