"""Questions to the engine of which only the latest still matters, such as the kernel under a moving cursor."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from concurrent.futures import Future

from initterm.pipe.errors import EngineBroken, EngineLost
from initterm.pipe.protocol import Event, Exhausted, Request
from initterm.pipe.run import Answering, Run
from initterm.theory.refusal import Refusal


class Latest:
    """One run at a time: the next is begun when the engine has answered the piece before. For one event loop."""

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
