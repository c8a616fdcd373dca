"""The events of a calibration, in the order they come."""

from __future__ import annotations

import msgspec

from initterm.experiments.comparison import Interval
from initterm.experiments.message import UNKNOWN, Machine, Message


class CalibrationStarted(Message, frozen=True):
    """So many experiments of each kind will be simulated, from this seed, with these versions of libraries."""

    experiments: int
    seed: int
    device: str = ""
    versions: dict[str, str] = msgspec.field(default_factory=dict)
    machine: Machine = UNKNOWN


class CalibrationAdvanced(Message, frozen=True):
    """So much of the work is done, from 0 to 1, and this is happening."""

    share: float
    doing: str


class PromiseJudged(Message, frozen=True):
    """In how many of so many experiments a promise's words were said, and whether that leaves it possible.

    ``promise`` counts the rows from 0; ``interval`` is of the share, all promises' intervals together.
    """

    promise: int
    count: int
    experiments: int
    interval: Interval
    kept: bool

    @property
    def found(self) -> float:
        """The share."""
        return self.count / self.experiments


class CalibrationFinished(Message, frozen=True):
    """The end, after so many seconds."""

    seconds: float


CalibrationEvent = CalibrationStarted | CalibrationAdvanced | PromiseJudged | CalibrationFinished
