"""A run's events, kept as they come, while those who look on may let it wait or end."""

from __future__ import annotations

import errno
import time
from collections.abc import Callable, Iterator
from typing import Any

from initterm.experiments.message import Message
from initterm.store.events import Held, KeepingEvent, KeepingFailed, RoomAwaited, RunKept, RunState
from initterm.store.kinds import AnyBoard
from initterm.store.wishes import Wishes
from initterm.store.writer import RunWriter
from initterm.theory.refusal import Refusal, first_line

LOOK_SECONDS = 0.25
"""How often it is looked at what others want."""

FULL = (errno.ENOSPC, errno.EDQUOT)
"""What is said of a disk, or of a person's share of it, that has no room."""

LONGEST_PROBLEM = 300

OutcomeOf = Callable[[Any], tuple[str, str]]
"""Who leads by a board, and what came out in a few words."""


class RunStopped(Exception):
    """Raised among a run's events: somebody has cancelled it, and there are no more."""


class Interrupted(Exception):
    """Raised among a run's events: its process must end now, and the run may be resumed."""


def kept(
    events: Iterator[Message],
    writer: RunWriter,
    board: AnyBoard,
    outcome: OutcomeOf,
    cancelled: set[int] | None = None,
    note: str = "",
    *,
    needed: bool = False,
) -> Iterator[Message]:
    """A run that is kept while it goes: its events, and those that tell of its being kept.

    Whoever stops to iterate has cancelled it, unless ``Interrupted`` is thrown in. A disk that refuses ends the
    keeping, not the run.

    Args:
        events: the run's.
        writer: of its folder.
        board: the run's before these events.
        outcome: what came out, by the board after them.
        cancelled: the contenders that shall go no further, which those who look on may add to.
        note: what is told with its id.
        needed: the run goes no further than it is kept, and waits where the disk is full.
    """
    keeper = _Keeper(writer, board, outcome, cancelled, needed=needed)
    state: RunState = "cancelled"
    problem = ""
    try:
        yield RunKept(writer.id, note)
        for event in events:
            yield from keeper.take(event)
            yield event
            yield from keeper.held()
            if keeper.wishes.cancelled:
                break
        else:
            state = "finished"
    except RunStopped:
        pass
    except Interrupted:
        state = "interrupted"
        raise
    except Exception as error:
        state, problem = "failed", str(error) if isinstance(error, Refusal) else first_line(error)
        raise
    finally:
        ending = keeper.end(state, problem[:LONGEST_PROBLEM])
    yield from ending


def without_keeping(events: Iterator[Message]) -> Iterator[Message]:
    """The run's own events alone, which a board takes in."""
    return (event for event in events if not isinstance(event, KeepingEvent))


class _Keeper:
    """Writes as long as the disk takes it, and looks at what others want."""

    def __init__(
        self,
        writer: RunWriter,
        board: AnyBoard,
        outcome: OutcomeOf,
        cancelled: set[int] | None,
        *,
        needed: bool,
    ) -> None:
        self._writer: RunWriter | None = writer
        self._folder = writer.folder
        self._board: Any = board
        self._outcome = outcome
        self._cancelled = cancelled
        self._looked = 0.0
        self._needed = needed
        self.wishes = Wishes()

    def take(self, event: Message) -> Iterator[Message]:
        """Write an event; tells it if no more can be written."""
        self._board = self._board.after(event)
        if self._writer:
            try:
                self._writer.append(event)
            except OSError as error:
                if not self._needed:
                    yield self._give_up(error)
                else:
                    yield from self._once_there_is_room(event, error)

    def _once_there_is_room(self, event: Message, error: OSError) -> Iterator[Message]:
        """Write an event as soon as the disk takes it, unless the run is cancelled before.

        Raises:
            Refusal: there may be room, and it can't be written all the same.
        """
        while self._writer and not self.wishes.cancelled:
            if error.errno not in FULL:
                raise Refusal(f"{self._give_up(error).sentence} It goes no further than it is kept.")
            yield RoomAwaited(f"{self._folder} is full; the run goes on as soon as there is room on its disk.")
            time.sleep(LOOK_SECONDS)
            self._look()
            try:
                self._writer.append(event)
                return
            except OSError as again:
                error = again

    def held(self) -> Iterator[Message]:
        """Look at what others want, and wait as long as they want that."""
        if time.monotonic() - self._looked < LOOK_SECONDS:
            return
        self._look()
        while self.wishes.paused and not self.wishes.cancelled:
            yield Held()
            time.sleep(LOOK_SECONDS)
            self._look()

    def _look(self) -> None:
        self._looked = time.monotonic()
        self.wishes = Wishes.read(self._folder)
        if self._cancelled is not None:
            self._cancelled.update(self.wishes.contenders)

    def end(self, state: RunState, problem: str) -> list[Message]:
        """Write how it ended; what is to be told of that."""
        if self._writer is None:
            return []
        leader, outcome = self._outcome(self._board)
        try:
            return [self._writer.end(state, problem=problem, leader=leader, outcome=outcome)]
        except OSError as error:
            return [self._give_up(error)]

    def _give_up(self, error: OSError) -> KeepingFailed:
        writer, self._writer = self._writer, None
        if writer:
            writer.close()
        return KeepingFailed(f"This run isn't kept any more: {self._folder} can't be written ({error.strerror}).")
