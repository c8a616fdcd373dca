"""A paper's replication as an iterator of events: its experiments run as the panes run them, then its claims judged."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator
from itertools import chain
from typing import Any

from initterm.engine import runtime
from initterm.engine.data import datasets
from initterm.engine.data.datasets import Dataset
from initterm.engine.signal.measuring import measure
from initterm.engine.training.training import train_on
from initterm.experiments.message import finite
from initterm.experiments.papers import events
from initterm.experiments.papers.paper import Paper, PaperResults
from initterm.experiments.signal.board import SignalBoard
from initterm.experiments.signal.events import JacobianMeasured, SignalMeasured
from initterm.experiments.training.board import Scoreboard
from initterm.experiments.training.events import Diagnosed, EpochFinished, TrialFinished

DRAWN_SECONDS = 0.25
"""How far apart in time drawings of what is going on are."""

WORTH_DRAWING = (SignalMeasured, JacobianMeasured, Diagnosed, EpochFinished, TrialFinished)


def replicate(paper: Paper, data: str = "auto", seed: int = 42) -> Iterator[events.PaperEvent]:
    """Run a paper's experiments and judge its claims; stopping to iterate stops it.

    Args:
        paper: what to replicate.
        data: where images come from, as in ``datasets.load``.
        seed: the first of its seeds.

    Yields:
        The progress of a download, ``PaperStarted``, then ``PaperAdvanced`` and ``PanelDrawn`` while experiments go on,
        a ``ClaimJudged`` for each claim, ``PaperFinished``. What is done between two of them is bounded in time,
        compiling excepted.

    Raises:
        Refusal: the images can't be used, or there isn't memory enough.
    """
    began = time.perf_counter()
    paper = paper.on(data, seed)
    dataset = yield from datasets.load(data)
    computed = runtime.device_name(), runtime.versions(), runtime.machine()
    yield events.PaperStarted(paper.name, dataset.name, dataset.note, *computed)
    yield from replicate_on(paper, dataset)
    yield events.PaperFinished(paper.name, time.perf_counter() - began)


def replicate_on(paper: Paper, dataset: Dataset) -> Iterator[events.PaperEvent]:
    """Run a paper's experiments on these images, and judge its claims: what ``replicate`` does with loaded data."""
    evidence = yield from _Replication(paper).run(dataset)
    for claim in paper.claims:
        quantity = claim.quantity(evidence)
        measured = None if quantity is None else finite(quantity)
        yield events.ClaimJudged(claim.text, claim.standing, claim.expected, measured, claim.holds(measured))


class _Replication:
    """A paper's boards, one for each experiment, as its events come, and the panels that were last told."""

    def __init__(self, paper: Paper) -> None:
        self._paper = paper
        self._boards: list[Any] = [*map(SignalBoard, paper.signals), *map(Scoreboard.of, paper.trainings)]
        self._told: dict[int, events.Panel] = {}
        self._drawn_at = 0.0

    @property
    def _evidence(self) -> PaperResults:
        signals = len(self._paper.signals)
        return PaperResults(tuple(self._boards[:signals]), tuple(self._boards[signals:]))

    def run(self, dataset: Dataset) -> Generator[events.PaperEvent, None, PaperResults]:
        """The events of all experiments, one after the other; returns what they gave."""
        signals = (measure(signal, dataset) for signal in self._paper.signals)
        trainings = (train_on(dataset, training) for training in self._paper.trainings)
        for index, work in enumerate(chain[Any](signals, trainings)):
            for event in work:
                self._boards[index] = self._boards[index].after(event)
                yield self._advanced(index)
                if isinstance(event, WORTH_DRAWING) and time.perf_counter() - self._drawn_at > DRAWN_SECONDS:
                    yield from self._drawn()
            yield from self._drawn()
        return self._evidence

    def _advanced(self, index: int) -> events.PaperAdvanced:
        board, total = self._boards[index], len(self._boards)
        return events.PaperAdvanced(
            (index + board.share_done) / total, f"experiment {index + 1} of {total}: {board.doing}"
        )

    def _drawn(self) -> Iterator[events.PanelDrawn]:
        """Those panels that are others than they were."""
        for index, panel in enumerate(self._paper.panels(self._evidence)):
            if self._told.get(index) != panel:
                self._told[index] = panel
                yield events.PanelDrawn(index, panel)
        self._drawn_at = time.perf_counter()
