"""What stands beside a run's events: what was asked, where, how it ended; and what a person says of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Self

import msgspec

from initterm.experiments.message import UNKNOWN, Machine
from initterm.store.events import RunState
from initterm.store.files import read, read_or, replace
from initterm.store.kinds import KINDS, KindName, RunAsked, RunKind, ToldSetting
from initterm.theory.refusal import Refusal

NAME, LABEL = "run.json", "label.json"
SCHEMA = 1
LARGEST, LARGEST_LABEL = 2**20, 2**16
LONGEST_NAME, LONGEST_NOTE = 80, 2000

LATEST = 253_402_214_400.0
"""The last day of the year 9999, in seconds since 1970: calendars end there."""


class Header(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A run, without its events.

    Attributes:
        schema: the version of everything that is kept of a run.
        id: the folder's name.
        asked: what was asked, as its kind reads it; ``command`` repeats it.
        names: who takes part, or what is looked at.
        settings: what isn't the default, and what runs are looked for by.
        commit: of the folder that it was asked in, where that is git's.
        began: in seconds since 1970, as ``ended`` is, which is None as long as it goes on.
        outcome: what came out, in a few words.
        size: bytes of all its files, known when it has ended.

    Raises:
        ValueError: a time or a size that can't be one.
    """

    schema: int = SCHEMA
    id: str
    kind: KindName
    asked: msgspec.Raw
    command: str
    names: tuple[str, ...] = ()
    settings: dict[str, ToldSetting] = msgspec.field(default_factory=dict)
    initterm: str = ""
    versions: dict[str, str] = msgspec.field(default_factory=dict)
    device: str = ""
    machine: Machine = UNKNOWN
    data: str = ""
    fingerprint: str = ""
    host: str = ""
    folder: str = ""
    commit: str = ""
    began: float = 0.0
    ended: float | None = None
    state: RunState = "running"
    problem: str = ""
    leader: str = ""
    outcome: str = ""
    size: int = 0

    def __post_init__(self) -> None:
        times = (self.began, self.began if self.ended is None else self.ended)
        if not all(0 <= at <= LATEST for at in times) or self.size < 0 or self.schema < 1:
            raise Refusal("No run has such times, such a size or such a schema.")

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Of the run in this folder.

        Raises:
            Refusal: it can't be read.
        """
        if folder.is_symlink():
            raise Refusal(f"{folder.name} is a link; a run is a folder that lies among the others.")
        try:
            header = msgspec.json.decode(read(folder / NAME, LARGEST), type=cls)
        except OSError as error:
            raise Refusal(f"{folder.name}: its {NAME} can't be read ({error.strerror}).") from None
        except (msgspec.MsgspecError, RecursionError) as error:
            raise Refusal(f"{folder.name}: its {NAME} is damaged ({error}).") from None
        if header.schema > SCHEMA:
            raise Refusal(f"{folder.name} was kept by a newer initterm; update this one to open it.")
        return msgspec.structs.replace(header, id=folder.name)

    def write(self, folder: Path) -> None:
        """Put it there, whole.

        Raises:
            OSError: it can't be written.
        """
        replace(folder / NAME, msgspec.json.encode(self))

    @property
    def resumes(self) -> bool:
        """Whether a command repeats it, by which it can go on; what Python ran with a model of its process can't."""
        return self.command.startswith("initterm ")

    @property
    def kind_row(self) -> RunKind:
        """How runs of this kind are read."""
        return KINDS[self.kind]

    @property
    def what_was_asked(self) -> RunAsked:
        """What was asked.

        Raises:
            Refusal: it is nothing that this version knows.
        """
        try:
            return self.kind_row.read(self.asked)
        except (msgspec.MsgspecError, RecursionError) as error:
            raise Refusal(f"{self.id}: what it was asked is of no use here ({error}).") from None

    def with_facts(self, facts: dict[str, Any]) -> Self:
        """With what has become known."""
        return msgspec.structs.replace(self, **facts)


class Label(msgspec.Struct, frozen=True, gc=False):
    """What a person says of a run; one that is pinned is never removed to make room.

    Raises:
        ValueError: longer than a name or a note is.
    """

    name: str = ""
    note: str = ""
    pinned: bool = False

    def __post_init__(self) -> None:
        if len(self.name) > LONGEST_NAME:
            raise Refusal(f"A run's name has at most {LONGEST_NAME} characters.")
        if len(self.note) > LONGEST_NOTE:
            raise Refusal(f"A run's note has at most {LONGEST_NOTE} characters.")

    @classmethod
    def read(cls, folder: Path) -> Label:
        """Of the run in this folder; nothing where nothing is said, or nothing readable."""
        return read_or(cls(), folder / LABEL, LARGEST_LABEL)

    def write(self, folder: Path) -> None:
        """Say it of the run in this folder.

        Raises:
            Refusal: it can't be written.
        """
        try:
            replace(folder / LABEL, msgspec.json.encode(self))
        except (OSError, UnicodeEncodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is no text"
            raise Refusal(f"{folder / LABEL} can't be written ({reason}).") from None
