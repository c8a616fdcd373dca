"""Which pane is shown, and which there are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from textual import on
from textual.events import DescendantFocus
from textual.reactive import reactive
from textual.widgets import ContentSwitcher

from initterm.tui.catalogue import PANES, SCREENS
from initterm.tui.hints import HintingApp
from initterm.tui.messages import Kept
from initterm.tui.pane import Pane


class TurningApp(HintingApp):
    """An app of panes, of which one is shown at a time, and of screens of which one may stand before it."""

    pane: reactive[str] = reactive(PANES[0].id, init=False)

    def watch_pane(self, pane: str) -> None:
        """Show the pane and give it the focus; what was told in another isn't meant for it."""
        self.forget_hint()
        switcher = self.query_one(ContentSwitcher)
        switcher.current = pane
        switcher.screen.set_focus(None)  # keys that came in the same frame aren't for what is hidden now
        self.query_one(f"#{pane}", Pane).focus_first()
        self.post_message(Kept("pane", pane))

    @on(DescendantFocus)
    def _focused(self, event: DescendantFocus) -> None:
        """Where a pane asked for the focus before another was shown, that one has it."""
        for node in event.widget.ancestors:
            if isinstance(node, Pane) and isinstance(node.parent, ContentSwitcher) and node.id != self.pane:
                self.query_one(f"#{self.pane}", Pane).focus_first()

    def turn_to(self, pane: str) -> None:
        """Show a pane, also where a screen stands before it."""
        self.leave_screen()
        self.pane = pane

    def leave_screen(self) -> None:
        """Show the panes again, where a screen of its own stands before them."""
        if any(self.screen.id == row.id for row in SCREENS):
            self.pop_screen()

    def own_screen(self, pane: str) -> Pane | None:
        """A pane with a screen of its own, once it was shown."""
        return cast(Pane, self.get_screen(pane)) if self.is_screen_installed(pane) else None

    @property
    def panes(self) -> Sequence[Pane]:
        """All that there are so far."""
        return [*self.screen_stack[0].query(Pane), *filter(None, (self.own_screen(row.id) for row in SCREENS))]

    def show_lost_runs(self) -> None:
        """Show what went on beyond a line that was lost, now that there is one."""
        from initterm.tui.run_pane import RunPane

        for pane in self.panes:
            if isinstance(pane, RunPane):
                pane.show_again()

    @property
    def shown(self) -> Pane:
        """The pane that is shown, or lies under what is shown over it."""
        over = [screen for screen in self.screen_stack[1:] if isinstance(screen, Pane)]
        return over[-1] if over else self.screen_stack[0].query_one(f"#{self.pane}", Pane)
