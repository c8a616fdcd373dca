"""What the foot of the screen tells for a moment: why a key does nothing, and at the first start what one needs."""

from __future__ import annotations

from contextlib import suppress

from textual import on
from textual.css.query import NoMatches
from textual.events import Event, Key

from initterm.tui.keeping import KeepingApp
from initterm.tui.messages import Hinted
from initterm.tui.remembered import Memory
from initterm.tui.widgets.key_line import KeyLine

WELCOME = "space marks, v shows the marked, t takes to Train, ? tells all keys"
WELCOME_SECONDS = 30.0
"""The three keys that one needs in the first pane, told there at the very first start until something is typed."""


class HintingApp(KeepingApp):
    """An app that tells a sentence in the place of its keys, until the next key."""

    def __init__(self, memory: Memory) -> None:
        super().__init__(memory)
        self._hinting: KeyLine | None = None
        self._welcomes = memory.welcomes

    def welcome(self) -> None:
        """Tell who starts the app for the first time, and has typed nothing yet, which keys are needed."""
        if self._welcomes:
            self._hinted(Hinted(WELCOME, WELCOME_SECONDS))

    @on(Hinted)
    def _hinted(self, message: Hinted) -> None:
        with suppress(NoMatches):  # a dialog has no foot
            self._hinting = self.screen.query_one(KeyLine)  # which is looked for once, unlike all that fit
            self._hinting.tell(message.sentence, message.seconds)

    async def take_input(self, event: Event) -> None:
        """What is told at the foot of the screen is told until the next key."""
        if isinstance(event, Key):
            self._welcomes = False
            self.forget_hint()
        await super().take_input(event)

    def forget_hint(self) -> None:
        """Show the keys again."""
        if self._hinting:
            self._hinting.forget()
            self._hinting = None
