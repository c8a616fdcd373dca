"""The command palette, derived from the keys that work now and from the catalogue."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from textual import on
from textual.await_complete import AwaitComplete
from textual.command import CommandPalette, DiscoveryHit, Hit, Hits, Provider
from textual.events import Mount
from textual.message import Message
from textual.widgets import Input, OptionList

from initterm.theory.initializer_rows import CATALOGUE
from initterm.theory.initializers import InitializerSpec
from initterm.tui.messages import Proposal, Sent

if TYPE_CHECKING:
    from initterm.tui.app import InittermApp

AppCommand = tuple[str, str, Callable[[], Any]]

THEME, THEME_HINT = "theme", "its colours: light, dark, for colour-blind eyes, of high contrast"
COPY_ERROR, COPY_HINT = "copy the last error", "what went wrong in the app itself, for a bug report"


class Palette(CommandPalette):
    """Textual's, which can be closed at any moment, and twice: by a held key, or by click and key in one frame."""

    @on(Mount)
    def _mounts_too_late(self, event: Mount) -> None:
        """It is closed before it was mounted: there is no screen under it to ask for commands."""
        if self not in self.app.screen_stack:
            event.prevent_default()

    @on(Input.Changed)
    @on(Input.Submitted)
    @on(OptionList.OptionSelected)
    def _came_too_late(self, event: Message) -> None:
        """What was typed or chosen before it closed, and arrives after, begins no search and runs no command."""
        if not self.is_active:
            event.stop()
            event.prevent_default()

    def dismiss(self, result: None = None) -> AwaitComplete:
        """Close it, and its search with it: that would write into a list which is gone."""
        if not self.is_active:
            return AwaitComplete()
        self.workers.cancel_node(self)
        return super().dismiss(result)


class InittermCommands(Provider):
    """Every action with a key, and every initializer to explore."""

    async def discover(self) -> Hits:
        """Everything, before a word is typed."""
        for title, hint, action in self._found():
            yield DiscoveryHit(title, action, help=hint)

    async def search(self, query: str) -> Hits:
        """What matches the words typed."""
        matcher = self.matcher(query)
        for title, hint, action in self._found():
            if (score := matcher.match(title)) > 0:
                yield Hit(score, matcher.highlight(title), action, help=hint)

    def _found(self) -> list[AppCommand]:
        """The commands; Textual would drop an error here without a word."""
        try:
            return [*self._commands()]
        except Exception as error:
            self._app.catch(error)
            return []

    @property
    def _app(self) -> InittermApp:
        return cast("InittermApp", self.app)

    def _commands(self) -> Iterator[AppCommand]:
        for active in self.screen.active_bindings.values():
            binding = active.binding
            if binding.description and not binding.system:
                key = self.app.get_key_display(binding)
                run = partial(self.app.run_action, binding.action, active.node)
                yield binding.description, f"key {key}", run
        yield THEME, THEME_HINT, self._app.action_change_theme
        if self._app.bugs.report:
            yield COPY_ERROR, COPY_HINT, self._app.action_copy_last_error
        for family in CATALOGUE:
            message = Sent("explore", Proposal(InitializerSpec(family.name)))
            yield f"Explore {family.name}", family.formula, partial(self.app.post_message, message)
