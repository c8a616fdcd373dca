"""What is asked of another machine beside what any engine is asked, and what is told from there.

Its engine is kept by a process there (``pipe/box``), which passes on what an engine is asked and tells.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from initterm.experiments.audit.choice import ModelChoice
from initterm.experiments.message import Message
from initterm.experiments.sweep.sweep import Sweep
from initterm.experiments.sweep.workplace import Workplace
from initterm.store.events import RunState
from initterm.store.header import Header, Label
from initterm.store.wishes import Wishes

# Requests


class KeepReady(Message, frozen=True):
    """Has a process ready for the next run of a person's own model; answered by ``Exhausted``."""


class RestartEngine(Message, frozen=True):
    """Ends the engine there, and starts a fresh one; answered by ``Exhausted``."""


class AuditThere(Message, frozen=True):
    """Begins the audit of a model in a process of its own, whose events ``Advance`` then asks for."""

    choice: ModelChoice
    keeps: bool = False


class SweepThere(Message, frozen=True):
    """Begins a sweep in a process of its own, which goes on whatever becomes of the line; answered by ``RunKept``.

    ``run`` is the id of the one that goes on, empty for a new one, with as many seeds as the sweep has where
    ``more_seeds``.
    """

    sweep: Sweep
    workplace: Workplace
    run: str = ""
    more_seeds: bool = False


class ListRuns(Message, frozen=True):
    """Asks for so many kept runs from this one on, counted from the newest; answered by ``RunsThere``.

    ``unseen`` asks for those alone that are under way, or whose end nobody has seen yet.
    """

    first: int = 0
    most: int = 100
    unseen: bool = False


class FindRun(Message, frozen=True):
    """Asks for the run whose id begins so; answered by ``RunsThere`` of it, or refused."""

    beginning: str


class LookAtRuns(Message, frozen=True):
    """Asks whether there are others than before; answered by ``RunsStand``."""


class ReadRun(Message, frozen=True):
    """Asks for what a run has told from this byte of its events on; answered by ``RunTold``."""

    run: str
    at: int


class WantOfRun(Message, frozen=True):
    """Wants this of whoever writes a run; answered by ``Exhausted``, or refused."""

    run: str
    wishes: Wishes


class LabelRun(Message, frozen=True):
    """Says this of a run; answered by ``Exhausted``, or refused."""

    run: str
    label: Label


class RemoveRun(Message, frozen=True):
    """Deletes a run; answered by ``Exhausted``, or refused."""

    run: str


class SeeRun(Message, frozen=True):
    """Somebody has seen its end; answered by ``Exhausted``."""

    run: str


class ListPaths(Message, frozen=True):
    """Asks what a path can be completed to, in folders and in files with these endings; answered by ``PathsListed``."""

    text: str
    endings: tuple[str, ...]


class WriteFile(Message, frozen=True):
    """Writes a file that a person has named there; answered by ``FileStands``, or refused.

    One that stands there already is written over where that is ``agreed``, else it is left as it is.
    """

    path: str
    content: bytes
    agreed: bool = False


ShelfRequest = (
    ListRuns | FindRun | LookAtRuns | ReadRun | WantOfRun | LabelRun | RemoveRun | SeeRun | ListPaths | WriteFile
)
"""What is done with files there."""

ThereRequest = KeepReady | RestartEngine | AuditThere | SweepThere | ShelfRequest


# What is told


class EngineTold(Message, frozen=True):
    """The state of the engine there, whenever it changes; answers nothing. ``log`` takes its native output there."""

    kind: Literal["loading", "ready", "restarting", "silent", "failed"]
    text: str
    log: str = ""


class Lost(Message, frozen=True):
    """The engine process there ended while it was needed; ``sentence`` is for the person."""

    sentence: str


class ListedRun(msgspec.Struct, frozen=True):
    """A kept run as it stands there, with what is wanted of it."""

    header: Header
    label: Label
    state: RunState
    wishes: Wishes = Wishes()


class RunsThere(Message, frozen=True):
    """Runs; ``all`` is how many there are."""

    runs: tuple[ListedRun, ...]
    all: int
    folder: str


class RunsStand(Message, frozen=True):
    """A number that is another one when runs were begun, deleted, labelled, or have ended."""

    number: int


class RunTold(Message, frozen=True):
    """Whole lines of a run's events, and the byte behind them; none where nothing was told from there on.

    ``written`` says whether a process that lives writes it, as it was before these lines were read.
    """

    content: bytes
    at: int
    written: bool


class PathsListed(Message, frozen=True):
    """What the text can be completed to."""

    paths: tuple[str, ...]


class FileStands(Message, frozen=True):
    """The file stands at this path; ``written`` says whether it is this one, and not the one before."""

    path: str
    written: bool


ThereEvent = EngineTold | Lost | RunsThere | RunsStand | RunTold | PathsListed | FileStands
