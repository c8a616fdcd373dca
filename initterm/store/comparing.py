"""Trainings that were run apart, compared: what tells them apart, and which of their trials are pairs."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from string import ascii_uppercase
from typing import Any

import msgspec

from initterm.experiments.comparison import Accuracies, Flags, Stopped
from initterm.experiments.message import Number
from initterm.experiments.metric import Metric
from initterm.experiments.training.board import Scoreboard
from initterm.experiments.training.contender import Contender
from initterm.experiments.training.events import DataLoaded
from initterm.experiments.training.experiment import TRAIN_SETTINGS
from initterm.store.stored import StoredRun
from initterm.theory.refusal import Refusal

SAME_BATCHES = ("samples", "validation_split", "batch_size")
"""The settings by which the batches of a seed follow from the data."""

SAME_PARTS = ("train_data", "validation_data", "test_data", "seed")
"""Of a person's own model also those by which its examples are divided into what trains, validates and tests."""

MOST = len(ascii_uppercase)


@dataclass(frozen=True, eq=False)
class ComparedRun:
    """One of several trainings, called by a letter."""

    letter: str
    run: StoredRun
    board: Scoreboard

    @property
    def values(self) -> dict[str, str]:
        """What it is set to, and on what it was computed, by the titles of settings, as a person reads it."""
        settings = self.board.experiment.settings
        told = {one.title: one.kind.shown(settings[one.name]) for one in TRAIN_SETTINGS if one.name != "looked"}
        header, data = self.run.header, self.board.data
        facts = {"images": data.name if data else "", "device": self.board.device}
        facts |= {"threads": str(header.machine.threads or ""), "initterm": header.initterm}
        names = ", ".join(map(str, self.board.experiment.contenders))
        return {"initializers": names} | told | facts | {"commit": header.commit[:8]}

    @property
    def seeds(self) -> range:
        """The seeds it is trained with."""
        experiment = self.board.experiment
        return range(experiment.seed, experiment.seed + experiment.seeds)

    def name_of(self, contender: Contender) -> str:
        """What a contender of this run is called beside those of others."""
        return f"{self.letter} {contender}"


@dataclass(frozen=True)
class PairedTrials:
    """What trials of several runs came to in their tests, by the seeds that all have in common.

    ``rows`` and ``diverged`` have a row for everybody who takes part; ``margin`` is a share, the smallest that one of
    the runs has, None where the metric has no bound. ``stopped`` are those who didn't go to the end in their run.
    """

    rows: Accuracies
    diverged: Flags
    margin: float | None
    metric: Metric
    stopped: tuple[Stopped, ...] = ()


@dataclass(frozen=True, eq=False, repr=False)
class ComparedRuns:
    """Several trainings."""

    runs: tuple[ComparedRun, ...]

    @classmethod
    def of(cls, runs: Sequence[StoredRun]) -> ComparedRuns:
        """These, which are read, called by letters in their order.

        Raises:
            Refusal: one can't be read, or is no training; or they are more than there are letters.
        """
        if len(runs) > MOST:
            raise Refusal(f"At most {MOST} runs are compared at once.")
        others = [run.header.kind for run in runs if run.header.kind != "train"]
        if others:
            raise Refusal(f"Trainings are compared with each other; a run of {others[0]} isn't one.")
        boards = (run.board()[0] for run in runs)
        return cls(tuple(map(ComparedRun, ascii_uppercase, runs, boards)))

    @cached_property
    def differing(self) -> dict[str, tuple[str, ...]]:
        """What isn't the same in all, by its title; a text for each run."""
        values = [one.values for one in self.runs]
        rows = {title: tuple(of_run[title] for of_run in values) for title in values[0]}
        return {title: row for title, row in rows.items() if len(set(row)) > 1}

    @property
    def names(self) -> tuple[str, ...]:
        """Everybody who takes part, run by run."""
        return tuple(one.name_of(contender) for one in self.runs for contender in one.board.experiment.contenders)

    def paired(self) -> PairedTrials:
        """What they came to, by seed, in the order of ``names``.

        Raises:
            Refusal: trials of the same seed didn't see the same batches, or there are none.
        """
        first, *others = self.runs
        for other in others:
            _refuse_other_images(first, other)
            _refuse_other_metric(first, other)
            _refuse_other_batches(first, other)
        seeds = [seed for seed in first.seeds if all(seed in other.seeds for other in others)]
        if not seeds:
            told = " and ".join(f"{one.letter} has {_seeds_words(one.seeds)}" for one in self.runs)
            raise Refusal(f"They can't be paired: {told}, so that no seed is in all of them.")
        rows = [_row(one, contender, seeds) for one in self.runs for contender in one.board.experiment.contenders]
        margin, metric = min(one.board.experiment.margin for one in self.runs) / 100, first.board.metric
        figures, diverged = (tuple(of_all) for of_all in zip(*rows, strict=True))
        return PairedTrials(figures, diverged, margin if metric.is_share else None, metric, self._stopped)

    @property
    def _stopped(self) -> tuple[Stopped, ...]:
        """Who was stopped, counted in the order of ``names``."""
        counts = (len(one.board.experiment.contenders) for one in self.runs)
        firsts = itertools.accumulate(counts, initial=0)
        return tuple(
            msgspec.structs.replace(stopped, contender=first + stopped.contender, behind=first + stopped.behind)
            for first, one in zip(firsts, self.runs, strict=False)
            for stopped in one.board.stopped
        )


def _row(one: ComparedRun, contender: Contender, seeds: Sequence[int]) -> tuple[tuple[Number, ...], tuple[bool, ...]]:
    by_seed = {record.trial.seed: record for record in one.board.of_contender(contender)}
    records = [by_seed[seed] for seed in seeds]
    accuracies = tuple(record.test_accuracy if record.status in ("finished", "stopped") else None for record in records)
    return accuracies, tuple(record.status == "diverged" for record in records)


def _refuse_other_images(a: ComparedRun, b: ComparedRun) -> None:
    """Refuse runs of other data.

    Raises:
        Refusal: they had others, or one ended before it had any.
    """
    for one in (a, b):
        if one.board.data is None:
            raise Refusal(f"They can't be paired: {one.letter} has no images yet.")
    of_a, of_b = _images(a.board.data), _images(b.board.data)
    both = a.run.header.fingerprint and b.run.header.fingerprint
    if of_a != of_b or (both and a.run.header.fingerprint != b.run.header.fingerprint):
        raise Refusal(f"They can't be paired: {a.letter} and {b.letter} had other images.")


def _refuse_other_metric(a: ComparedRun, b: ComparedRun) -> None:
    """Refuse runs that are judged by something else.

    Raises:
        Refusal: it says by what.
    """
    of_a, of_b = a.board.metric, b.board.metric
    if of_a != of_b:
        told = f"{a.letter} is judged by {of_a.name} and {b.letter} by {of_b.name}"
        raise Refusal(f"They can't be paired: {told}.")


def _images(data: DataLoaded | None) -> Any:
    return data and (data.name, data.test)


def _refuse_other_batches(a: ComparedRun, b: ComparedRun) -> None:
    """Refuse runs whose trials saw other batches.

    Raises:
        Refusal: it says which setting makes them others.
    """
    of_a, of_b = a.board.experiment.settings, b.board.experiment.settings
    same = (*SAME_BATCHES, *SAME_PARTS) if of_a["model"] or of_b["model"] else SAME_BATCHES
    for setting in TRAIN_SETTINGS:
        if setting.name in same and of_a[setting.name] != of_b[setting.name]:
            told = f"{setting.kind.shown(of_a[setting.name])} and {setting.kind.shown(of_b[setting.name])}"
            name = setting.name.replace("_", " ")
            raise Refusal(f"They can't be paired: {a.letter} and {b.letter} differ in {name} ({told}).")


def _seeds_words(seeds: range) -> str:
    return f"seed {seeds[0]}" if len(seeds) == 1 else f"seeds {seeds[0]} to {seeds[-1]}"
