"""The events of a measurement of signals, in the order they come."""

from __future__ import annotations

from typing import Literal

import msgspec

from initterm.experiments.message import UNKNOWN, DataReceived, Machine, Message, Number
from initterm.experiments.signal.experiment import SignalTrial

Oddity = Literal["", "zero", "inf", "nan", "unmeasured"]
"""What is odd about the numbers of a layer: all are exactly 0, some infinite or NaN; or they were not measured,
because what had come so far was under 1e-30 of what went in."""


PROBABILITIES = tuple(step / 64 for step in range(65))
"""At which quantiles of a layer's numbers are told: from the least to the largest."""


class SignalInput(Message, frozen=True):
    """What goes into the first layer: how many numbers, their mean, and the mean of their squares.

    ``correlation`` and ``scatter`` are as in ``Arrival``.
    """

    name: str
    width: int
    mean: float
    square: float
    note: str
    machine: Machine = UNKNOWN
    correlation: float = 0.0
    scatter: Number = None


class LayersPassed(Message, frozen=True):
    """So much of the work is done."""

    done: int
    total: int


class LayerSignal(msgspec.Struct, frozen=True):
    """What was measured at a layer, counted from 1, over a batch: stds, a mean, and shares of units.

    The gradient is that with respect to the layer's activations; one of std 1 arrives at the last layer measured. A
    slope under a twentieth of the steepest one is flat: ``saturated_fraction`` is the share of pre-activations where it
    is, ``dead_fraction`` the share of units where it is for every input. Quantiles are of the single activations and
    gradients, at ``PROBABILITIES``; they are told of some layers of the first seed's networks, and empty elsewhere.
    Correlations are those of the pre-activations of two inputs, whose own are ``theory.correlations.STARTS``: the mean
    over some pairs; None where one of the two is 0 or not finite, and empty where no pairs were sent.
    """

    layer: int
    preactivation_std: Number
    activation_std: Number
    oddity: Oddity
    dead_fraction: Number
    saturated_fraction: Number
    gradient_std: Number = None
    gradient_oddity: Oddity = "unmeasured"
    weight_gradient_std: Number = None
    activation_mean: Number = None
    activation_quantiles: tuple[float, ...] = ()
    gradient_quantiles: tuple[float, ...] = ()
    correlations: tuple[Number, ...] = ()


class SignalMeasured(Message, frozen=True):
    """One network, measured: the layers that the signal reached."""

    trial: SignalTrial
    layers: tuple[LayerSignal, ...]


class JacobianMeasured(Message, frozen=True):
    """The singular values of a network's input-output Jacobian at one input, from the largest to the least.

    They are empty where the Jacobian holds something that is no finite number.
    """

    trial: SignalTrial
    singular_values: tuple[float, ...]


SignalEvent = DataReceived | SignalInput | LayersPassed | SignalMeasured | JacobianMeasured
