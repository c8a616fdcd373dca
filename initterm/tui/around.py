"""What is put around Textual's own methods: what comes late, is too long, stands nowhere yet or is gone, is borne."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from contextvars import copy_context
from functools import lru_cache, partial, wraps
from typing import Any

from textual import events
from textual.app import App
from textual.color import Color
from textual.dom import DOMNode
from textual.errors import NoWidget
from textual.geometry import Offset, Size
from textual.message_pump import MessagePump
from textual.screen import Screen
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Input, OptionList

from initterm.theory.numbers import grouped
from initterm.tui import textual_privates as privates

MOST_COLOURS = 1024
LONGEST = 10_000
"""Characters; far beyond any formula, path or list of initializers."""

LEAST_DELAY = 0.001
"""Seconds."""

Method = Callable[..., None]
Resize = Callable[[Screen[Any], events.Resize], Awaitable[None]]
Paint = Callable[[Screen[Any]], None]
Click = Callable[[OptionList, events.Click], Awaitable[None]]
Start = Callable[[MessagePump], None]
End = Callable[[Widget], Awaitable[None]]
Find = Callable[[Screen[Any], int, int], tuple[Widget | None, Offset | None]]
Wait = Callable[[DOMNode, Coroutine[Any, Any, object]], Awaitable[None]]
Replace = Callable[[Input, str, int, int], None]


def with_latest_size(resize: Resize) -> Resize:
    """``Screen._on_resize`` for the size that holds alone, and where the screen doesn't stand in that size yet.

    A layout in another size tells the screen its size once more. Of two sizes in its queue each would call forth the
    other for ever, and an app that ends meanwhile would never have ended.
    """

    @wraps(resize)
    async def resized(self: Screen[Any], event: events.Resize) -> None:
        if event.size != self.app.size or _stands_in(self, event.size):
            event.stop()
        else:
            await resize(self, event)

    return resized


def _stands_in(screen: Screen[Any], size: Size) -> bool:
    """Whether the screen was laid out in this size, with the classes that come with it."""
    return screen.outer_size == size and screen.has_class(*size_classes(screen.app, size))


def size_classes(app: App[Any], size: Size) -> list[str]:
    """The classes that an app's breakpoints give a screen of this size."""
    breakpoints = ((app.HORIZONTAL_BREAKPOINTS, size.width), (app.VERTICAL_BREAKPOINTS, size.height))
    reached = ([one for one in points or () if one[0] <= length] for points, length in breakpoints)
    return [max(those)[1] for those in reached if those]


def painted_once(paint: Paint) -> Paint:
    """``Screen._on_timer_update`` that doesn't paint whole what a layout has just painted whole."""

    @wraps(paint)
    def painted(self: Screen[Any]) -> None:
        if self.is_current:
            privates.paint_with_layout(self)
        paint(self)

    return painted


def what_is_there(find: Find) -> Find:
    """``Screen.get_widget_and_offset_at`` without widgets that were removed since the last layout."""

    @wraps(find)
    def found(self: Screen[Any], x: int, y: int) -> tuple[Widget | None, Offset | None]:
        try:
            widget, _ = self.get_widget_at(x, y)
        except NoWidget:
            return None, None
        return find(self, x, y) if widget is self or widget.parent is not None else (None, None)

    return found


def on_what_is_left(click: Click) -> Click:
    """A click on an option of a list, which may have become shorter since it was drawn."""

    @wraps(click)
    async def clicked(self: OptionList, event: events.Click) -> None:
        if event.style.meta.get("option", 0) < self.option_count:
            await click(self, event)

    return clicked


def bounded(replace: Replace) -> Replace:
    """``Input.replace`` that takes what there is room for, and says so where that isn't all of it.

    Textual measures the whole text at each key. Typing, pasting and its own clipboard all come through here, in the
    palette's input too.
    """

    @wraps(replace)
    def shortened(self: Input, text: str, start: int, end: int) -> None:
        first, last = sorted((max(0, start), min(len(self.value), end)))
        room = max(0, LONGEST - len(self.value) + last - first)
        if len(text) <= room:
            replace(self, text, start, end)
            return
        if len(text) == 1:  # a held key says it once and again
            self.restricted()
            return
        self.app.notify(f"The paste was shortened: an input holds {grouped(LONGEST)} characters.", severity="warning")
        if room:
            replace(self, text[:room], start, end)

    return shortened


def where_it_stands(update: Method) -> Method:
    """``Widget.update_node_styles`` of a widget that stands somewhere; another gets its styles when it is mounted.

    Textual looks them up each time that a class is set, from the constructor on.
    """

    @wraps(update)
    def updated(self: Widget, animate: bool = True) -> None:
        if self.parent is not None:
            update(self, animate)

    return updated


def without_removed(watch: Method) -> Method:
    """``DOMNode.watch`` that first forgets those who watched the same attribute and are gone.

    Textual forgets them when the attribute changes, which one such as ``InittermApp.data`` hardly does, while each
    screen that is opened watches it.
    """

    @wraps(watch)
    def watched(node: DOMNode, other: DOMNode, attribute: str, *rest: Any, **options: Any) -> None:
        privates.forget_removed_watchers(other, attribute)
        watch(node, other, attribute, *rest, **options)

    return watched


def of_those_that_stay(wait: Wait) -> Wait:
    """Of ``textual.reactive``, the waiting for what a widget does about a change, unless it is being removed.

    What it consists of may be gone before it.
    """

    @wraps(wait)
    async def waited(node: DOMNode, watcher: Coroutine[Any, Any, object]) -> None:
        if privates.goes(node):
            watcher.close()
        else:
            await wait(node, watcher)

    return waited


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


def in_a_while(set_timer: Callable[..., Timer]) -> Callable[..., Timer]:
    """``MessagePump.set_timer`` of a time to come.

    Of a time that has passed, as that of a notice may have which is shown on another screen, Textual's timer never ends
    to look for the next tick, and nothing else goes on.
    """

    @wraps(set_timer)
    def timer_set(self: MessagePump, delay: float, *rest: Any, **options: Any) -> Timer:
        return set_timer(self, max(delay, LEAST_DELAY), *rest, **options)

    return timer_set


AROUND: tuple[tuple[privates.Places, Callable[..., Callable[..., Any]]], ...] = (
    (privates.RESIZES, with_latest_size),
    (privates.PAINTINGS, painted_once),
    (((Screen, "get_widget_and_offset_at"),), what_is_there),
    (privates.CLICKS, on_what_is_left),
    (((Input, "replace"),), bounded),
    (((Widget, "update_node_styles"),), where_it_stands),
    (privates.WATCHES, without_removed),
    (privates.AWAITED, of_those_that_stay),
    (privates.BACKGROUNDS, of_colours_alone),
    (privates.STARTS, by_itself),
    (((MessagePump, "set_timer"),), in_a_while),
    (privates.ENDS, emptied),
)
