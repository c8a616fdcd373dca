"""What the list of runs holds: each as it stands at a moment, found by a filter; read by a thread."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from initterm.store.events import RunState
from initterm.store.header import NAME, Header, Label
from initterm.store.runs import Runs
from initterm.store.search import SearchedRun
from initterm.store.stored import StoredRun

FIRST = 100
"""The newest runs, which are shown before all the others are read."""


@dataclass(frozen=True, eq=False)
class SeenRun(SearchedRun):
    """A run in a folder of runs, with how it stood when it was looked at."""

    runs: Path

    @classmethod
    def of(cls, runs: Path, header: Header, label: Label) -> SeenRun:
        """As it stands now."""
        state = header.state
        if state == "running":
            state = StoredRun(runs / header.id, header, label).state
        return cls(header, label, state, runs)

    @property
    def run(self) -> StoredRun:
        """Its folder."""
        return StoredRun(self.runs / self.header.id, self.header, self.label)

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
        return cls(_listed(runs, runs.newest(FIRST)))

    @classmethod
    def whole(cls, runs: Runs) -> Listing:
        """All of them.

        Raises:
            Refusal: the folder can't be read.
        """
        changed, ids = _changed(runs.folder), runs.ids()  # first, so that what comes meanwhile is seen the next time
        listed = _listed(runs, runs.rows())
        return cls(listed, changed, tuple(ids), _under_way(listed))

    def is_current(self, runs: Runs) -> bool:
        """Whether nothing was begun, deleted or ended since.

        Raises:
            Refusal: the folder can't be read.
        """
        if self.under_way != _under_way(self.runs):
            return False
        return self.changed == _changed(runs.folder) or self.ids == tuple(runs.ids())


def _listed(runs: Runs, rows: Iterable[tuple[Header, Label]]) -> tuple[SeenRun, ...]:
    return tuple(SeenRun.of(runs.folder, header, label) for header, label in rows)


def _under_way(listed: Iterable[SeenRun]) -> tuple[tuple[str, int, RunState], ...]:
    """What changes when those end that run."""
    return tuple((one.id, _changed(one.run.folder / NAME), one.run.state) for one in listed if one.state == "running")


def _changed(path: Path) -> int:
    """When a folder's entries or a file changed last, in ns; 0 where there is none."""
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0
