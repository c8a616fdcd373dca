"""What a key calls forth: messages and callbacks, and what these call forth in turn, followed until all is handled.

Each message carries what it belongs to, and whatever is posted while it is handled belongs to the same. What comes by
a timer, from a thread or from a worker that goes on for longer belongs to nothing: it was to come later.
"""

from __future__ import annotations

import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial, wraps
from inspect import isawaitable
from typing import Any

from textual.message import Message
from textual.message_pump import MessagePump

BELONGS = "belongs_to"
"""The attribute by which a message carries it."""

PostMessage = Callable[[MessagePump, Message], bool]
Dispatch = Callable[[MessagePump, Message], Awaitable[None]]
CallNext = Callable[..., None]


class CalledForth:
    """What one event has called forth.

    Args:
        handled: is called once, as soon as nothing is left of it.
    """

    def __init__(self, handled: Callable[[], object]) -> None:
        self._handled = handled
        self._left = 0
        self._thread = threading.get_ident()
        self.steps = 0
        """How much of it was handled so far."""

    @property
    def is_open(self) -> bool:
        """Whether something that comes now, in this thread, may still belong to it."""
        return self._left > 0 and threading.get_ident() == self._thread

    def add(self) -> None:
        """There is one thing more to handle."""
        self._left += 1

    @contextmanager
    def handling(self) -> Iterator[None]:
        """Around handling one thing that was added: what is posted in here belongs to it too."""
        before = _NOW.set(self)
        try:
            yield
        finally:
            _NOW.reset(before)
            self.take_off()

    def take_off(self) -> None:
        """One thing that was added is handled."""
        self.steps += 1
        self._left -= 1
        if self._left == 0:
            self._handled()

    def following(self, callback: Callable[[], Any]) -> Callable[[], Awaitable[None]]:
        """A callback that belongs to it."""
        self.add()

        async def followed() -> None:
            with self.handling():
                result = callback()
                if isawaitable(result):
                    await result

        return followed


_NOW: ContextVar[CalledForth | None] = ContextVar("called_forth", default=None)


def _now() -> CalledForth | None:
    """To what belongs what comes now; a task keeps what it was begun in, for long after that is handled."""
    now = _NOW.get()
    return now if now and now.is_open else None


def belonging(post: PostMessage) -> PostMessage:
    """``MessagePump.post_message`` of a message that belongs to what it is posted in.

    Of messages that replace one another all but the last are dropped unseen: these can't be waited for.
    """

    @wraps(post)
    def posted(self: MessagePump, message: Message) -> bool:
        accepted = post(self, message)
        if (now := _now()) and accepted and type(message).can_replace is Message.can_replace:
            now.add()
            object.__setattr__(message, BELONGS, now)
        return accepted

    return posted


def followed(dispatch: Dispatch) -> Dispatch:
    """``MessagePump._dispatch_message``, in which what is posted belongs to what the message belongs to."""

    @wraps(dispatch)
    async def dispatched(self: MessagePump, message: Message) -> None:
        belongs_to: CalledForth | None = message.__dict__.pop(BELONGS, None)
        if belongs_to is None:
            await dispatch(self, message)
            return
        before = _NOW.set(belongs_to)  # as handling() does, which takes longer than most messages
        try:
            await dispatch(self, message)
        finally:
            _NOW.reset(before)
            belongs_to.take_off()

    return dispatched


def next_in_turn(call_next: CallNext) -> CallNext:
    """``MessagePump.call_next`` with a callback that belongs to what asks for it."""

    @wraps(call_next)
    def called(self: MessagePump, callback: Callable[..., Any], *arguments: Any, **options: Any) -> None:
        if now := _now():
            call_next(self, now.following(partial(callback, *arguments, **options)))
        else:
            call_next(self, callback, *arguments, **options)

    return called
