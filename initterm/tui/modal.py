"""Screens over the pane: what closes one twice, such as a held key, closes it once."""

from __future__ import annotations

from typing import Any

from textual.await_complete import AwaitComplete
from textual.screen import ModalScreen, ScreenResultType


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
            self.call_later(self.dismiss, *self._waiting)
