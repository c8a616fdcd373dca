"""Layers as distributions of their single numbers: measured, and before that as theory has them for wide layers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from statistics import NormalDist
from typing import Literal

import numpy as np

from initterm.experiments.message import Number
from initterm.experiments.signal.board import SignalBoard
from initterm.experiments.signal.events import PROBABILITIES, Oddity
from initterm.experiments.signal.summaries import LayerSummary
from initterm.theory.arrays import Floats

Quantity = Literal["signal", "gradient"]


@dataclass(frozen=True)
class RidgeRow:
    """A layer: the quantiles of its numbers at ``PROBABILITIES``, empty where something odd says why; and their std."""

    layer: int
    quantiles: tuple[float, ...]
    std: Number
    oddity: Oddity = ""


@dataclass(frozen=True)
class Ridge:
    """A contender's layers, from the first on; ``start`` is the std where the signal or the gradient sets out."""

    rows: tuple[RidgeRow, ...]
    start: float
    measured: bool


def ridge(board: SignalBoard, contender: int, quantity: Quantity) -> Ridge | None:
    """What is known of the numbers of each layer; None where it is nothing."""
    layers = board.layers(contender)
    rows = list(_measured(layers, quantity) if layers else _predicted(board, contender, quantity))
    stds = [row.std for row in (rows if quantity == "signal" else reversed(rows)) if row.std]
    return Ridge(tuple(rows), stds[0], bool(layers)) if stds else None


def _measured(layers: Sequence[LayerSummary], quantity: Quantity) -> Iterator[RidgeRow]:
    for one in layers:
        if quantity == "signal":
            row = RidgeRow(one.layer, one.activation_quantiles, one.activation.median, one.oddity)
        else:
            row = RidgeRow(one.layer, one.gradient_quantiles, one.gradient.median, one.gradient_oddity)
        if row.quantiles or row.oddity:
            yield row


def _predicted(board: SignalBoard, contender: int, quantity: Quantity) -> Iterator[RidgeRow]:
    """φ of a normal pre-activation, which is what a wide plain layer has; gradients are sums over units, and normal."""
    chain = board.experiment.chain
    prediction = board.predictions[contender] if board.predictions else None
    if prediction is None or prediction.silent or (quantity == "signal" and (chain.batch_norm or chain.residual)):
        return
    stds = prediction.activation_std if quantity == "signal" else prediction.gradient_std(chain.depth)
    scales = prediction.preactivation_std if quantity == "signal" else stds
    for layer in board.experiment.told_layers if len(stds) else ():
        with np.errstate(over="ignore", invalid="ignore"):
            numbers = scales[layer - 1] * _normal_quantiles()
            if quantity == "signal" and chain.phi.function:
                numbers = np.sort(chain.phi.function(numbers))
        finite = bool(np.isfinite(numbers).all())
        yield RidgeRow(
            layer, tuple(numbers.tolist()) if finite else (), float(stds[layer - 1]), "" if finite else "inf"
        )


@lru_cache(maxsize=1)
def _normal_quantiles() -> Floats:
    """Of N(0, 1), the ends where a thousandth lies beyond."""
    normal = NormalDist()
    return np.array([normal.inv_cdf(min(max(probability, 1e-3), 1 - 1e-3)) for probability in PROBABILITIES])
