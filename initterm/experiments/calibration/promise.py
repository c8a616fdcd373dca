"""A promise: how often something is said of experiments whose truth is known; and what was found of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from initterm.experiments.calibration import events
from initterm.experiments.calibration.simulations import Simulation
from initterm.experiments.comparison import Interval

Bound = Literal["at most", "at least", "about"]
"""Whether more, less, or both would break it."""

Said = Literal[
    "p < 0.01",
    "p < 0.05",
    "p < 0.05 of the distribution",
    "beats wrongly",
    "trains wrongly",
    "equivalent wrongly",
    "a difference outside its interval",
    "within its own interval",
    "mean within",
    "number within",
    "shown",
    "alarm",
]
"""What is counted of a simulated experiment."""

Outcomes = Mapping[Said, bool]
"""What was said of an experiment, and what wasn't."""

WRONGLY = 0.01
"""How often a calibration may call any of its promises broken though all are kept."""


@dataclass(frozen=True)
class Promise:
    """A row: what is promised, of which share of experiments, and how these are simulated.

    Attributes:
        about: what answers it is about, under which it stands.
        text: of what, in words.
        side: whether the share is at most, at least or about ``promised``.
        promised: a share.
        simulation: the experiments.
        said: what is counted.
    """

    about: str
    text: str
    side: Bound
    promised: float
    simulation: Simulation
    said: Said

    def kept(self, interval: Interval) -> bool:
        """Whether what was found, as an interval of the true share, leaves the promise possible."""
        low, high = interval
        too_often, too_seldom = low > self.promised, high < self.promised
        return not (too_often and self.side != "at least") and not (too_seldom and self.side != "at most")


@dataclass(frozen=True, eq=False)
class CalibrationBoard:
    """What is known of a calibration; ``seconds`` is None until it is over, ``started`` before it begins."""

    promises: Sequence[Promise]
    share_done: float = 0.0
    doing: str = "starting"
    judged: tuple[events.PromiseJudged, ...] = ()
    seconds: float | None = None
    started: events.CalibrationStarted | None = None

    def after(self, event: events.CalibrationEvent) -> CalibrationBoard:
        """The board once this event is taken in."""
        match event:
            case events.CalibrationStarted():
                return replace(self, started=event)
            case events.CalibrationAdvanced(share, doing):
                return replace(self, share_done=share, doing=doing)
            case events.PromiseJudged():
                return replace(self, judged=(*self.judged, event))
            case events.CalibrationFinished(seconds):
                return replace(self, seconds=seconds, share_done=1.0, doing="done")

    @property
    def by_promise(self) -> Sequence[tuple[Promise, events.PromiseJudged]]:
        """Those that are judged, in the order of the rows."""
        return [(self.promises[one.promise], one) for one in sorted(self.judged, key=lambda one: one.promise)]

    @property
    def broken(self) -> Sequence[tuple[Promise, events.PromiseJudged]]:
        """Those of them that are broken."""
        return [pair for pair in self.by_promise if not pair[1].kept]

    @property
    def kept(self) -> bool:
        """Whether every promise was judged and is kept."""
        return self.seconds is not None and len(self.judged) == len(self.promises) and not self.broken
