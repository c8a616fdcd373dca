"""What a sweep tells while it goes: of its trials by their keys, of its cells, and of who computes."""

from __future__ import annotations

from typing import Literal

import msgspec

from initterm.experiments.comparison import Comparison
from initterm.experiments.message import DataReceived, Message, Number
from initterm.experiments.metric import ACCURACY, Metric
from initterm.experiments.sweep.sweep import TrialKey
from initterm.experiments.training.events import (
    CompileStarted,
    DataLoaded,
    Diagnosed,
    FellBack,
    ModelPrepared,
    PreparationBegun,
    RunStarted,
)
from initterm.theory.numbers import grouped, size
from initterm.theory.wording import counted, span


class TrialAdvanced(Message, frozen=True):
    """A trial is under way, and so much of it is trained, from 0 to 1."""

    key: TrialKey
    share: float


class TrialMeasured(Message, frozen=True):
    """A trial is over: all that was measured of it. Histories have a number an epoch, as those of a ``TrialRecord``.

    ``hits`` are as those of ``TrialFinished``, of so many test ``images``; ``seconds`` is what it took to its end,
    without compiling, which took ``compiling`` seconds before it, next to none where that was done. ``metric`` is what
    judges a person's own model, whose numbers stand in the place of the accuracies.
    """

    key: TrialKey
    status: Literal["finished", "diverged"]
    loss: tuple[Number, ...]
    accuracy: tuple[Number, ...]
    val_loss: tuple[Number, ...]
    val_accuracy: tuple[Number, ...]
    epoch_seconds: tuple[float, ...] = ()
    diagnoses: tuple[Diagnosed, ...] = ()
    test_loss: Number = None
    test_accuracy: Number = None
    step: int | None = None
    hits: bytes = b""
    images: int = 0
    seconds: float = 0.0
    compiling: float = 0.0
    metric: Metric = ACCURACY


class TrialFailed(Message, frozen=True):
    """A trial can't be done; ``sentence`` says why."""

    key: TrialKey
    sentence: str


TrialEnded = TrialMeasured | TrialFailed
"""What a trial came to."""


class CellJudged(Message, frozen=True):
    """Every trial of a cell is over: what their tests allow to conclude."""

    cell: int
    comparison: Comparison


class SweepStarted(Message, frozen=True):
    """A sweep has begun, or goes on: where it is computed, in a few words, with so many threads a trial."""

    place: str
    threads: int


class WorkerSeen(msgspec.Struct, frozen=True):
    """A worker: its name, the machine that it is on, its groups of trials now, and its initterm, empty for none.

    ``memory`` are the bytes that its engine had after its last trials; 0 before them.
    """

    name: str
    host: str
    groups: int = 0
    initterm: str = ""
    memory: int = 0


class WorkersChanged(Message, frozen=True):
    """Who computes now."""

    workers: tuple[WorkerSeen, ...]


class SweepPaced(Message, frozen=True):
    """How many trials have been done a second in the last minute or so."""

    pace: float


class SweepEstimated(Message, frozen=True):
    """How many seconds are left with so many workers, and how many bytes of memory these take together.

    Of the architectures so many were ``measured``, or are over; the seconds are None and the memory is 0 as long as
    nothing is known of them.
    """

    seconds: Number
    memory: int
    workers: int
    architectures: int
    measured: int

    @property
    def words(self) -> str:
        """All of it, in a sentence without its full stop."""
        if self.seconds is None:
            return "how long it takes, and how much memory, is known after the first trials"
        memory = f" and {size(self.memory)} of memory" if self.memory else ""
        told = f"about {span(self.seconds)}{memory} with {counted('worker', self.workers)}"
        if self.measured == self.architectures:
            return f"{told}, by what such trials have taken"
        networks = f"{grouped(self.measured)} of {counted('kind', self.architectures)} of trials"
        return f"{told}; {networks} were measured, the others are taken to be as fast for their size"


class WorkerRefused(Message, frozen=True):
    """A worker can't take part; ``sentence`` says why."""

    worker: str
    sentence: str


GroupEvent = (
    RunStarted
    | DataReceived
    | PreparationBegun
    | DataLoaded
    | ModelPrepared
    | CompileStarted
    | FellBack
    | TrialAdvanced
    | TrialMeasured
    | TrialFailed
)
"""What is told of trials that one process does."""

SweepEvent = GroupEvent | SweepStarted | SweepPaced | SweepEstimated | WorkersChanged | WorkerRefused | CellJudged
