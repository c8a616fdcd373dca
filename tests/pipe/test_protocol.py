"""Whatever travels arrives as it was sent, and numbers that are not finite as null."""

import math

import pytest

from initterm.experiments.message import DataReceived, Histogram, finite
from initterm.experiments.signal.events import JacobianMeasured, LayerSignal, LayersPassed, SignalInput, SignalMeasured
from initterm.experiments.signal.experiment import SignalExperiment, SignalTrial
from initterm.experiments.training.contender import Contender
from initterm.experiments.training.events import DataLoaded, EpochFinished, TrialFinished
from initterm.experiments.training.experiment import Experiment
from initterm.experiments.weights.events import Draw, Drawn, Fit
from initterm.pipe.protocol import (
    Advance,
    Exhausted,
    MeasureSignal,
    Ready,
    Refused,
    Reply,
    SentRequest,
    Stop,
    Train,
    decode_call,
    decode_reply,
    encode,
)
from initterm.theory.initializers import InitializerSpec
from initterm.theory.propagation import Chain
from initterm.theory.shapes import Shape

SCALING = InitializerSpec.parse("variance_scaling(scale=2.0, mode='fan_in', distribution='uniform')")


@pytest.mark.parametrize(
    "request_",
    [
        Draw(SCALING, Shape((3, 3, 4, 5)), 42),
        Train(Experiment((Contender(SCALING, "tanh"),))),
        MeasureSignal(
            SignalExperiment((SCALING,), Chain((8, 4), "gelu", bias_std=0.1, residual=True), "pixels", seeds=3)
        ),
        Advance(3, (0, 2)),
        Stop(4),
    ],
    ids=lambda request_: type(request_).__name__,
)
def test_requests_travel(request_):
    line = encode(SentRequest(7, request_))
    assert b"\n" not in line
    assert decode_call(line) == SentRequest(7, request_)


@pytest.mark.parametrize(
    "event",
    [
        Ready("CPU ×2", {"keras": "3.15"}),
        Refused("no\nsuch thing"),
        Exhausted(),
        Drawn(SCALING, Shape((2, 2)), 1, 0.0, 1.0, -1.0, 1.0, Histogram((0.0, 1.0), (1.0,)), Fit("KS", 0.1, 0.5)),
        DataReceived(1, None),
        DataLoaded("MNIST", 1, 2, 3, ""),
        EpochFinished(0, 1, None, 0.5, None, 0.5, 0.1),
        TrialFinished(0, "diverged", None, None),
        SignalInput("random normal", 256, 0.0, 1.0, ""),
        LayersPassed(3, 10),
        SignalMeasured(
            SignalTrial(0, 42), (LayerSignal(1, 1.0, None, "inf", None, 0.5), LayerSignal(2, 0, 0, "zero", 1, 1))
        ),
        JacobianMeasured(SignalTrial(0, 42), (2.0, 0.0)),
    ],
    ids=lambda event: type(event).__name__,
)
def test_events_travel(event):
    line = encode(Reply(7, event))
    assert b"\n" not in line
    assert decode_reply(line) == Reply(7, event)


def test_what_is_not_finite_is_none():
    assert [finite(value) for value in (1.5, math.nan, math.inf, -math.inf)] == [1.5, None, None, None]
