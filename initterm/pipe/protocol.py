"""What travels between the app and the engine process: requests one way, events the other, a JSON line each.

Numbers that are not finite travel as ``null``, so every measured number may be None.
"""

from __future__ import annotations

import msgspec

from initterm.experiments.audit.choice import Bounds, ModelChoice
from initterm.experiments.audit.events import AuditEvent, ProofEvent
from initterm.experiments.comparison import Accuracies, Flags, Stopped
from initterm.experiments.message import Message, Number
from initterm.experiments.metric import ACCURACY, Metric
from initterm.experiments.papers.asked import PaperChoice
from initterm.experiments.papers.events import PaperEvent
from initterm.experiments.signal.events import SignalEvent
from initterm.experiments.signal.experiment import SignalExperiment
from initterm.experiments.sweep.events import GroupEvent
from initterm.experiments.sweep.groups import CellTrials
from initterm.experiments.sweep.workplace import Workplace
from initterm.experiments.training.bounds import TrainingBounds
from initterm.experiments.training.events import TrainingEvent
from initterm.experiments.training.experiment import Experiment
from initterm.experiments.weights.events import Draw, DrawAdvanced, Drawn
from initterm.pipe.there import ThereEvent, ThereRequest
from initterm.store.events import KeepingEvent

# Requests


class Train(Message, frozen=True):
    """Begins a run, whose events ``Advance`` then asks for one by one; answered by its first event.

    ``keeps`` has the engine keep it, and finish it also when nobody asks any more; ``run`` is then the id of the one
    that goes on, empty for a new one. ``bounds`` are laid on the process for good, for a person's own model;
    ``workplace`` is where workers do its trials, None for the process itself.
    """

    experiment: Experiment
    keeps: bool = False
    run: str = ""
    bounds: TrainingBounds | None = None
    workplace: Workplace | None = None


class MeasureSignal(Message, frozen=True):
    """Begins a measurement, whose events ``Advance`` then asks for one by one; answered by its first event."""

    experiment: SignalExperiment


class AuditModel(Message, frozen=True):
    """Begins the audit of a model, whose events ``Advance`` then asks for; answered by its first event.

    The process lays the bounds on itself for good: it serves nothing else afterwards. ``unmeasured`` says why no signal
    is sent through the model; empty where one is.
    """

    choice: ModelChoice
    bounds: Bounds
    unmeasured: str = ""


class Replicate(Message, frozen=True):
    """Begins the replication of a paper, whose events ``Advance`` then asks for; answered by its first event.

    ``keeps`` and ``run`` are as in ``Train``.
    """

    choice: PaperChoice
    keeps: bool = False
    run: str = ""


class TrainGroup(Message, frozen=True):
    """Begins some trials of a sweep, whose events ``Advance`` then asks for; answered by its first event.

    ``bounds`` are laid on the process for good, for a person's own model. ``epochs`` has it tell each trial's own
    events.
    """

    cells: tuple[CellTrials, ...]
    bounds: TrainingBounds | None = None
    epochs: bool = False


class CompareRuns(Message, frozen=True):
    """Asks what accuracies of several runs, paired by seed, allow to conclude; answered by ``Compared``.

    ``accuracies`` and ``diverged`` have a row for each that takes part, ``margin`` is a share, None where nothing is
    asked of equivalence, and ``metric`` is what the accuracies are. ``stopped`` are those who didn't go to the end.
    """

    accuracies: Accuracies
    diverged: Flags
    margin: Number
    metric: Metric = ACCURACY
    stopped: tuple[Stopped, ...] = ()


class Advance(Message, frozen=True):
    """Asks for the next event of a run or a drawing; answered by it, or by ``Exhausted``.

    ``cancelled`` are the contenders of a run, counted from 0, that shall go no further.
    """

    run: int
    cancelled: tuple[int, ...] = ()


class Stop(Message, frozen=True):
    """Ends a run or a drawing; answered by ``Exhausted``."""

    run: int


Beginning = Draw | Train | TrainGroup | MeasureSignal | AuditModel | Replicate
Request = Beginning | CompareRuns | Advance | Stop


class SentRequest(msgspec.Struct, frozen=True):
    """A request with its id; a run has the id of the call that began it."""

    id: int
    request: Request


class SentThere(msgspec.Struct, frozen=True):
    """The same of a request to another machine."""

    id: int
    request: Request | ThereRequest


# Events about the engine


class Hello(Message, frozen=True):
    """The very first that an engine says: its initterm's version, and its ``handshake.PROTOCOL``.

    It stays as it is for ever, so that those of any two versions understand each other so far.
    """

    initterm: str
    protocol: int


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


Event = (
    Hello
    | Ready
    | Refused
    | Broken
    | Beat
    | Exhausted
    | DrawAdvanced
    | Drawn
    | TrainingEvent
    | GroupEvent
    | SignalEvent
    | AuditEvent
    | PaperEvent
    | ProofEvent
    | KeepingEvent
    | ThereEvent
)


class Reply(msgspec.Struct, frozen=True):
    """An event with the id of the call it answers; 0 where it answers none."""

    id: int
    event: Event


encode = msgspec.json.Encoder().encode
decode_call = msgspec.json.Decoder(SentRequest).decode
decode_there = msgspec.json.Decoder(SentThere).decode
decode_reply = msgspec.json.Decoder(Reply).decode
