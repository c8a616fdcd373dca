"""A sweep in a process of its own, which goes on whatever becomes of whoever began it: followed by its folder."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from functools import reduce
from pathlib import Path

from initterm.experiments.sweep.board import SweepBoard
from initterm.experiments.sweep.sweep import Sweep
from initterm.experiments.sweep.workplace import WORKPLACE_SETTINGS, Workplace
from initterm.pipe.native_output import new_log
from initterm.store import journal
from initterm.store.events import RunKept
from initterm.store.following import FollowedRun
from initterm.store.runs import Runs
from initterm.store.stored import StoredRun
from initterm.theory.refusal import Refusal
from initterm.theory.settings import changed

COMMAND = ("-m", "initterm", "runs", "resume")
"""What has a Python go on with a run whose id follows: the same for a person in a shell."""

LOOK_SECONDS = 0.1
"""How often it is looked whether its process has begun to write."""

END_SECONDS = 5.0
"""How long it is waited for the end of a process that writes no more, so that its last words are there."""

SAYS = "initterm: "
"""Begins what the process has to say, after which its last sentence stands."""

REFUSED = 2
"""Its exit status where it can't be done as asked."""

SweepTold = RunKept | SweepBoard


FILES = ("scheduler_file", "tls")
"""Settings that name files, which are looked for from here, wherever the process is."""


def place_options(workplace: Workplace) -> Iterator[str]:
    """The options that say where a sweep is computed, as far as that isn't the default."""
    values = {setting.name: getattr(workplace, setting.name) for setting in WORKPLACE_SETTINGS}
    for setting in changed(WORKPLACE_SETTINGS, values):
        text = setting.kind.text(values[setting.name])
        yield from (setting.flag, str(Path(text).expanduser().absolute()) if setting.name in FILES else text)


class SweepRun:
    """A sweep that is begun, or one that goes on: iterate it in one thread for its boards; steer it from any other.

    ``kept`` is its id, empty until its folder is there; ``cancelled`` says that somebody has cancelled it, ``over``
    that nobody iterates it any more.

    Args:
        sweep: what is done.
        workplace: where; a run that goes on keeps its threads a trial.
        run: the id of the run that goes on; empty for a new one.
        python: what goes on with a run.
        command: what has it do so; the run's id and the options of the workplace are added.
        more_seeds: the run that goes on is given as many seeds as the sweep has, in all cells or in some.
        begins: a process is started for it; where another one writes it already, it is only followed.
    """

    def __init__(
        self,
        sweep: Sweep,
        workplace: Workplace,
        run: str = "",
        python: str = sys.executable,
        command: tuple[str, ...] = COMMAND,
        *,
        more_seeds: bool = False,
        begins: bool = True,
    ) -> None:
        self._sweep = sweep
        self._workplace = workplace
        self._goes_on = bool(run)
        self._command = (python, *command)
        self._begins = begins
        self._more_seeds = more_seeds
        self._process: subprocess.Popen[bytes] | None = None
        self._followed: FollowedRun | None = None
        self._left = threading.Event()
        self.kept = run
        self.cancelled = self.over = False
        self.log: Path | None = None

    @property
    def waiting_for(self) -> str:
        """What keeps it from beginning; empty once it has begun."""
        return "" if self._followed else "its process starts"

    def __iter__(self) -> Iterator[SweepTold]:
        """Its id, and then its board as it grows; ends when its process has ended, is cancelled, or is left.

        Raises:
            Refusal: it can't be run or kept, or its process died, which is said.
        """
        try:
            run, note = self._begun()
            yield RunKept(run.id, note)
            if self._begins:
                self._start(run)
            yield from self._boards(run)
        except OSError as error:
            raise Refusal(f"The sweep's process can't be started or followed ({error.strerror or error}).") from None
        finally:
            self.over = True

    def begin(self) -> RunKept:
        """Begin it, and follow it no further; its id, and what is to be said of it.

        Raises:
            Refusal: as when it is iterated.
        """
        try:
            run, note = self._begun()
            self._start(run)
        except OSError as error:
            raise Refusal(f"The sweep's process can't be started ({error.strerror or error}).") from None
        return RunKept(run.id, note)

    def _begun(self) -> tuple[StoredRun, str]:
        """The run's folder, a new one that nobody writes yet, and what is to be said of it.

        Raises:
            Refusal: a cell can't be run, or there is no such run or folder.
        """
        runs, note = Runs(), ""
        for _ in self._sweep.cells():
            pass  # each is made once, so that one that can't be run is refused before anything is kept
        if not self._goes_on:
            try:
                writer, note = runs.begun(self._sweep)
            except OSError as error:
                raise Refusal(f"A sweep is kept while it goes, and {runs.folder} can't be written ({error}).") from None
            writer.close()
            self.kept = writer.id
        return runs.find(self.kept), note

    def _start(self, run: StoredRun) -> None:
        """Start the process that writes it, in a session of its own, and wait until it does.

        Raises:
            Refusal: it ended before that, of which it has said why.
        """
        self.log, before = new_log("sweep"), self._size_of_told(run)
        options = (*place_options(self._workplace), *(self._seeds_beside(run) if self._more_seeds else ()))
        with self.log.open("wb") as said:
            self._process = subprocess.Popen(
                (*self._command, run.id, *options),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=said,
                start_new_session=True,
            )
        threading.Thread(target=self._process.wait, daemon=True).start()  # so that its end is taken in, whoever looks
        while self._size_of_told(run) == before and not self._left.wait(LOOK_SECONDS):
            if self._process.poll() is not None:
                raise Refusal(self._last_words() or f"The sweep's process ended ({self._process.returncode}).")

    def _seeds_beside(self, run: StoredRun) -> Iterator[str]:
        """The options that give a run the seeds that it hasn't got."""
        had = run.asked.more if isinstance(run.asked, Sweep) else ()
        if self._sweep.more == had:
            yield from ("--seeds", str(self._sweep.experiment.seeds))
        for more in self._sweep.more[len(had) :]:
            yield from ("--more", str(more))

    @staticmethod
    def _size_of_told(run: StoredRun) -> int:
        """Bytes of its events, to which a process adds first that it writes them."""
        return (run.folder / journal.NAME).stat().st_size

    def _boards(self, run: StoredRun) -> Iterator[SweepBoard]:
        """The board after what was told in a moment.

        Raises:
            Refusal: its process has ended before the sweep was finished.
        """
        self._followed = followed = FollowedRun(run)
        if self.cancelled:
            followed.cancel()
        if self._left.is_set():
            followed.let_go()
        board = SweepBoard.of(self._sweep)
        try:
            for events in followed.batches():
                board = reduce(SweepBoard.after, events, board)
                yield board
        except Refusal as refusal:
            raise Refusal(self._last_words() or str(refusal)) from None
        self.cancelled |= followed.cancelled
        self._await_closing(run)

    def _await_closing(self, run: StoredRun) -> None:
        """Wait a moment until its folder is closed, so that the run may go on at once."""
        until = time.monotonic() + END_SECONDS
        while run.is_written and time.monotonic() < until and not self._left.wait(LOOK_SECONDS):
            continue

    def _last_words(self) -> str:
        """The last sentence that the process said, where it ended since it couldn't do what was asked."""
        process = self._process
        with contextlib.suppress(subprocess.TimeoutExpired, OSError):
            if process and self.log and process.wait(END_SECONDS) == REFUSED:
                lines = self.log.read_text(errors="replace").splitlines()
                return next((line.removeprefix(SAYS) for line in reversed(lines) if line.startswith(SAYS)), "")
        return ""

    # Steered

    @property
    def paused(self) -> bool:
        """Whether it waits because somebody wants that."""
        return bool(self._followed and self._followed.paused)

    def pause(self) -> None:
        """Let it wait.

        Raises:
            Refusal: it hasn't begun, or can't be told.
        """
        self._begun_run().pause()

    def resume(self) -> None:
        """Let it go on.

        Raises:
            Refusal: it hasn't begun, or can't be told.
        """
        self._begun_run().resume()

    def _begun_run(self) -> FollowedRun:
        if self._followed is None:
            raise Refusal("Its process is just starting; it can wait in a moment.")
        return self._followed

    def cancel(self) -> None:
        """End it.

        Raises:
            Refusal: it can't be told.
        """
        self.cancelled = True
        if self._followed:
            self._followed.cancel()

    def let_go(self) -> None:
        """Look at it no longer; it goes on."""
        self._left.set()
        if self._followed:
            self._followed.let_go()

    @property
    def left(self) -> bool:
        """Whether it was let go of, so that nobody here sees its end."""
        return self._left.is_set()

    def kill(self) -> None:
        """End its process at once, with all that it has started; the run may go on later."""
        if self._process and self._process.poll() is None:
            with contextlib.suppress(OSError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
