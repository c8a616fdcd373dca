"""The messages that cross panes; the app hands them on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeVar, runtime_checkable

from textual.message import Message

from initterm.pipe.state import EngineState
from initterm.theory.initializers import InitializerSpec
from initterm.tui.frozen import StateChanged, frozen

if TYPE_CHECKING:
    from initterm.experiments.signal.experiment import SignalExperiment
    from initterm.experiments.training.experiment import Experiment
    from initterm.theory.propagation import Chain


@dataclass(frozen=True)
class Proposal:
    """An initializer that is taken along, with an activation or a whole network where one comes with it."""

    initializer: InitializerSpec
    activation: str | None = None
    network: Chain | None = None


Taken = TypeVar("Taken", contravariant=True)


@runtime_checkable
class Taker(Protocol[Taken]):
    """A pane that others send something to."""

    def take(self, value: Taken) -> None:
        """Show it, and what comes of it."""


class Painted(Message):
    """A drawing stands on the screen."""


@frozen
class Sent(Message):
    """A value was sent to the pane of this id, which is shown from then on."""

    pane: str
    value: Proposal | Experiment | SignalExperiment


@frozen
class ActivityChanged(StateChanged):
    """What the engine is busy with, empty when it is not, and which data it has; for the title line."""

    doing: str
    data: str


@frozen
class EngineChanged(StateChanged):
    """The engine process is in another state."""

    state: EngineState
