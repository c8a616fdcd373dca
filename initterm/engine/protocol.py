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
Interval = tuple[float, float]
Accuracies = tuple[tuple[Number, ...], ...]
"""A row for each contender, in it an accuracy for each seed, None where there is none."""

MOST_SEEDS_NEEDED = 1000
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
    """Asks for the next event of a run or a drawing; answered by it, or by ``Exhausted``.

    ``cancelled`` are the contenders of a run, counted from 0, that shall go no further.
    """

    run: int
    cancelled: tuple[int, ...] = ()


class Stop(Message, frozen=True):
    """Ends a run or a drawing; answered by ``Exhausted``."""

    run: int


class Judge(Message, frozen=True):
    """Asks what accuracies allow to conclude; answered by ``Judged``."""

    accuracies: Accuracies


Request = Draw | Train | Advance | Stop | Judge


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


# What was judged


class Mean(msgspec.Struct, frozen=True):
    """A contender's mean accuracy over so many seeds, and its 95% interval, None with fewer than two."""

    mean: Number
    ci95: Interval | None
    seeds: int


class Pair(msgspec.Struct, frozen=True):
    """Two contenders, counted from 0, over the seeds that both have; differences are a − b.

    ``p_value`` is corrected for the number of pairs; None where nothing can be tested. ``seeds_needed`` are those that
    would likely show a difference of this size, in all, up to ``MOST_SEEDS_NEEDED``; None where that can't be told.
    """

    a: int
    b: int
    seeds: int
    wins: int
    losses: int
    difference: Number
    ci95: Interval | None
    p_value: Number
    seeds_needed: int | None


class Judged(Message, frozen=True):
    """A mean for each contender, and every pair of them."""

    means: tuple[Mean, ...]
    pairs: tuple[Pair, ...]


# Events of a training run, in the order they come


class RunStarted(Message, frozen=True):
    """A run has begun on this device with these versions of its libraries.

    ``t_quantiles`` are Student's 97.5% quantiles for 2, 3, ... values, up to the number of seeds.
    """

    device: str
    versions: dict[str, str]
    t_quantiles: tuple[float, ...] = ()


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
    """A network with this activation is being compiled; the next event comes when it is."""

    activation: str


class FellBack(Message, frozen=True):
    """Something is done in a slower way than it could be; ``sentence`` says what and why."""

    sentence: str


class TrialStarted(Message, frozen=True):
    """A trial has its starting weights; ``steps`` is the batches of an epoch."""

    trial: int
    steps: int


class StepsFinished(Message, frozen=True):
    """So many batches of an epoch are done; loss and accuracy are their means."""

    trial: int
    epoch: int
    steps: int
    loss: Number
    accuracy: Number


class Diagnosed(Message, frozen=True):
    """What one step on a probe batch did to a trial after this epoch, 0 for its start; the step is taken back.

    ``engine.probe.ProbeResult`` says what each number is.
    """

    trial: int
    epoch: int
    loss: Number
    gradient_first: Number
    gradient_last: Number
    dead: Number
    saturated: Number
    update_ratio: Number
    unit_spread: Number
    answer_spread: Number


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
    """A trial's end; only a finished one has a test result.

    A diverged one met a loss that is no number, at ``step``, counted from its first batch.
    """

    trial: int
    status: Literal["finished", "diverged", "cancelled"]
    test_loss: Number = None
    test_accuracy: Number = None
    step: int | None = None


TrainingEvent = (
    RunStarted
    | DataReceived
    | DataLoaded
    | CompileStarted
    | FellBack
    | TrialStarted
    | StepsFinished
    | Diagnosed
    | EpochFinished
    | TrialFinished
)

Event = Ready | Refused | Broken | Exhausted | DrawAdvanced | Drawn | Judged | TrainingEvent


class Reply(msgspec.Struct, frozen=True):
    """An event with the id of the call it answers; 0 where it answers none."""

    id: int
    event: Event


encode = msgspec.json.Encoder().encode
decode_call = msgspec.json.Decoder(Call).decode
decode_reply = msgspec.json.Decoder(Reply).decode
