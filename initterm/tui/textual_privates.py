"""Textual's private parts, under public names: the one file that touches them. Checked against Textual 8.2."""

from __future__ import annotations

from asyncio import TimerHandle
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Generic, cast

from rich.color import ColorSystem
from rich.console import RenderableType
from textual import _ansi_sequences, dom, message_pump, reactive, screen
from textual._compositor import ChopsUpdate, LayoutUpdate
from textual._context import active_app, active_message_pump
from textual._styles_cache import StylesCache
from textual._xterm_parser import XTermParser as XTermParser
from textual.app import App, ReturnType
from textual.dom import DOMNode
from textual.drivers.linux_driver import LinuxDriver
from textual.events import Resize
from textual.geometry import Offset, Size
from textual.message_pump import MessagePump
from textual.screen import Screen
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import OptionList

Places = tuple[tuple[object, str], ...]

CALLS: Places = ((message_pump, "invoke"), (screen, "invoke"), (MessagePump, "_dispatch_message"))
"""What calls handlers and callbacks, and what Textual itself does with a message, keys and mouse among them."""

DISPATCHES: Places = ((MessagePump, "_dispatch_message"),)
"""A message's way through its handlers, on to the parent, and the callbacks that follow it."""

WATCHERS: Places = ((reactive, "invoke_watcher"),)

VISUALS: Places = ((Widget, "_render"),)
"""What layout and drawing get from a widget's ``render``."""

PICTURES: Places = ((Widget, "render_lines"), (OptionList, "render_lines"))

DRAWS: Places = ((Screen, "_on_timer_update"), (Screen, "_refresh_layout"))
"""A screen's drawing and its layout as a whole."""

PAINTINGS: Places = ((Screen, "_on_timer_update"),)
"""A screen's layout, if one is due, and its drawing after it."""

RESIZES: Places = ((Screen, "_on_resize"),)

PAGES: Places = ((OptionList, "_move_page"),)

CLICKS: Places = ((OptionList, "_on_click"),)

WATCHES: Places = ((dom, "_watch"),)
"""What lets one widget watch an attribute of another."""

AWAITED: Places = ((reactive, "await_watcher"),)
"""What waits for a widget's watcher to have seen a change."""

BACKGROUNDS: Places = ((StylesCache, "get_inner_outer"),)
"""The styles inside and outside of a widget's border, of its two colours."""

STARTS: Places = ((MessagePump, "_start_messages"),)
"""What starts the task in which a widget handles its messages."""

ENDS: Places = ((Widget, "_message_loop_exit"),)
"""What ends it, when the widget is removed."""


def replace(places: Places, around: Callable[[Any], Callable[..., Any]]) -> None:
    """Put something around what Textual does in these places, in every app of this process."""
    for owner, name in places:
        setattr(owner, name, around(getattr(owner, name)))


def paint_with_layout(screen: Screen[Any]) -> None:
    """Let a screen that is to be laid out and painted whole be painted by its layout, instead of once more after it."""
    if screen._layout_required and screen._repaint_required:
        screen._dirty_widgets.add(screen)
        screen._repaint_required = False


def forget_removed_watchers(watched: DOMNode, attribute: str) -> None:
    """Keep those that watch an attribute and are still there."""
    watchers: list[tuple[DOMNode, object]] = getattr(watched, "__watchers", {}).get(attribute, [])
    watchers[:] = [watcher for watcher in watchers if not watcher[0]._closing]


def goes(node: DOMNode) -> bool:
    """Whether it is being removed, from the moment that this is decided."""
    return node._pruning or node._closing


def be_sender(pump: MessagePump) -> None:
    """Be who sends messages and starts tasks from here on, in the current context."""
    active_message_pump.set(pump)


def forget_changes(screen: Screen[Any], widget: Widget) -> None:
    """Of a screen: don't lay out or draw a widget that was removed."""
    screen._dirty_widgets.discard(widget)
    screen._layout_widgets.pop(widget, None)
    for changed in screen._layout_widgets.values():
        changed.discard(widget)


def forget_measures(widget: Widget) -> None:
    """Of a widget that has no place on the screen: whatever holds it measures it anew once it has one."""
    widget._layout_updates += 1
    for ancestor in widget.ancestors:
        if not isinstance(ancestor, Widget):
            break
        ancestor._clear_arrangement_cache()
        ancestor._layout_updates += 1
        if not ancestor.styles.auto_dimensions:
            break


def empty(widget: Widget) -> None:
    """Of a widget that was removed: let go of what was in it and drawn on it, as far as Textual keeps that."""
    nodes = widget._nodes
    nodes._displayed_nodes = nodes._displayed_visible_nodes = (-1, [])
    widget._styles_cache.clear()
    if isinstance(widget, Screen):
        widget._layout_widgets.clear()


def running_app() -> App[Any] | None:
    """The app in which the caller runs."""
    return active_app.get(None)


@dataclass(frozen=True, eq=False)
class Repaint:
    """What a terminal is to show anew.

    ``pieces`` are strips with the column and the line in which they begin; ``size`` is that of a whole screen, None
    where they are parts of one. The terminal's cursor belongs to ``cursor``, for input methods. ``marks`` stand before
    and after what is to be seen at once, where the terminal knows them.
    """

    pieces: Iterator[tuple[int, int, Strip]]
    size: Size | None
    cursor: Offset
    colours: ColorSystem
    marks: tuple[str, str]


def pieces_of(update: LayoutUpdate | ChopsUpdate) -> Iterator[tuple[int, int, Strip]]:
    """The strips of an update, with the column and the line in which they begin."""
    return _whole(update) if isinstance(update, LayoutUpdate) else _parts(update)


def _whole(update: LayoutUpdate) -> Iterator[tuple[int, int, Strip]]:
    for y, strips in enumerate(update.strips, update.region.y):
        x = update.region.x
        for strip in strips:
            yield x, y, strip
            x += strip.cell_length


def _parts(update: ChopsUpdate) -> Iterator[tuple[int, int, Strip]]:
    """As ``ChopsUpdate.render_segments`` cuts them."""
    for y, left, right in update.spans:
        for end, (x, strip) in zip(update.chop_ends[y], update.chops[y].items(), strict=False):
            if strip is not None and x <= right and end > left:
                yield x, y, strip if left <= x < right and end <= right else strip.crop(0, min(end, right) - x)


class HookedApp(App[ReturnType], Generic[ReturnType]):
    """An app that is asked where Textual decides alone: what follows errors, and around what is displayed."""

    @property
    def is_alive(self) -> bool:
        """Whether it runs, and wasn't told to end."""
        return self._running and not self._exit

    @property
    def has_failed(self) -> bool:
        """Whether an error was to end it."""
        return self._exception is not None

    def mounted(self) -> None:
        """Everything is mounted, or mounting has failed."""

    def failed(self, error: Exception) -> None:
        """An error is to end the app: in timers, workers, compose, layout and display."""
        self.end_with_traceback(error)

    def end_with_traceback(self, error: Exception) -> None:
        """End as Textual does, with the traceback of what is being handled."""
        super()._handle_exception(error)

    @contextmanager
    def displaying(self, picture: RenderableType | None) -> Iterator[None]:
        """Around writing to the terminal what was laid out and drawn."""
        yield

    async def _ready(self) -> None:
        await super()._ready()
        self.mounted()

    def _handle_exception(self, error: Exception) -> None:
        self.failed(error)

    async def _on_resize(self, event: Resize) -> None:
        if isinstance(self._driver, HookedDriver):
            self._driver.resized(event.size)

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        with self.displaying(renderable):
            if isinstance(self._driver, HookedDriver) and isinstance(renderable, LayoutUpdate | ChopsUpdate):
                self._draw(self._driver, renderable)
            else:
                super()._display(screen, renderable)

    def _draw(self, driver: HookedDriver, update: LayoutUpdate | ChopsUpdate) -> None:
        """What ``App._display`` does, but that the driver writes the update."""
        if self._running and not self._closed and not self._batch_count:
            try:
                driver.draw(self._repaint(update))
            except Exception as error:
                self._handle_exception(error)
        self.post_display_hook()

    def _repaint(self, update: LayoutUpdate | ChopsUpdate) -> Repaint:
        return Repaint(
            pieces_of(update),
            update.region.size if isinstance(update, LayoutUpdate) else None,
            self.screen.outer_size.clamp_offset(self.cursor_position),
            self.console._color_system or ColorSystem.TRUECOLOR,
            (_ansi_sequences.SYNC_START, _ansi_sequences.SYNC_END) if self._sync_available else ("", ""),
        )


class HookedDriver(LinuxDriver):
    """A driver that is asked what to draw on, how to read, and what to do after a stop."""

    _timer: TimerHandle | None = None

    @property
    def app(self) -> App[Any]:
        """The app that it drives."""
        return self._app

    @property
    def debug(self) -> bool:
        """Whether the parser writes down what it reads."""
        return self._debug

    def draw_on(self, file: object) -> None:
        """Write to a file, which needs no more than to be written, flushed, and to have a descriptor."""
        self._file = cast(Any, file)

    @property
    def writes(self) -> bool:
        """Whether there is a thread that writes."""
        return self._writer_thread is not None and self._writer_thread.is_alive()

    def draw(self, repaint: Repaint) -> None:
        """Have the terminal show it."""
        raise NotImplementedError

    def resized(self, size: Size) -> None:
        """The terminal has this size now, if it hadn't before."""

    def read_input(self) -> None:
        """What the thread does that reads what is typed."""
        super()._run_input_thread()

    def continued(self) -> None:
        """The process goes on after a stop."""
        super()._sigcont_application()

    def later(self, callback: Callable[[], object]) -> None:
        """Call something in the app's thread, unless that has come to its end."""
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(callback)

    def once_in(self, seconds: float, callback: Callable[[], object]) -> None:
        """Call something in a while, instead of what was to be called before."""
        if self._timer:
            self._timer.cancel()
        self._timer = self._loop.call_later(seconds, callback)

    def take_terminal_again(self) -> None:
        """Take the terminal as if it had been given back, and say that the app goes on."""
        if self._auto_restart:
            self.suspend_application_mode()
            self._must_signal_resume = True
            self.resume_application_mode()
            self._app.refresh(layout=True)

    def _run_input_thread(self) -> None:
        self.read_input()

    def _sigcont_application(self, *_: object) -> None:
        self.continued()
