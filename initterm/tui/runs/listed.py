"""What the list of runs holds: each as it stands at a moment, found by a filter; read by a thread."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from initterm.store.events import RunState
from initterm.store.runs import Runs
from initterm.store.search import SearchedRun
from initterm.store.stored import StoredRun

FIRST = 100
"""The newest runs, which are shown before all the others are read."""


@dataclass(frozen=True, eq=False)
class SeenRun(SearchedRun):
    """A run that is kept, with how it stood when it was looked at."""

    run: StoredRun

    @classmethod
    def of(cls, run: StoredRun) -> SeenRun:
        """As it stands now."""
        return cls(run.header, run.label, run.state, run)

    @property
    def id(self) -> str:
        """The run's."""
        return self.header.id


@dataclass(frozen=True, eq=False, repr=False)  # Textual tells a worker's arguments, which would be thousands of runs
class Listing:
    """All runs that can be read, the newest first; and by what it is known whether there are others: when their folder
    had changed last, the ids there were, and what those that run had written last.
    """

    runs: tuple[SeenRun, ...] = ()
    changed: int = -1
    ids: tuple[str, ...] = ()
    under_way: tuple[tuple[str, int, RunState], ...] = ()

    @classmethod
    def newest(cls, runs: Runs) -> Listing:
        """The first page, soon.

        Raises:
            Refusal: the folder can't be read.
        """
        return cls(_listed(runs.stored(FIRST)))

    @classmethod
    def whole(cls, runs: Runs) -> Listing:
        """All of them.

        Raises:
            Refusal: the folder can't be read.
        """
        changed, ids = runs.changed, runs.ids()  # first, so that what comes meanwhile is seen the next time
        listed = _listed(runs.stored())
        return cls(listed, changed, tuple(ids), _under_way(listed))

    def is_current(self, runs: Runs) -> bool:
        """Whether nothing was begun, deleted or ended since.

        Raises:
            Refusal: the folder can't be read.
        """
        if self.under_way != _under_way(self.runs):
            return False
        return runs.stand_as(self.changed, self.ids)


def _listed(runs: Iterable[StoredRun]) -> tuple[SeenRun, ...]:
    return tuple(map(SeenRun.of, runs))


def _under_way(listed: Iterable[SeenRun]) -> tuple[tuple[str, int, RunState], ...]:
    """What changes when those end that run."""
    return tuple((one.id, one.run.written_at, one.run.state) for one in listed if one.state == "running")
