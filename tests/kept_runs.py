"""Folders of runs, written as the engine writes them, with events that tests have made."""

from __future__ import annotations

import calendar
import time
from itertools import islice

import msgspec

from initterm.experiments.audit.choice import ModelChoice
from initterm.experiments.papers.asked import PaperChoice
from initterm.experiments.sweep.sweep import Sweep
from initterm.experiments.training.experiment import Experiment
from initterm.experiments.watch.watched import Watched
from initterm.pipe.cluster.driver import Driver
from initterm.pipe.cluster.ledger import Ledger
from initterm.report.runs.outcome import outcome_of
from initterm.store.header import Label
from initterm.store.place import runs_folder
from initterm.store.stored import StoredRun
from initterm.store.writer import RunWriter, header_of
from tests.experiments.watch.watched_events import watched_events
from tests.own_models import own_events
from tests.pipe.cluster.simulated import SimulatedPool
from tests.tui.fakes import audit_events, paper_events, run_events, stopped_events

BEGAN = calendar.timegm((2026, 11, 29, 6, 45, 0))


def events_of(asked):
    """All that a run of it tells."""
    if isinstance(asked, Sweep):
        return Driver(Ledger(asked), SimulatedPool(), 1).events()
    if isinstance(asked, PaperChoice):
        return paper_events(asked.replicated)
    if isinstance(asked, Watched):
        return watched_events(asked)
    if isinstance(asked, Experiment) and asked.own.model:
        return own_events(asked)
    if isinstance(asked, Experiment) and asked.stop_losing:
        return stopped_events(asked)
    return audit_events(asked) if isinstance(asked, ModelChoice) else run_events(asked)


def writer_of(asked, at=0, folder=None):
    """The writer of a run that began so many minutes after the first."""
    began = BEGAN + 60 * at
    run = f"{time.strftime('%Y%m%d-%H%M%S', time.gmtime(began))}-{at:04x}"
    path = (folder or runs_folder()) / run
    path.mkdir(parents=True)
    return RunWriter(path, msgspec.structs.replace(header_of(run, asked), began=began, host="lab", commit=""))


def keep(asked, at=0, *, told=None, state="finished", problem="", folder=None, **label):
    """A run that told so many of its events, all by default, and ended so; one that was interrupted just ends."""
    writer = writer_of(asked, at, folder)
    events = list(islice(events_of(asked), told))
    for event in events:
        writer.append(event)
    if state == "interrupted":
        writer.close()
    else:
        run = StoredRun.read(writer.folder)
        leader, outcome = outcome_of(run.board()[0])
        writer.end(state, problem=problem, leader=leader, outcome=outcome)
        ended = msgspec.structs.replace(StoredRun.read(writer.folder).header, ended=BEGAN + 60 * at + 42)
        ended.write(writer.folder)
    if label:
        Label(**label).write(writer.folder)
    return StoredRun.read(writer.folder)
