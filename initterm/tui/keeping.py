"""What the app has from start to start: its theme, which follows the terminal, and a memory that is written in time."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from rich.terminal_theme import TerminalTheme
from textual import on
from textual.filter import LineFilter
from textual.theme import Theme, ThemeProvider
from textual.timer import Timer

from initterm.report.ground import REFERENCE
from initterm.tui.going_on import GoingOnApp
from initterm.tui.messages import Kept
from initterm.tui.remembered import Memory
from initterm.tui.themes import OFFERED, OWN, adapted, filter_on, ground_of, shades_of, terminal_theme

WRITE_SECONDS = 1.0
"""Between what changes and its writing, so that much that changes is written once."""


class KeepingApp(GoingOnApp):
    """An app that begins as it was left.

    Args:
        memory: what was kept at the last start, and is to be kept from this one.
    """

    def __init__(self, memory: Memory) -> None:
        super().__init__()
        self.memory = memory
        self._write_timer: Timer | None = None
        for name in {*self.available_themes}.difference(OFFERED):
            self.unregister_theme(name)
        for theme in OWN:
            self.register_theme(theme)
        if (kept := self.memory.value("theme", str)) in OFFERED:
            self.theme = kept

    def get_theme(self, theme_name: str) -> Theme | None:
        """A theme as this terminal shows it."""
        return adapted(theme_name, shades_of(self)) if theme_name in OFFERED else None

    @property
    def ansi_theme(self) -> TerminalTheme:
        """What colours that are called by name are, until they are shown on the theme's ground."""
        variables = self.theme_variables
        return terminal_theme(variables.get("background", REFERENCE), variables.get("foreground", "#e0e0e0"))

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Textual's, after the one that shows colours on the theme's ground."""
        return [filter_on(ground_of(self)), *super().get_line_filters()]

    def action_command_palette(self) -> None:
        """Show the palette."""
        from initterm.tui.commands import Palette

        if not isinstance(self.screen, Palette):
            self.push_screen(Palette())

    def action_change_theme(self) -> None:
        """Show the themes to choose from."""
        from initterm.tui.commands import Palette

        self.push_screen(Palette(providers=[ThemeProvider], placeholder="Choose a theme"))

    def watch_theme(self, before: str, theme: str) -> None:
        """Keep the theme that was chosen."""
        if theme != before:
            self.post_message(Kept("theme", theme))

    @on(Kept)
    def _keep(self, message: Kept) -> None:
        """Write it soon, with what else changes until then."""
        self.memory.keep(message.name, message.value)
        if self._write_timer is None:
            self._write_timer = self.set_timer(WRITE_SECONDS, self._write)

    async def _write(self) -> None:
        self._write_timer = None
        await asyncio.to_thread(self.memory.write)

    def close_engine(self) -> None:
        """End the engine process if there is one, and write what is to be kept."""
        super().close_engine()
        self.memory.write()
