"""What the list of runs holds: each as it stands at a moment, found by a filter; read by a thread."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from initterm.store.events import RunState
from initterm.store.header import NAME, Header, Label
from initterm.store.runs import Runs
from initterm.store.search import Filter
from initterm.store.stored import StoredRun

FIRST = 100
"""The newest runs, which are shown before all the others are read."""


@dataclass(frozen=True, eq=False)
class ListedRun:
    """A run, with how it stood when it was looked at."""

    run: StoredRun
    state: RunState

    @classmethod
    def of(cls, run: StoredRun) -> ListedRun:
        """As it stands now."""
        return cls(run, run.state)

    @property
    def id(self) -> str:
        """The run's."""
        return self.run.id

    @property
    def header(self) -> Header:
        """What is known of it."""
        return self.run.header

    @property
    def label(self) -> Label:
        """What a person says of it."""
        return self.run.label


@dataclass(frozen=True, eq=False)
class Listing:
    """All runs, the newest first; when their folder had changed last, and what those that run had written last."""

    runs: tuple[ListedRun, ...] = ()
    changed: int = -1
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
        changed = _changed(runs.folder)  # looked at first, so that what comes meanwhile is seen the next time
        listed = _listed(runs, runs.rows())
        return cls(listed, changed, _under_way(listed))

    def is_current(self, runs: Runs) -> bool:
        """Whether nothing was begun, deleted or ended since.

        Raises:
            Refusal: the folder can't be read.
        """
        if self.under_way != _under_way(self.runs):
            return False
        return self.changed == _changed(runs.folder) or [one.id for one in self.runs] == runs.ids()

    def found(self, wanted: Filter) -> tuple[ListedRun, ...]:
        """Those that a filter finds."""
        if not wanted.conditions:
            return self.runs
        return tuple(one for one in self.runs if wanted.holds(one.header, one.label, one.state))


def _listed(runs: Runs, rows: Iterable[tuple[Header, Label]]) -> tuple[ListedRun, ...]:
    return tuple(ListedRun.of(StoredRun(runs.folder / header.id, header, label)) for header, label in rows)


def _under_way(listed: Iterable[ListedRun]) -> tuple[tuple[str, int, RunState], ...]:
    """What changes when those end that run."""
    return tuple((one.id, _changed(one.run.folder / NAME), one.run.state) for one in listed if one.state == "running")


def _changed(path: Path) -> int:
    """When a folder's entries or a file changed last, in ns; 0 where there is none."""
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0
