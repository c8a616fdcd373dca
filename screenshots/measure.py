"""Measures the map of trainable depth that README shows: ``python -m screenshots.measure``.

It takes minutes, so that what came of it stays in a file beside this one: the sweep's text and when it was measured,
then what it told of its trials. ``screenshots.take`` shows that in the app.
"""

from __future__ import annotations

import datetime
import os
import tempfile
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import msgspec

from initterm.experiments.guide.sweeps import TRAINABLE_DEPTH
from initterm.experiments.message import Message
from initterm.experiments.sweep.board import SweepBoard
from initterm.experiments.sweep.events import CellJudged, SweepStarted, TrialFailed, TrialMeasured
from initterm.experiments.sweep.sweep import Sweep
from initterm.experiments.sweep.workplace import Workplace
from initterm.experiments.training.events import DataLoaded, FellBack, RunStarted
from initterm.pipe.kept_sweep import kept_sweep
from initterm.report.runs.outcome import outcome_of
from initterm.store.keeping import kept
from initterm.store.kinds import kind_of
from initterm.store.runs import Runs
from initterm.store.stored import StoredRun

FILE = Path(__file__).with_name("trainable_depth.jsonl")
STAYS = (RunStarted, DataLoaded, FellBack, SweepStarted, TrialMeasured, TrialFailed, CellJudged)
"""What is told of results, and not of how far it is."""


class Measured(msgspec.Struct, frozen=True):
    """What was measured, when, and how many seconds it took with a worker on each of so many cores."""

    sweep: str
    date: str
    seconds: float
    cores: int


def written(sweep: Sweep, events: Iterable[Any], seconds: float) -> bytes:
    """What the file holds."""
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    head = Measured(str(sweep), today, round(seconds), os.cpu_count() or 1)
    told = (_bare(event) for event in events if isinstance(event, STAYS))
    return b"".join(msgspec.json.encode(one) + b"\n" for one in (head, *told))


def _bare(event: Message) -> Message:
    """Without what only tests of a cell's trials and explanations need."""
    return msgspec.structs.replace(event, hits=b"", diagnoses=()) if isinstance(event, TrialMeasured) else event


def read() -> tuple[Measured, Sequence[Message]]:
    """What was measured, and what it told."""
    head, *lines = FILE.read_bytes().splitlines()
    measured = msgspec.json.decode(head, type=Measured)
    return measured, [*map(kind_of(Sweep.parse(measured.sweep)).decoder(), lines)]


def kept_run() -> StoredRun:
    """The same as a run that is kept."""
    measured, events = read()
    sweep = Sweep.parse(measured.sweep)
    writer, _ = Runs().begun(sweep)
    for _ in kept(iter(events), writer, SweepBoard.of(sweep), outcome_of, needed=True):
        pass
    return Runs().find(writer.id)


def measure() -> bytes:
    """Train in every cell, a worker a core."""
    sweep, began, events = Sweep.parse(TRAINABLE_DEPTH), time.monotonic(), []
    for event in kept_sweep(sweep, Workplace()):
        events.append(event)
        if isinstance(event, TrialMeasured):
            print(f"{sum(isinstance(one, TrialMeasured) for one in events)} of {sweep.trial_count}", flush=True)
    return written(sweep, events, time.monotonic() - began)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        os.environ["INITTERM_RUNS"] = folder
        FILE.write_bytes(measure())
