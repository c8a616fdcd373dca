"""Trials of a sweep that a worker does one after another: those whose networks compile alike, on the same images."""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Callable, Container, Iterator
from dataclasses import dataclass, replace

import msgspec

from initterm.experiments.sweep.architecture import Architecture
from initterm.experiments.sweep.sweep import Sweep, TrialKey
from initterm.experiments.sweep.work import CellRow, TrialWork, Work
from initterm.experiments.training.contender import Contender
from initterm.experiments.training.experiment import Experiment
from initterm.experiments.training.looks import UNJUDGED

AlikeRows = dict[CellRow, int]
"""Contenders of cells that are the same training, in the order of cells, and how many seeds each of them has."""


@dataclass(frozen=True)
class TrialGroup:
    """Trials of one architecture."""

    architecture: Architecture
    trials: tuple[TrialKey, ...]

    @property
    def data(self) -> str:
        """Where its images, or the examples of a person's own model come from, which are made for that model."""
        own = self.architecture.own
        return f"{own} {self.architecture.images}" if own.model else str(self.architecture.images[0])


class CellTrials(msgspec.Struct, frozen=True):
    """Some trials of one cell, counted from 0, as they are sent to where they are done."""

    cell: int
    experiment: Experiment
    trials: tuple[int, ...]


def sent(sweep: Sweep, keys: tuple[TrialKey, ...]) -> tuple[CellTrials, ...]:
    """These trials with all that is needed to do them, in their order."""
    of_cells: dict[int, list[int]] = {}
    for cell, trial in keys:
        of_cells.setdefault(cell, []).append(trial)
    return tuple(CellTrials(cell, sweep.cell(cell).experiment, tuple(trials)) for cell, trials in of_cells.items())


class Plan:
    """What of a sweep is still to be done, handed out in groups; architecture after architecture, in it cell by cell.

    What is the same training in several cells is done once, in the first of them, and told for all. ``work`` is how
    much that is. Contenders that are ``left_out``, counted from 0, aren't handed out any more.

    Args:
        sweep: all of whose cells are made.

    Raises:
        Refusal: a cell can't be run; it says which.
    """

    def __init__(self, sweep: Sweep) -> None:
        self._contenders = len(sweep.contenders)
        self._rows: dict[Architecture, list[tuple[CellRow, range]]] = {}
        self._alike: dict[CellRow, AlikeRows] = {}
        self.work = Work(self._contenders)
        self._take_in(sweep)
        self._over: set[TrialKey] = set()
        self._again: deque[TrialGroup] = deque()
        self._fresh = self._in_order()
        self._next: tuple[Architecture, TrialKey] | None = None
        self.left_out: Container[int] = ()
        self.left = self.work.trials
        """Trials that are to be done and weren't handed out yet."""

    def _take_in(self, sweep: Sweep) -> None:
        """Every row: the seeds that no row before it has of the same training are done in it."""
        found: dict[bytes, AlikeRows] = {}
        for cell in sweep.cells():
            for index, contender in enumerate(cell.experiment.contenders):
                row, alike = (cell.index, index), found.setdefault(_digest(cell.experiment, contender), {})
                seeds = range(max(alike.values(), default=0), cell.experiment.seeds)
                alike[row], self._alike[row] = cell.experiment.seeds, alike
                if seeds:
                    work = TrialWork.of(cell.experiment, contender)
                    self.work.add(row, work, seeds)
                    self._rows.setdefault(work.architecture, []).append((row, seeds))

    def alike(self, key: TrialKey) -> tuple[TrialKey, ...]:
        """The trials of other cells that are the same training, beside this one of the first such cell."""
        return tuple(other for other in self._same(key) if other != key)

    def first(self, key: TrialKey) -> TrialKey:
        """The trial that is done for this one, mostly itself."""
        return next(self._same(key), key)

    def _same(self, key: TrialKey) -> Iterator[TrialKey]:
        """The trials that are the same training, this one among them, by the number of their cell."""
        seed, contender = divmod(key.trial, self._contenders)
        for (cell, other), seeds in self._alike[key.cell, contender].items():
            if seed < seeds:
                yield TrialKey(cell, seed * self._contenders + other)

    def take_over(self, key: TrialKey) -> None:
        """Note a trial that was done before anything is handed out."""
        if key not in self._over and self.first(key) == key:
            self._over.add(key)
            self.left -= 1

    def next_group(self, most: Callable[[Architecture], int]) -> TrialGroup | None:
        """Hand out the next group, with so many trials of its architecture at most; None where nothing is left."""
        if self._again:
            return self._again.popleft()
        if (first := self._taken()) is None:
            return None
        architecture, key = first
        keys, room = [key], most(architecture)
        while len(keys) < room and (following := self._taken()):
            if following[0] != architecture:
                self._next = following
                break
            keys.append(following[1])
        self.left -= len(keys)
        return TrialGroup(architecture, tuple(keys))

    def give_back(self, group: TrialGroup) -> None:
        """Hand these out again, before others."""
        self._again.append(group)

    @property
    def empty(self) -> bool:
        """Whether nothing is left to be handed out."""
        return not self.left and not self._again

    def _taken(self) -> tuple[Architecture, TrialKey] | None:
        while True:
            following, self._next = self._next or next(self._fresh, None), None
            if not following or following[1].trial % self._contenders not in self.left_out:
                return following
            self.left -= 1

    def _in_order(self) -> Iterator[tuple[Architecture, TrialKey]]:
        for architecture, rows in self._rows.items():
            for (cell, contender), seeds in rows:
                for seed in seeds:
                    key = TrialKey(cell, seed * self._contenders + contender)
                    if key not in self._over:
                        yield architecture, key


def _digest(experiment: Experiment, contender: Contender) -> bytes:
    """What is equal where a contender's trainings are the same, whoever takes part beside it."""
    bare = replace(contender, activation=None)
    network = experiment.network_of(contender)
    alone = replace(experiment, contenders=(bare,), network=network, seeds=1, looked=(), **UNJUDGED)
    return hashlib.blake2b(msgspec.json.encode(alone), digest_size=16).digest()
