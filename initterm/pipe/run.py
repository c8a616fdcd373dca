"""A run in an engine: iterated for its events, steered from any thread; and questions of which the latest matters."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import AsyncGenerator, Generator
from concurrent.futures import CancelledError, Future
from typing import Generic, Protocol, TypeVar, cast

from initterm.pipe.protocol import Advance, Event, Exhausted, Request, Stop
from initterm.pipe.state import EngineBroken, EngineLost
from initterm.store.events import KeepingFailed, RunKept, WritingEnded
from initterm.store.place import runs_folder
from initterm.store.wishes import Wishes
from initterm.theory.refusal import Refusal

RunEvent = TypeVar("RunEvent")


class Answering(Protocol):
    """What a run needs of an engine."""

    def call(self, request: Request) -> tuple[int, Future[Event]]:
        """Send a request; its id, and the future of its answer."""

    def stop(self, run: int) -> None:
        """End a run, whatever it takes."""

    def make_ready(self) -> None:
        """Wait until a run can begin."""


class Run(Generic[RunEvent]):
    """A run in an engine: iterate it for its events, in one thread; steer it from any other.

    ``cancelled`` says that somebody has cancelled it, ``over`` that nobody iterates it any more, ``kept`` is its id
    among those that are kept, empty for none.
    """

    kept = ""
    _keeps = _let_go = False

    def __init__(self, engine: Answering, request: Request) -> None:
        self._engine = engine
        self._request = request
        self._lock = threading.Lock()
        self._id: int | None = None
        self._answer: Future[Event] | None = None
        self._going = threading.Event()
        self._going.set()
        self._contenders_cancelled: tuple[int, ...] = ()
        self.cancelled = self.over = False

    def __iter__(self) -> Generator[RunEvent, None, None]:
        """The run's events as they come; ends early when the run is cancelled.

        Raises:
            Refusal: it can't be run as asked.
            EngineLost: the engine process ended.
            EngineBroken: the engine met a bug.
        """
        event: Event | None = None
        try:
            self._engine.make_ready()
            while not isinstance(event := self.ask().result(), Exhausted):
                self.note(event)
                yield cast(RunEvent, event)
                self._going.wait()
        except CancelledError:
            pass
        finally:
            with self._lock:
                self.over = True
                left = not (isinstance(event, Exhausted) or self.cancelled)
            if left:
                self._stop()

    def note(self, event: Event) -> None:
        """Take in what is told of its being kept."""
        if isinstance(event, RunKept):
            self.kept, self._keeps = event.id, True
        elif isinstance(event, KeepingFailed | WritingEnded):
            self._keeps = False

    def ask(self) -> Future[Event]:
        """Ask for the next event, of which there is none after ``Exhausted``; the future of it.

        Raises:
            CancelledError: the run was cancelled.
            EngineLost: there is no engine to ask.
        """
        with self._lock:
            if self.cancelled:
                raise CancelledError
            if self._id is None:
                self._id, self._answer = self._engine.call(self._request)
            else:
                _, self._answer = self._engine.call(Advance(self._id, self._contenders_cancelled))
            return self._answer

    def pause(self) -> None:
        """Ask for no further event until ``resume``; what the engine is in the middle of, it ends."""
        self._going.clear()

    def resume(self) -> None:
        """Go on."""
        self._going.set()

    def cancel_contender(self, contender: int) -> None:
        """Let a contender, counted from 0, go no further; the others go on."""
        self._contenders_cancelled += (contender,)

    @property
    def waiting_for(self) -> str:
        """Why nothing is told, as a sentence, where its engine can't say that; empty where the run goes on."""
        return ""

    @property
    def goes_on(self) -> bool:
        """Whether it is kept and under way, looked at or not."""
        return self._keeps and (self._let_go or not (self.over or self.cancelled))

    @property
    def left(self) -> bool:
        """Whether it was let go of, so that nobody here sees its end."""
        return self._let_go

    def cancel(self) -> None:
        """Stop the run, if it isn't over; whoever iterates it is let go at once, however busy its engine is."""
        with self._lock:
            if self.cancelled:
                return
            self.cancelled = True
        if not self.over:
            self._want_its_end()
            self._stop()

    def _want_its_end(self) -> None:
        """Say so beside what is kept, for an engine that is too busy to be asked, and is ended therefore."""
        if self._keeps:
            with contextlib.suppress(Refusal):
                Wishes(cancelled=True).write(runs_folder() / self.kept)

    def let_go(self) -> None:
        """Look at it no longer: where it is kept, the engine finishes it when nobody can ask for more."""
        if not self._keeps:
            self.cancel()
            return
        with self._lock:
            self.cancelled = self._let_go = True
        if self._answer:
            self._answer.cancel()
        self.resume()

    def leave(self) -> None:
        """Want no more of it: the engine, which ends what it is in the middle of, forgets the rest."""
        if self._id is not None:
            with contextlib.suppress(EngineLost):
                self._engine.call(Stop(self._id))

    def _stop(self) -> None:
        # Stopped before the iterator is let go, so that the next run knows that it has to wait for this.
        if self._id is not None:
            with contextlib.suppress(EngineLost):
                self._engine.stop(self._id)
        if self._answer:
            self._answer.cancel()
        self.resume()


class Latest:
    """Questions of which only the latest still matters, such as for the kernel under a moving cursor.

    One run at a time: the next is begun when the engine has answered the piece before. For one event loop.
    """

    def __init__(self, engine: Answering) -> None:
        self._engine = engine
        self._piece: Future[Event] | None = None

    async def events(self, request: Request) -> AsyncGenerator[Event, None]:
        """What answers a request, event by event; whoever no longer listens ends the work.

        Raises:
            Refusal: the request can't be served as asked.
            EngineLost: the engine process ended.
            EngineBroken: the engine met a bug.
        """
        while self._piece and not self._piece.done():
            with contextlib.suppress(Refusal, EngineLost, EngineBroken):  # of what nobody listens to any more
                await _answer(self._piece)
        run, event = Run[Event](self._engine, request), None
        try:
            while not isinstance(event := await self._next_of(run), Exhausted):
                yield event
        finally:
            if not isinstance(event, Exhausted):
                run.leave()

    async def _next_of(self, run: Run[Event]) -> Event:
        self._piece = run.ask()
        return await _answer(self._piece)


async def _answer(piece: Future[Event]) -> Event:
    """The result of a future of another thread; to stop waiting doesn't cancel it."""
    return await asyncio.shield(asyncio.wrap_future(piece))
