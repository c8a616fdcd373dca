"""What is put around Textual's own methods: what comes late, is too long, or stands nowhere yet, is borne."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any

from textual import events
from textual.app import App
from textual.errors import NoWidget
from textual.geometry import Offset, Size
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Input, OptionList

from initterm.theory.numbers import grouped

Resize = Callable[[Screen[Any], events.Resize], Awaitable[None]]
Click = Callable[[OptionList, events.Click], Awaitable[None]]
Find = Callable[[Screen[Any], int, int], tuple[Widget | None, Offset | None]]


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


LONGEST = 10_000
"""Characters; far beyond any formula, path or list of initializers."""

Replace = Callable[[Input, str, int, int], None]


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


Update = Callable[..., None]


def where_it_stands(update: Update) -> Update:
    """``Widget.update_node_styles`` of a widget that stands somewhere; another gets its styles when it is mounted.

    Textual looks them up each time that a class is set, from the constructor on.
    """

    @wraps(update)
    def updated(self: Widget, animate: bool = True) -> None:
        if self.parent is not None:
            update(self, animate)

    return updated
