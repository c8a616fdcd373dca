"""What travels between the app and the engine process: requests one way, events the other, a JSON line each.

Numbers that are not finite travel as ``null``, so every measured number may be None.
"""

from __future__ import annotations

import math
from typing import Literal

import msgspec

from initterm.engine.experiment import Experiment
from initterm.theory.initializers import InitializerSpec
from initterm.theory.shapes import Shape

Number = float | None
Stage = Literal["waiting for memory", "drawing", "measuring", "testing"]
Status = Literal["waiting", "training", "finished", "diverged", "cancelled"]


def finite(value: float) -> Number:
    """The number, or None where it is not one or infinite."""
    return value if math.isfinite(value) else None


class Message(msgspec.Struct, frozen=True, tag=True):
    """Anything that travels; told apart on the wire by its class's name."""


# Requests


class Draw(Message, frozen=True):
    """Begins the drawing of a kernel; answered by ``Drawn``, or by ``DrawAdvanced`` until ``Advance`` brings that."""

    initializer: InitializerSpec
    shape: Shape
    seed: int
    bins: int = 50


class Train(Message, frozen=True):
    """Begins a run, whose events ``Advance`` then asks for one by one; answered by its first event."""

    experiment: Experiment


class Advance(Message, frozen=True):
    """Asks for the next event of a run or a drawing; answered by it, or by ``Exhausted``."""

    run: int


class Stop(Message, frozen=True):
    """Ends a run or a drawing; answered by ``Exhausted``."""

    run: int


Request = Draw | Train | Advance | Stop


class Call(msgspec.Struct, frozen=True):
    """A request with its id; a run has the id of the call that began it."""

    id: int
    request: Request


# Events about the engine


class Ready(Message, frozen=True):
    """TensorFlow is loaded. ``device`` is what computes, such as ``CPU ×2``."""

    device: str
    versions: dict[str, str]


class Refused(Message, frozen=True):
    """The request can't be served as asked; ``sentence`` is for the person."""

    sentence: str


class Broken(Message, frozen=True):
    """The engine met a bug of its own; ``sentence`` says which, the log has the traceback."""

    sentence: str


class Exhausted(Message, frozen=True):
    """The run has no further events."""


# What was drawn


class Check(msgspec.Struct, frozen=True):
    """One test of a sample against its law: its statistic, and how often chance alone gives one as far off."""

    name: str
    statistic: float
    p_value: float


class Fit(msgspec.Struct, frozen=True):
    """A sample against its law: ``test`` names all checks, ``statistic`` is the first one's, ``p_value`` all theirs.

    ``p_value`` is the checks' least, corrected for their number, so that a true sample has one under 0.01 once in a
    hundred times at most.
    """

    test: str
    statistic: float
    p_value: float
    checks: tuple[Check, ...] = ()


class Histogram(msgspec.Struct, frozen=True):
    """Densities over bins: n + 1 ``edges`` and n ``density`` values, whose integral is 1."""

    edges: tuple[float, ...]
    density: tuple[float, ...]


class DrawAdvanced(Message, frozen=True):
    """A kernel is still being drawn; ``share`` of ``doing`` is done, None where Keras's own call doesn't tell."""

    doing: Stage
    share: Number


class Drawn(Message, frozen=True):
    """A kernel's statistics, moments over all its weights; ``fit`` is None where no test applies."""

    initializer: InitializerSpec
    shape: Shape
    seed: int
    mean: float
    std: float
    min: float
    max: float
    histogram: Histogram
    fit: Fit | None


# Events of a training run, in the order they come


class RunStarted(Message, frozen=True):
    """A run has begun on this device with these versions of its libraries."""

    device: str
    versions: dict[str, str]


class DataReceived(Message, frozen=True):
    """Bytes of the download so far; ``total`` is None where the server doesn't say."""

    received: int
    total: int | None


class DataLoaded(Message, frozen=True):
    """The images a run works with; ``note`` says what a person should know about them, else empty."""

    name: str
    train: int
    validation: int
    test: int
    note: str


class CompileStarted(Message, frozen=True):
    """The network is being compiled; the next event comes when it is."""


class TrialStarted(Message, frozen=True):
    """A trial has its starting weights; ``steps`` is the batches of an epoch."""

    trial: int
    steps: int


class StepsFinished(Message, frozen=True):
    """So many batches of an epoch are done."""

    trial: int
    epoch: int
    steps: int


class EpochFinished(Message, frozen=True):
    """An epoch's mean loss and accuracy over the training batches, and over the validation images after it.

    ``epoch`` counts from 1; ``seconds`` is what training and validation took together.
    """

    trial: int
    epoch: int
    loss: Number
    accuracy: Number
    val_loss: Number
    val_accuracy: Number
    seconds: float


class TrialFinished(Message, frozen=True):
    """A trial's end; a diverged one (a loss that is no number) has no test result."""

    trial: int
    status: Literal["finished", "diverged"]
    test_loss: Number
    test_accuracy: Number


TrainingEvent = (
    RunStarted
    | DataReceived
    | DataLoaded
    | CompileStarted
    | TrialStarted
    | StepsFinished
    | EpochFinished
    | TrialFinished
)

Event = Ready | Refused | Broken | Exhausted | DrawAdvanced | Drawn | TrainingEvent


class Reply(msgspec.Struct, frozen=True):
    """An event with the id of the call it answers; 0 where it answers none."""

    id: int
    event: Event


encode = msgspec.json.Encoder().encode
decode_call = msgspec.json.Decoder(Call).decode
decode_reply = msgspec.json.Decoder(Reply).decode
