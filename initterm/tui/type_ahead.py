"""What is typed faster than it is handled: a key goes to what has the focus once the key before has done its work.

Textual gives each key to what has the focus when it is read. Of several keys in one read, as from a paste of commands
or over a slow line, all would go there, though the first of them shows another pane or opens a screen.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable, Iterator
from functools import partial
from typing import Generic

from textual.app import ReturnType
from textual.events import Event, InputEvent, Key, MouseMove, Paste
from textual.widgets import Input

from initterm.tui.called_forth import CalledForth
from initterm.tui.net import NettedApp

AT_ONCE = frozenset({"ctrl+c", "ctrl+q", "ctrl+z"})
"""Keys that wait for nothing: with them one gets out of whatever hangs."""

STUCK_SECONDS, MOST_CHECKS = 0.5, 4
"""How long a key is waited for of which nothing is handled any more, and how many times as long at most."""


MANY = 20
"""So many waiting characters go into an input together: a terminal that doesn't tell of pastes types them."""


class TypingApp(NettedApp[ReturnType], Generic[ReturnType]):
    """An app that handles keys, mouse buttons and pastes one after the other, in the order in which they came."""

    def __init__(self) -> None:
        super().__init__()
        self._waiting: deque[Event] = deque()
        self._under_way: CalledForth | None = None

    async def on_event(self, event: Event) -> None:
        """Let it wait until its turn, where something was typed before it."""
        if not isinstance(event, InputEvent | Paste) or event.is_forwarded:
            await super().on_event(event)
        elif not self.screen_stack:
            return  # the app is closing: nothing is there any more that it could be for
        elif isinstance(event, Key) and event.key in AT_ONCE:
            await self.take_input(event)
        elif self._under_way or self._waiting:
            self._waiting.append(event)
        else:
            await self._begin(event)

    async def take_input(self, event: Event) -> None:
        """It is the event's turn: give it to what has the focus, or stands under the pointer."""
        await super().on_event(event)

    async def _begin(self, event: Event) -> None:
        """Give an event its turn; a pointer that only moves calls nothing forth that what follows must wait for."""
        if isinstance(event, MouseMove):
            await self.take_input(event)
            self._go_on()
            return
        self._under_way = under_way = CalledForth(lambda: self._done(under_way))
        under_way.add()
        self._check_in_time(under_way, MOST_CHECKS)
        with under_way.handling():
            await self.take_input(event)

    def _check_in_time(self, under_way: CalledForth, checks: int) -> None:
        check = partial(self._check, under_way, under_way.steps, checks - 1)
        asyncio.get_running_loop().call_later(STUCK_SECONDS, check)

    def _check(self, under_way: CalledForth, steps_before: int, checks: int) -> None:
        """Wait no longer for what is stuck, or goes on for ever."""
        if under_way is self._under_way:
            if checks and under_way.steps > steps_before:
                self._check_in_time(under_way, checks)
            else:
                self._done(under_way)

    def _done(self, under_way: CalledForth) -> None:
        """The event is handled, or has had its time."""
        if under_way is self._under_way:
            self._under_way = None
            self._go_on()

    def _go_on(self) -> None:
        if self._waiting:
            self.call_next(self._begin_next)

    async def _begin_next(self) -> None:
        if self._waiting and not self._under_way and self.screen_stack:
            await self._begin(self._next())

    def _next(self) -> Event:
        """What waits first; many characters for an input come as one paste, which is looked at once."""
        characters = [*_characters(self._waiting)] if isinstance(self.focused, Input) else []
        if len(characters) < MANY:
            return self._waiting.popleft()
        for _ in characters:
            self._waiting.popleft()
        return Paste("".join(characters))


def _characters(events: Iterable[Event]) -> Iterator[str]:
    """Those that are typed before anything else comes."""
    for event in events:
        if not isinstance(event, Key) or not event.is_printable:
            return
        yield event.character or ""
