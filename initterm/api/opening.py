"""Results of runs: how each is kept, and the app that shows it, in a process of its own."""

from __future__ import annotations

import atexit
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from initterm.api.result import ShownResult
from initterm.api.stored import found
from initterm.experiments.message import Message
from initterm.report.runs.outcome import outcome_of
from initterm.store.keeping import Interrupted, kept
from initterm.store.kinds import RunAsked, kind_of
from initterm.store.place import runs_folder
from initterm.store.runs import Runs
from initterm.store.stored import StoredRun
from initterm.theory.refusal import Refusal

APP = (sys.executable, "-m", "initterm")


@dataclass(frozen=True, eq=False)
class RunBehind:
    """The run that a result is of: what it was asked and has told.

    Attributes:
        asked: what it was asked.
        run: the id of the run that it is kept as; empty where it isn't.
        events: what it has told, where it isn't kept.
        command: what repeats it, where no command does.
        ended: it has come to its end.
    """

    asked: RunAsked
    run: str = ""
    events: Sequence[Message] = ()
    command: str = ""
    ended: bool = True

    @cached_property
    def stored(self) -> StoredRun:
        """Its folder: that of the run that is kept, or one that lasts as long as this process.

        Raises:
            Refusal: it isn't kept any more, or no folder can be written.
        """
        return found(self.run) if self.run else self._written()

    def open(self) -> None:
        """Let the app show it.

        Raises:
            Refusal: as ``open_in_app`` and ``stored``.
        """
        open_in_app(self.stored, passes=not self.run)

    def _written(self) -> StoredRun:
        try:
            writer, _ = Runs(_passing_folder()).begun(self.asked, self.command)
        except OSError as error:
            raise Refusal(f"The app reads it from a folder, and none can be written ({error.strerror}).") from None
        with suppress(Interrupted):
            for _ in kept(self._all(), writer, kind_of(self.asked).board(self.asked), outcome_of):
                pass
        return StoredRun.read(writer.folder)

    def _all(self) -> Iterator[Message]:
        yield from self.events
        if not self.ended:
            raise Interrupted


class OpenedResult(ShownResult):
    """A result of a run, which the app shows in a pane."""

    _told: RunBehind

    @property
    def run(self) -> str:
        """The id of the run that is kept, by which ``initterm.runs`` finds it; empty where none is."""
        return self._told.run

    def open(self) -> None:
        """Show it in the app, in this terminal, until you leave that; what isn't kept is shown all the same.

        Raises:
            Refusal: this is no terminal, as in a notebook; the sentence says what to type in one.
        """
        self._told.open()


def open_in_app(run: StoredRun, *, passes: bool = False) -> None:
    """Let the app show a run in this terminal, and wait for its end.

    Args:
        run: which.
        passes: it goes with this process.

    Raises:
        Refusal: this is no terminal; the sentence says what to type in one.
    """
    named = run.id if run.folder.parent == runs_folder() else str(run.folder)
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        until = ", as long as this process lives" if passes else ""
        raise Refusal(f"The app needs a terminal; in one, initterm runs open {named} shows this{until}.")
    sys.stdout.flush()
    subprocess.run((*APP, "runs", "open", named), check=False)


@cache
def _passing_folder() -> Path:
    """A folder that goes with this process."""
    folder, owner = tempfile.mkdtemp(prefix="initterm-"), os.getpid()
    atexit.register(lambda: shutil.rmtree(folder, ignore_errors=True) if os.getpid() == owner else None)
    return Path(folder)
