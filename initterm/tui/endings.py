"""How the app ends: by a key or a signal, with its engine, and with the terminal restored where there still is one."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import termios
from typing import TYPE_CHECKING

from textual.events import Event, Key
from textual.reactive import reactive
from textual.screen import ModalScreen

from initterm.tui.modal import HeldKey
from initterm.tui.type_ahead import TypingApp

if TYPE_CHECKING:
    from rich.console import RenderableType

    from initterm.pipe.client import Engine

SIGNALS = (signal.SIGHUP, signal.SIGTERM, signal.SIGINT)
INTERRUPTED = 128 + signal.SIGINT


class EndingApp(TypingApp[None]):
    """An app that ends its engine with itself, and that can be asked to end while it still starts."""

    engine: reactive[Engine | None] = reactive(None)

    def __init__(self) -> None:
        super().__init__()
        self.starting = True
        self.exit_wanted: int | None = None
        self._held = HeldKey()

    def on_load(self) -> None:
        """Before the terminal is taken over, take over the signals that would leave it raw."""
        loop = asyncio.get_running_loop()
        for number in SIGNALS:
            loop.add_signal_handler(number, self._end_by_signal, number)

    async def take_input(self, event: Event) -> None:
        """Leave out a key that closed a modal and is still held: it must not go on to end the app."""
        if not (isinstance(event, Key) and self._held.has(event, over_pane=isinstance(self.screen, ModalScreen))):
            await super().take_input(event)

    def _end_by_signal(self, number: int) -> None:
        if number == signal.SIGHUP and _line_is_gone():
            # There is no terminal to restore, and Textual would wait for it to take what is still to be written.
            self.close_engine()
            os._exit(128 + number)
        self.exit(return_code=128 + number)

    def end_start(self) -> None:
        """It has started: from now on it can end, and does where that was asked for meanwhile."""
        self.starting = False
        if self.exit_wanted is not None:
            self.exit(return_code=self.exit_wanted)

    def exit(self, result: None = None, return_code: int = 0, message: RenderableType | None = None) -> None:
        """End the app; while it starts, as soon as it has: Textual can't end in the middle of mounting."""
        if self.starting:
            self.exit_wanted = return_code
        else:
            super().exit(result, return_code, message)

    def action_interrupt(self) -> None:
        """End as a command does that ctrl+c interrupts."""
        self.exit(return_code=INTERRUPTED)

    def on_unmount(self) -> None:
        """End the engine, and with it every worker that waits for it."""
        self.close_engine()

    def close_engine(self) -> None:
        """End the engine process if there is one."""
        if self.engine:
            self.engine.close()

    def action_restart_engine(self) -> None:
        """End the engine, whatever it is doing, and start a fresh one."""
        if self.engine:
            self.engine.restart()


def _line_is_gone() -> bool:
    """Whether the terminal has hung up, as when an SSH line drops or a window is closed."""
    try:
        termios.tcgetattr(sys.__stdin__ or 0)
    except termios.error:
        return True
    return False
