"""A run in the engine process: iterated for its events, steered from any thread."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from concurrent.futures import CancelledError, Future
from typing import Generic, Protocol, TypeVar, cast

from initterm.pipe.errors import EngineLost
from initterm.pipe.protocol import Advance, Event, Exhausted, Replicate, Request, Train

RunEvent = TypeVar("RunEvent")


class Answering(Protocol):
    """What a run needs of an engine."""

    def call(self, request: Request) -> tuple[int, Future[Event]]:
        """Send a request; its id, and the future of its answer."""

    def stop(self, run: int) -> None:
        """End a run."""

    def wait_until_stopped(self) -> None:
        """Wait for the run before to be stopped, or its engine replaced."""


class Run(Generic[RunEvent]):
    """A run in the engine process: iterate it for its events, in one thread; steer it from any other."""

    def __init__(self, engine: Answering, request: Train | Replicate) -> None:
        self._engine = engine
        self._request = request
        self._lock = threading.Lock()
        self._id: int | None = None
        self._answer: Future[Event] | None = None
        self._going = threading.Event()
        self._going.set()
        self._contenders_cancelled: tuple[int, ...] = ()
        self.cancelled = False

    def __iter__(self) -> Iterator[RunEvent]:
        """The run's events as they come; ends early when the run is cancelled.

        Raises:
            Refusal: it can't be run as asked.
            EngineLost: the engine process ended.
            EngineBroken: the engine met a bug.
        """
        event: Event | None = None
        try:
            self._engine.wait_until_stopped()
            event = self._ask(self._request)
            while event is not None and not isinstance(event, Exhausted):
                yield cast(RunEvent, event)
                self._going.wait()
                event = self._ask(Advance(self._id or 0, self._contenders_cancelled))
        finally:
            if not isinstance(event, Exhausted):
                self.cancel()

    def pause(self) -> None:
        """Ask for no further event until ``resume``; what the engine is in the middle of, it ends."""
        self._going.clear()

    def resume(self) -> None:
        """Go on."""
        self._going.set()

    def cancel_contender(self, contender: int) -> None:
        """Let a contender, counted from 0, go no further; the others go on."""
        self._contenders_cancelled += (contender,)

    def cancel(self) -> None:
        """Stop the run; whoever iterates it is let go at once, a busy engine is replaced after ``STOP_SECONDS``."""
        with self._lock:
            if self.cancelled:
                return
            self.cancelled = True
        # Stopped before the iterator is let go, so that the next run knows that it has to wait for this.
        if self._id is not None:
            with contextlib.suppress(EngineLost):
                self._engine.stop(self._id)
        if self._answer:
            self._answer.cancel()
        self.resume()

    def _ask(self, request: Train | Replicate | Advance) -> Event | None:
        """The engine's answer; None when the run was cancelled meanwhile."""
        with self._lock:
            if self.cancelled:
                return None
            call_id, self._answer = self._engine.call(request)
            if self._id is None:
                self._id = call_id
        try:
            return self._answer.result()
        except CancelledError:
            return None
