"""Questions to the engine of which only the latest still matters, such as the kernel under a moving cursor."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from concurrent.futures import Future

from initterm.pipe.client import Engine
from initterm.pipe.errors import EngineBroken, EngineLost
from initterm.pipe.protocol import Advance, Event, Exhausted, Request, Stop
from initterm.theory.refusal import Refusal


class Latest:
    """One question at a time: the next is sent when the engine has answered the piece before. For one event loop."""

    def __init__(self, engine: Engine) -> None:
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
        run, event = None, None
        try:
            run, self._piece = self._engine.call(request)
            event = await _answer(self._piece)
            while not isinstance(event, Exhausted):
                yield event
                _, self._piece = self._engine.call(Advance(run))
                event = await _answer(self._piece)
        finally:
            if run is not None and not isinstance(event, Exhausted):
                with contextlib.suppress(EngineLost):
                    self._engine.call(Stop(run))


async def _answer(piece: Future[Event]) -> Event:
    """The result of a future of another thread; to stop waiting doesn't cancel it."""
    return await asyncio.shield(asyncio.wrap_future(piece))
