"""Whether workers do the same: trials are comparable where libraries and images are those that the first one had."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from initterm.experiments.sweep.events import SweepEvent
from initterm.experiments.sweep.sweep import Sweep
from initterm.experiments.training.events import DataLoaded, RunStarted

OF_RESULTS = ("tensorflow", "keras", "numpy")
"""The libraries whose versions are the same on all workers."""


@dataclass(frozen=True)
class Before:
    """What was told before a sweep goes on: who computed, None where nobody did, and the images."""

    started: RunStarted | None = None
    data: tuple[DataLoaded, ...] = ()


FROM_THE_START = Before()


class FirstTold:
    """What was told first of libraries and of each source of images.

    Args:
        sweep: whose trials are done.
        before: what an earlier process told.
    """

    def __init__(self, sweep: Sweep, before: Before) -> None:
        self.started = before.started
        one_source = all(axis.name != "data" for axis in sweep.axes) and not sweep.experiment.own.model
        self._data = {sweep.experiment.data: before.data[0]} if before.data and one_source else {}

    def unlike(self, source: str, events: Iterable[SweepEvent]) -> str:
        """Why what a worker told of trials with these images doesn't go with that; empty where it does."""
        for event in events:
            if isinstance(event, RunStarted) and self.started:
                of_both = ((name, event.versions.get(name), self.started.versions.get(name)) for name in OF_RESULTS)
                for name, here, there in of_both:
                    if here != there:
                        return f"It has {name} {here}, and the other trials of this sweep were done with {there}."
            if isinstance(event, DataLoaded):
                first = self._data.setdefault(source, event)
                if first.fingerprint != event.fingerprint:
                    return f"It has other images ({event.name}) than the workers before it ({first.name})."
        return ""
