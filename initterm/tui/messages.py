"""The messages that cross panes; the app hands them on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.message import Message

from initterm.pipe.state import EngineState
from initterm.theory.initializers import InitializerSpec
from initterm.tui.frozen import StateChanged, frozen

if TYPE_CHECKING:
    from initterm.experiments.signal.experiment import SignalExperiment
    from initterm.experiments.training.experiment import Experiment
    from initterm.theory.propagation import Chain


@frozen
class SentToExplore(Message):
    """An initializer was taken to Explore."""

    initializer: InitializerSpec


@frozen
class SentToTrain(Message):
    """An initializer was taken to Train, with an activation or a whole network where one came with it."""

    initializer: InitializerSpec
    activation: str | None = None
    network: Chain | None = None


@frozen
class SentToSignal(Message):
    """An initializer, and an activation where one came with it, were taken to Signal."""

    initializer: InitializerSpec
    activation: str | None = None


@frozen
class ExperimentSent(Message):
    """A whole experiment is to be tried, in Train or in Signal."""

    experiment: Experiment | SignalExperiment


@frozen
class ActivityChanged(StateChanged):
    """What the engine is busy with, empty when it is not, and which data it has; for the title line."""

    doing: str
    data: str


@frozen
class EngineChanged(StateChanged):
    """The engine process is in another state."""

    state: EngineState
