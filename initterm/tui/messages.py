"""The messages that cross panes; the app hands them on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.message import Message

from initterm.engine.state import EngineState
from initterm.theory.initializers import InitializerSpec

if TYPE_CHECKING:
    from initterm.engine.experiment import Experiment, NetworkSpec
    from initterm.engine.signal_experiment import SignalExperiment


class SentToExplore(Message):
    """An initializer was taken to Explore."""

    def __init__(self, initializer: InitializerSpec) -> None:
        super().__init__()
        self.initializer = initializer


class SentToTrain(Message):
    """An initializer was taken to Train, with an activation or a whole network where one came with it."""

    def __init__(
        self, initializer: InitializerSpec, activation: str | None = None, network: NetworkSpec | None = None
    ) -> None:
        super().__init__()
        self.initializer = initializer
        self.activation = network.activation if network else activation
        self.network = network


class SentToSignal(Message):
    """An initializer, and an activation where one came with it, were taken to Signal."""

    def __init__(self, initializer: InitializerSpec, activation: str | None = None) -> None:
        super().__init__()
        self.initializer = initializer
        self.activation = activation


class ExperimentSent(Message):
    """A whole experiment is to be tried, in Train or in Signal."""

    def __init__(self, experiment: Experiment | SignalExperiment) -> None:
        super().__init__()
        self.experiment = experiment


class ActivityChanged(Message):
    """What the engine is busy with, empty when it is not, and which data it has; for the title line."""

    def __init__(self, doing: str, data: str) -> None:
        super().__init__()
        self.doing = doing
        self.data = data


class EngineChanged(Message):
    """The engine process is in another state."""

    def __init__(self, state: EngineState) -> None:
        super().__init__()
        self.state = state
