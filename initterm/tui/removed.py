"""Widgets that were removed are let go of, so that what an app takes doesn't grow with how long it is used."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextvars import copy_context
from functools import lru_cache, partial, wraps
from typing import Any

from textual.color import Color
from textual.dom import DOMNode
from textual.message_pump import MessagePump
from textual.screen import Screen
from textual.widget import Widget

from initterm.tui import textual_privates as privates

MOST_COLOURS = 1024

Watch = Callable[..., None]
Start = Callable[[MessagePump], None]
End = Callable[[Widget], Awaitable[None]]


def without_removed(watch: Watch) -> Watch:
    """``DOMNode.watch`` that first forgets those who watched the same attribute and are gone.

    Textual forgets them when the attribute changes, which one such as ``Footer.compact`` never does, while each change
    of bindings makes new keys in the footer that watch it.
    """

    @wraps(watch)
    def watched(node: DOMNode, other: DOMNode, attribute: str, *rest: Any, **options: Any) -> None:
        privates.forget_removed_watchers(other, attribute)
        watch(node, other, attribute, *rest, **options)

    return watched


def of_colours_alone(inner_outer: Any) -> Callable[..., Any]:
    """``StylesCache.get_inner_outer`` that remembers its answers by the colours alone.

    Textual means it to be a class method: as it is, it remembers the last 1,024 widgets that were drawn, with all
    their lines.
    """
    remembered = lru_cache(MOST_COLOURS)(partial(inner_outer.__wrapped__, None))

    @wraps(inner_outer)
    def styles(_: object, base_background: Color, background: Color) -> Any:
        return remembered(base_background, background)

    return styles


def by_itself(start: Start) -> Start:
    """``MessagePump._start_messages`` from a context that names the widget itself.

    Its task would keep the context for as long as the widget is there, and with it who happened to be at work, such as
    a screen that was closed long ago.
    """

    @wraps(start)
    def started(self: MessagePump) -> None:
        context = copy_context()
        context.run(privates.be_sender, self)
        context.run(start, self)

    return started


def emptied(end: End) -> End:
    """``Widget._message_loop_exit`` that leaves an empty widget.

    The last message that was sent by it, or is about it, is kept by who got it until another one comes. A screen that
    isn't shown keeps what changed on it until it is.
    """

    @wraps(end)
    async def ended(self: Widget) -> None:
        screen = next((node for node in self.ancestors_with_self if isinstance(node, Screen)), None)
        await end(self)
        privates.empty(self)
        if screen:
            privates.forget_changes(screen, self)

    return ended


AROUND: tuple[tuple[privates.Places, Callable[..., Callable[..., Any]]], ...] = (
    (privates.WATCHES, without_removed),
    (privates.BACKGROUNDS, of_colours_alone),
    (privates.STARTS, by_itself),
    (privates.ENDS, emptied),
)
