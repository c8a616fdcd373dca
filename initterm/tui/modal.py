"""Screens over the pane: what closes one twice, such as a held key, closes it once, and does nothing else."""

from __future__ import annotations

import time
from typing import Any

from textual.await_complete import AwaitComplete
from textual.events import Key
from textual.screen import ModalScreen, ScreenResultType

FIRST_REPEAT, NEXT_REPEAT = 1.0, 0.3
"""Seconds after which a key was let go of that didn't come again, a first time and then: longer than keyboards wait."""


class Modal(ModalScreen[ScreenResultType]):
    """A modal screen that is dismissed once, however often it is asked to be.

    One that is asked while another stands over it goes as soon as it is on top again.
    """

    _waiting: tuple[Any, ...] = ()

    def dismiss(self, result: ScreenResultType | None = None) -> AwaitComplete:
        """Close it, and give the result to who opened it."""
        if self.is_active:
            return super().dismiss(result)
        if self in self.app.screen_stack:
            self._waiting = (result,)
        return AwaitComplete()

    def on_screen_resume(self) -> None:
        """Go, where that was asked for while another screen stood over this one."""
        if self._waiting:
            self.call_later(self._go)

    def _go(self) -> None:
        self.dismiss(*self._waiting)


class HeldKey:
    """The key that was given to a modal last: as long as it is held, it is given to nothing else.

    So a ``q`` that closed the help doesn't go on to quit the app, and an Enter that chose doesn't choose again.
    """

    _key, _held_until = "", 0.0

    def has(self, event: Key, *, over_pane: bool) -> bool:
        """Whether it is that key, still held after its modal has closed; ``over_pane``: whether a modal is shown."""
        if over_pane:
            self._key, self._held_until = event.key, time.monotonic() + FIRST_REPEAT
            return False
        if event.key != self._key or event.time > self._held_until:
            self._key = ""
            return False
        self._held_until = event.time + NEXT_REPEAT
        return True
