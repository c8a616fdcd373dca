"""Where runs that are kept are shown: each kind in its pane."""

from __future__ import annotations

import os

from initterm.store.kinds import KindName
from initterm.store.runs import Runs
from initterm.tui.catalogue import PAPERS, WATCH
from initterm.tui.messages import OpenedRun, OpenedRuns, Sent

PANE_OF: dict[KindName, str] = {
    "train": "train",
    "papers": PAPERS.id,
    "audit": "audit",
    "sweep": "sweep",
    "watch": WATCH.id,
}


def to_its_pane(opened: OpenedRun) -> Sent:
    """What shows a run; a watched one goes to a pane that shows several beside each other."""
    kind = opened.run.header.kind
    return Sent(PANE_OF[kind], OpenedRuns((opened,)) if kind == "watch" else opened)


def opened_by_name(runs: Runs, name: str) -> OpenedRun:
    """The run of an id, or of its beginning, or in a folder; whoever opens one that has ended has seen its end.

    Raises:
        Refusal: there is none that can be read.
    """
    run = runs.named(name)
    opened = OpenedRun.of(run, apart=os.sep in name and run.folder.parent != runs.folder)
    if not opened.is_live:
        runs.seen(opened.run.id)
    return opened
