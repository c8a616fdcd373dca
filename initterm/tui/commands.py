"""The command palette, derived from the keys that work now and from the catalogue."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from textual.command import DiscoveryHit, Hit, Hits, Provider

from initterm.theory.initializers import CATALOGUE, InitializerSpec
from initterm.tui.messages import SentToExplore

Command = tuple[str, str, Callable[[], Any]]


class InittermCommands(Provider):
    """Every action with a key, and every initializer to explore."""

    async def discover(self) -> Hits:
        """Everything, before a word is typed."""
        for title, hint, action in self._commands():
            yield DiscoveryHit(title, action, help=hint)

    async def search(self, query: str) -> Hits:
        """What matches the words typed."""
        matcher = self.matcher(query)
        for title, hint, action in self._commands():
            if (score := matcher.match(title)) > 0:
                yield Hit(score, matcher.highlight(title), action, help=hint)

    def _commands(self) -> Iterator[Command]:
        for active in self.screen.active_bindings.values():
            binding = active.binding
            if binding.description and not binding.system:
                key = self.app.get_key_display(binding)
                run = partial(self.app.run_action, binding.action, active.node)
                yield binding.description, f"key {key}", run
        for family in CATALOGUE:
            message = SentToExplore(InitializerSpec(family.name))
            yield f"Explore {family.name}", family.formula, partial(self.app.post_message, message)
