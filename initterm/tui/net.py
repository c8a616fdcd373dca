"""A net under every handler: an error that nobody expected becomes a sentence, and the app goes on.

Textual ends the whole app at the first error. Deciding that alone would keep the app but lose the widget: its message
loop has ended by then, callbacks that were to follow are dropped, other watchers of the same attribute are
never called. So errors are caught lower, around each handler, callback, watcher and rendering, where what comes next
can still be done. What is replaced behaves as before in every app that is no ``NettedApp``.

While the app starts, and when a whole screen can't be drawn several times in a row, there is nothing a sentence could
be shown on: then it ends as Textual does, with the terminal restored, a traceback and status 1.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
import threading
from collections.abc import Awaitable, Callable, Iterator
from functools import wraps
from typing import Any, Generic

from rich.console import RenderableType
from rich.segment import Segment
from textual.app import ReturnType
from textual.content import Content
from textual.geometry import Region
from textual.message_pump import MessagePump
from textual.notifications import SeverityLevel
from textual.screen import Screen
from textual.strip import Strip
from textual.visual import Visual
from textual.widget import Widget
from textual.widgets import OptionList
from textual.worker import WorkerFailed

from initterm.tui import textual_privates as privates
from initterm.tui.around import AROUND
from initterm.tui.bugs import Bugs, words_of
from initterm.tui.called_forth import belonging, followed, next_in_turn
from initterm.tui.textual_privates import HookedApp, running_app

MOST_FAILED_DRAWS = 3
"""How often in a row a screen may fail to be laid out or drawn before the app gives up."""

TITLE = "A bug of initterm"
ADVICE = "The app goes on. ctrl+p, “copy the last error” takes it along for a report"
CANT_DRAW = "This can't be shown: "
BUG_SECONDS = 15.0


class NettedApp(HookedApp[ReturnType], Generic[ReturnType]):
    """An app that goes on after errors in handlers, timers, callbacks, watchers, workers and renderings.

    ``bugs`` are what was caught.
    """

    def __init__(self) -> None:
        super().__init__()
        self.bugs = Bugs()
        self._shown = False
        self._failed_draws = 0
        self._draw_depth = 0

    @property
    def catches(self) -> bool:
        """Whether there is a screen to say on what went wrong."""
        return self._shown

    def mounted(self) -> None:
        """There is a screen from now on, unless mounting has failed."""
        self._shown = not self.has_failed and sys.exc_info()[0] is None

    def failed(self, error: Exception) -> None:
        """Go on after an error, where there is a screen to say it on."""
        if not self._shown:
            self.end_with_traceback(error)
        elif self._draw_depth:
            self._draw_failed(error)
        else:
            self.catch(error)

    def catch(self, error: BaseException) -> None:
        """Write an error down, and say it where its kind is new."""
        if isinstance(error, WorkerFailed):
            error = error.error
        sentence = self.bugs.add(error)
        if sentence and self.is_alive:
            log = f"; its log: {self.bugs.log}" if self.bugs.log else ""
            self.notify(f"{sentence} {ADVICE}{log}.", title=TITLE, severity="error", timeout=BUG_SECONDS)

    def action_copy_last_error(self) -> None:
        """Copy what last went wrong in the app itself, with its traceback."""
        if report := self.bugs.report:
            self.copy_to_clipboard(report)
            self.notify(report.rstrip().splitlines()[-1], title="The last error, copied")
        else:
            self.notify("Nothing has gone wrong in the app so far.")

    @contextlib.contextmanager
    def drawing(self) -> Iterator[None]:
        """Around laying out and drawing a screen: failures in a row are counted, and the last of them ends the app."""
        self._draw_depth += 1
        try:
            yield
        except Exception as error:
            self.failed(error)
        finally:
            self._draw_depth -= 1

    @contextlib.contextmanager
    def displaying(self, picture: RenderableType | None) -> Iterator[None]:
        """Around writing a picture to the terminal: one that succeeds ends a row of failures."""
        failed_before = self._failed_draws
        yield
        if picture is not None and self._failed_draws == failed_before:
            self._failed_draws = 0

    def _draw_failed(self, error: Exception) -> None:
        self._failed_draws += 1
        if self._failed_draws >= MOST_FAILED_DRAWS:
            self.end_by(error)
            return
        self.catch(error)
        self.refresh(layout=True)

    def end_by(self, error: Exception) -> None:
        """End the app by an error after which nothing can be shown or typed any more."""
        self._shown = False
        self.bugs.add(error)
        try:
            raise error
        except Exception:
            self.end_with_traceback(error)

    async def _on_load(self) -> None:
        """What no task awaits and no thread expects comes here too."""
        asyncio.get_running_loop().set_exception_handler(self._loop_failed)
        self._thread_hook = threading.excepthook
        threading.excepthook = self._thread_failed

    async def _on_unmount(self) -> None:
        threading.excepthook = self._thread_hook

    def _loop_failed(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        self.catch(error if error else RuntimeError(str(context.get("message"))))

    def _thread_failed(self, failure: threading.ExceptHookArgs) -> None:
        if failure.exc_value is not None and not isinstance(failure.exc_value, SystemExit):
            self.catch(failure.exc_value)

    def notify(
        self,
        message: str,
        *,
        title: str = "",
        severity: SeverityLevel = "information",
        timeout: float | None = None,
        markup: bool = False,
    ) -> None:
        """Say something; what looks like markup is shown as it is, since messages quote what people type."""
        super().notify(message, title=title, severity=severity, timeout=timeout, markup=False)

    def copy_to_clipboard(self, text: str) -> None:
        """Copy a text, in which half a character, which a terminal can't be sent, is replaced."""
        super().copy_to_clipboard(text.encode(errors="replace").decode())


def _running_app() -> NettedApp[Any] | None:
    """The app where it catches now."""
    app = running_app()
    return app if isinstance(app, NettedApp) and app.catches else None


def _catch(error: Exception) -> None:
    """Have an error said, or let it go on where no app catches it."""
    if (app := _running_app()) is None:
        raise error
    app.catch(error)


def _each_call(invoke: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    """One handler or callback, or what Textual itself does with a message, keys and mouse among them.

    Others of the same message and the rest of the callbacks follow all the same, and a message loop goes on.
    """

    @wraps(invoke)
    async def caught(*arguments: Any) -> Any:
        try:
            return await invoke(*arguments)
        except Exception as error:
            _catch(error)

    return caught


def _each_watcher(invoke: Callable[..., None]) -> Callable[..., None]:
    """One watcher: the others of the same attribute are called all the same, and so is what comes after it was set."""

    @wraps(invoke)
    def caught(*arguments: Any) -> None:
        try:
            invoke(*arguments)
        except Exception as error:
            _catch(error)

    return caught


def _each_visual(render: Callable[[Widget], Visual]) -> Callable[[Widget], Visual]:
    """``Widget.render``, on which layout and drawing rely: a widget that can't draw its data says so in its place."""

    @wraps(render)
    def caught(self: Widget) -> Visual:
        try:
            return render(self)
        except Exception as error:
            _catch(error)
            return Content(f"{CANT_DRAW}{words_of(error)}")

    return caught


def _each_picture(render: Callable[[Widget, Region], list[Strip]]) -> Callable[[Widget, Region], list[Strip]]:
    """The lines of a widget, where it draws them itself."""

    @wraps(render)
    def caught(self: Widget, crop: Region) -> list[Strip]:
        try:
            return render(self, crop)
        except Exception as error:
            _catch(error)
            sentence = Strip([Segment(f"{CANT_DRAW}{words_of(error)}")])
            lines = [sentence if y == 0 else Strip.blank(0) for y in range(crop.y, crop.bottom)]
            return [line.crop_extend(crop.x, crop.right, None) for line in lines]

    return caught


def _each_draw(draw: Callable[..., None]) -> Callable[..., None]:
    """A screen's layout and drawing as a whole."""

    @wraps(draw)
    def caught(self: Screen[Any], *arguments: Any, **options: Any) -> None:
        if (app := _running_app()) is None:
            draw(self, *arguments, **options)
            return
        with app.drawing():
            draw(self, *arguments, **options)

    return caught


def _by_page(move: Callable[[OptionList, int], None]) -> Callable[[OptionList, int], None]:
    """A page of a list that has no room is one line: Textual knows where its lines are only once there is room."""

    @wraps(move)
    def moved(self: OptionList, direction: int) -> None:
        if self.scrollable_content_region:
            move(self, direction)
        else:
            (self.action_cursor_down if direction > 0 else self.action_cursor_up)()

    return moved


_AROUND: tuple[tuple[privates.Places, Callable[..., Callable[..., Any]]], ...] = (
    (privates.CALLS, _each_call),
    (privates.WATCHERS, _each_watcher),
    (privates.VISUALS, _each_visual),
    (privates.PICTURES, _each_picture),
    (privates.DRAWS, _each_draw),
    (privates.PAGES, _by_page),
    *AROUND,
    (((MessagePump, "post_message"),), belonging),
    (((MessagePump, "call_next"),), next_in_turn),
    (privates.DISPATCHES, followed),
)

for _places, _around in _AROUND:
    privates.replace(_places, _around)
