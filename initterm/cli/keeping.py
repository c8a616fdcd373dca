"""What a command does with a run that may be kept: follows it to its end, says where it is kept, and ends it so that it
can go on where the process is told to end."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
import time
from collections.abc import Generator, Iterator
from types import FrameType
from typing import TYPE_CHECKING, Any

import click

from initterm.experiments.message import DataReceived
from initterm.experiments.training.events import DataLoaded, ModelPrepared, PoolStarted, PreparationBegun, RunStarted
from initterm.theory.refusal import Refusal

if TYPE_CHECKING:
    from initterm.experiments.sweep.sweep import Sweep
    from initterm.experiments.training.experiment import Experiment
    from initterm.report.progress import Beforehand
    from initterm.store.kinds import RunAsked
    from initterm.store.stored import StoredRun

KEEP = click.option(
    "--keep/--no-keep",
    "keeps",
    default=None,
    help="Keep the run, or don't; unless said, as initterm runs has it.",
)

WITHOUT_KEYS = (
    "every user of this machine can reach these workers, as nothing here makes keys for them; pip install cryptography."
)
"""What is said where workers are started and their scheduler obeys whoever reaches it."""

END_OF_EVENTS = object()

ENDS = (signal.SIGTERM, signal.SIGHUP)
"""What a batch system sends before it ends a job, and a terminal whose line has dropped."""

BEFORE_IT_RUNS = (RunStarted, PoolStarted, PreparationBegun, DataReceived, DataLoaded, ModelPrepared)
"""Events after which it may still be refused."""

GRACE_SECONDS = 5.0
"""How long the end of a process waits at most for what it does to come to something that is told."""

WAIT_SECONDS = 75.0
"""How long it is waited for the end of a writer on another machine, until its silence tells of it."""

LOOK_SECONDS = 1.0


def is_kept(keeps: bool | None) -> bool:
    """Whether a run is kept, by what its command was told, else by what is set."""
    from initterm.store.place import keeps_runs

    return keeps_runs() if keeps is None else keeps


@contextlib.contextmanager
def board_at_the_end(asked: RunAsked, events: Iterator[Any], *, beforehand: Beforehand | None = None) -> Iterator[Any]:
    """The board alone of ``run_at_the_end``."""
    with run_at_the_end(asked, events, beforehand=beforehand) as (board, _):
        yield board


@contextlib.contextmanager
def run_at_the_end(
    asked: RunAsked, events: Iterator[Any], *, beforehand: Beforehand | None = None, line_each: float = 0.0
) -> Iterator[tuple[Any, str]]:
    """The board after the last of a run's events and its id, in a context at whose end the person has seen it.

    Nothing that a person's own code prints while events are made comes to standard output.

    Args:
        asked: what is run.
        events: what it tells, what it has told before it goes on among it, and what is told of its being kept.
        beforehand: what is printed of an event above the results, as soon as it comes.
        line_each: after how many seconds a log has a line about how far it is; 0 for none.

    Raises:
        Refusal: it can't be run, or somebody who looks on has cancelled it.
    """
    from initterm.store.runs import Runs

    run = _RunInCommand()
    yield run.board(asked, events, beforehand, line_each), run.id
    if run.id:
        Runs().seen(run.id)


class _RunInCommand:
    """A run under way, of which it is said on standard error how it is kept."""

    def __init__(self) -> None:
        self.id = ""
        self._note = ""
        self._announced = self._held = self._cancelled = False
        self._told_to_end: int | None = None

    def board(self, asked: RunAsked, events: Iterator[Any], beforehand: Beforehand | None, line_each: float) -> Any:
        from initterm.report.progress import followed
        from initterm.store.keeping import Interrupted
        from initterm.store.kinds import kind_of

        own = self._own(events)
        with self._interruptible():
            try:
                first = next(own, None)  # by which it is known whether it is kept
                board: Any = kind_of(asked).board(asked)
                told = _with_first(first, own)
                return followed(board, told, beforehand or nothing_of, line_each)
            except KeyboardInterrupt:
                _close(events)
                raise
            except BaseException:
                if isinstance(events, Generator):
                    with contextlib.suppress(Interrupted):
                        events.throw(Interrupted())
                raise

    def _own(self, events: Iterator[Any]) -> Iterator[Any]:
        """The run's own events; between any two of them it may be ended."""
        from initterm.store.events import KeepingEvent
        from initterm.store.keeping import Interrupted

        for event in _off_standard_output(events):
            if self._told_to_end is not None:
                raise Interrupted
            if isinstance(event, KeepingEvent):
                self._tell(event)
            else:
                self._announce(event)
                yield event
        if self._cancelled:
            raise Refusal(f"{self.id} was cancelled by somebody who looks on; initterm runs resume {self.id} goes on.")

    def _tell(self, event: Any) -> None:
        from initterm.store.events import Held, KeepingFailed, RoomAwaited, RunKept, WritingEnded

        match event:
            case RunKept():
                self.id, self._note = event.id, event.note
            case KeepingFailed():
                _say(event.sentence)
            case RoomAwaited() if not self._held:
                self._held = True
                _say(event.sentence)
            case Held() if not self._held:
                self._held = True
                _say("paused by somebody who looks on.")
            case WritingEnded():
                self._cancelled = event.state == "cancelled"

    def _announce(self, event: Any) -> None:
        """Say once where it is kept, as soon as it has what it needs to run."""
        if not self.id or self._announced or isinstance(event, BEFORE_IT_RUNS):
            return
        self._announced = True
        if self._note:
            _say(self._note)
        _say(f"kept as {self.id}; initterm runs show last")

    @contextlib.contextmanager
    def _interruptible(self) -> Iterator[None]:
        """Let signals that end the process wait until the next event of a run that is kept, and then do it.

        A second one ends it at once, and so does one when nothing is told for long. Those that are ignored, as by
        nohup, stay so.
        """
        before = {one: signal.getsignal(one) for one in ENDS}
        taken = [one for one in ENDS if before[one] is signal.SIG_DFL]
        for one in taken:
            signal.signal(one, self._take)
        try:
            yield
        finally:
            for one in taken:
                signal.signal(one, signal.SIG_DFL)
            if self._told_to_end is not None:
                os.kill(os.getpid(), self._told_to_end)

    def _take(self, number: int, frame: FrameType | None) -> None:
        signal.signal(number, signal.SIG_DFL)
        if not self.id:
            os.kill(os.getpid(), number)
        self._told_to_end = number
        too_long = threading.Timer(GRACE_SECONDS, os.kill, (os.getpid(), number))
        too_long.daemon = True
        too_long.start()


def _off_standard_output(events: Iterator[Any]) -> Iterator[Any]:
    """The events; what is printed while they are made, also by other programs, isn't taken for a result."""
    while True:
        sys.stdout.flush()
        results = os.dup(1)
        os.dup2(2, 1)
        try:
            with contextlib.redirect_stdout(sys.stderr):
                event = next(events, END_OF_EVENTS)
        finally:
            os.dup2(results, 1)
            os.close(results)
        if event is END_OF_EVENTS:
            return
        yield event


def nothing_of(event: Any) -> tuple[()]:
    """What is printed beforehand of an event where there is nothing to be."""
    return ()


def _with_first(first: Any, events: Iterator[Any]) -> Iterator[Any]:
    if first is not None:
        yield first
    yield from events


def _close(events: Iterator[Any]) -> None:
    if isinstance(events, Generator):
        events.close()


def _say(sentence: str) -> None:
    click.echo(f"initterm: {sentence}", err=True)


# A run that is begun again, as a batch system does


def run_of_the_same(asked: Experiment | Sweep) -> StoredRun | None:
    """The newest run that was asked the same, waited for where a process on another machine may still write it.

    Raises:
        Refusal: the runs can't be read.
    """
    from initterm.store.kinds import kind_of
    from initterm.store.runs import Runs
    from initterm.store.stored import StoredRun

    runs = Runs()
    for header, label in runs.rows():
        with contextlib.suppress(Refusal):
            if header.kind == kind_of(asked).name and header.what_was_asked == asked:
                run = StoredRun(runs.folder / header.id, header, label)
                return _when_written_no_more(run)
    return None


def _when_written_no_more(run: StoredRun) -> StoredRun:
    """The run, once no process on another machine can still be taken to write it; one on this machine is seen."""
    from initterm.store.lock import is_written, writer_of
    from initterm.store.stored import StoredRun

    until = time.monotonic() + WAIT_SECONDS
    said = False
    while is_written(run.folder) and (writer := writer_of(run.folder)) and not writer.is_here:
        if time.monotonic() > until:
            break
        if not said:
            _say(f"waiting for the process that writes {run.id} on {writer.host}, which may have ended.")
        said = True
        time.sleep(LOOK_SECONDS)
    return StoredRun.read(run.folder)
