"""What travels between the app and the engine process: requests one way, events the other, a JSON line each.

Numbers that are not finite travel as ``null``, so every measured number may be None.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from initterm.engine.audit_events import AuditEvent
from initterm.engine.bounds import Bounds
from initterm.engine.experiment import Experiment
from initterm.engine.message import Histogram, Message, Number
from initterm.engine.model_choice import ModelChoice
from initterm.engine.paper_events import PaperEvent
from initterm.engine.proof_events import ProofEvent
from initterm.engine.signal_events import SignalEvent
from initterm.engine.signal_experiment import SignalExperiment
from initterm.engine.training_events import TrainingEvent
from initterm.theory.initializers import InitializerSpec
from initterm.theory.shapes import Shape

Stage = Literal["waiting for memory", "drawing", "measuring", "testing"]


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


class MeasureSignal(Message, frozen=True):
    """Begins a measurement, whose events ``Advance`` then asks for one by one; answered by its first event."""

    experiment: SignalExperiment


class Audit(Message, frozen=True):
    """Begins the audit of a model, whose events ``Advance`` then asks for; answered by its first event.

    The process lays the bounds on itself for good: it serves nothing else afterwards.
    """

    choice: ModelChoice
    bounds: Bounds


class Replicate(Message, frozen=True):
    """Begins the replication of a paper, whose events ``Advance`` then asks for; answered by its first event.

    ``paper`` is a name of ``engine.papers``, ``data`` says where images come from, ``seed`` is the first one.
    """

    paper: str
    data: str = "auto"
    seed: int = 42


class Advance(Message, frozen=True):
    """Asks for the next event of a run or a drawing; answered by it, or by ``Exhausted``.

    ``cancelled`` are the contenders of a run, counted from 0, that shall go no further.
    """

    run: int
    cancelled: tuple[int, ...] = ()


class Stop(Message, frozen=True):
    """Ends a run or a drawing; answered by ``Exhausted``."""

    run: int


Request = Draw | Train | MeasureSignal | Audit | Replicate | Advance | Stop


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


class Beat(Message, frozen=True):
    """The engine process is there, whatever it is busy with; answers nothing."""


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


Event = (
    Ready
    | Refused
    | Broken
    | Beat
    | Exhausted
    | DrawAdvanced
    | Drawn
    | TrainingEvent
    | SignalEvent
    | AuditEvent
    | PaperEvent
    | ProofEvent
)


class Reply(msgspec.Struct, frozen=True):
    """An event with the id of the call it answers; 0 where it answers none."""

    id: int
    event: Event


encode = msgspec.json.Encoder().encode
decode_call = msgspec.json.Decoder(Call).decode
decode_reply = msgspec.json.Decoder(Reply).decode
