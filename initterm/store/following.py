"""A run of another process, followed by its folder: events as they are appended, and what one wants of it."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from itertools import chain, islice

import msgspec

from initterm.experiments.message import Message
from initterm.store.events import KeepingEvent, WritingEnded
from initterm.store.stored import StoredRun
from initterm.theory.refusal import Refusal

LOOK_SECONDS = 0.25
"""How often it is looked at what has been appended."""

MOST_AT_ONCE = 500
"""Events that are told at once, so that whoever folds them shows something between."""


class FollowedRun:
    """A run that somebody else writes: iterate it for what it tells, in one thread; steer it from any other.

    ``cancelled`` says that somebody has cancelled it, ``over`` that nobody iterates it any more, ``kept`` is its id.
    """

    waiting_for = ""
    """What keeps it from beginning: nothing, as it has begun."""

    def __init__(self, run: StoredRun) -> None:
        self._run = run
        self._left = threading.Event()
        self._wishes = run.wishes
        self.kept = run.id
        self.cancelled = self.over = False

    @property
    def paused(self) -> bool:
        """Whether it waits because somebody wants that."""
        return self._wishes.paused

    def __iter__(self) -> Iterator[Message]:
        """Everything it has told, and what it tells from now on; ends when its writer has ended, or is left.

        Raises:
            Refusal: its events can't be read; or its writer died, which is said.
        """
        return chain.from_iterable(self.batches())

    def batches(self) -> Iterator[Sequence[Message]]:
        """The same, as many of them together as are there when it is looked.

        Raises:
            Refusal: as when it is iterated.
        """
        reader = self._run.reader()
        try:
            while not self._left.is_set():
                written = self._run.is_written  # looked at first: what was told before its end is there then
                ended, events = None, iter(reader)
                while batch := [*islice(events, MOST_AT_ONCE)]:
                    ended = batch[-1] if isinstance(batch[-1], WritingEnded) else None
                    yield [event for event in batch if not isinstance(event, KeepingEvent)]
                if ended:
                    self.cancelled = ended.state == "cancelled"
                    if ended.problem:
                        raise Refusal(ended.problem)
                    return
                if not written:
                    then = "; r resumes it" * self._run.header.resumes
                    raise Refusal(f"Its process has ended before it was finished{then}.")
                self._left.wait(LOOK_SECONDS)
        except OSError as error:
            raise Refusal(f"{self._run.id}: its events can't be read ({error.strerror}).") from None
        finally:
            self.over = True

    @property
    def left(self) -> bool:
        """Whether it was let go of, so that nobody here sees its end."""
        return self._left.is_set()

    def pause(self) -> None:
        """Let it wait.

        Raises:
            Refusal: it can't be told.
        """
        self._want(paused=True)

    def resume(self) -> None:
        """Let it go on.

        Raises:
            Refusal: it can't be told.
        """
        self._want(paused=False)

    def cancel_contender(self, contender: int) -> None:
        """Let a contender, counted from 0, go no further.

        Raises:
            Refusal: it can't be told.
        """
        self._want(contenders=(*self._wishes.contenders, contender))

    def cancel(self) -> None:
        """End it.

        Raises:
            Refusal: it can't be told.
        """
        self._want(cancelled=True)

    def let_go(self) -> None:
        """Look at it no longer; it goes on."""
        self._left.set()

    def _want(self, **wish: object) -> None:
        self._wishes = msgspec.structs.replace(self._wishes, **wish)
        self._run.want(self._wishes)
