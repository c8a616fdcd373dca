"""The line behind which settings stand that are seldom set."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.events import Click
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from initterm.tui.messages import frozen
from initterm.tui.widgets.field import CHANGED, go_to_field


class More(Widget, can_focus=True):
    """A line between the settings that are set often and the others, which it shows and hides."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "go(-1)", show=False),
        Binding("down", "go(1)", show=False),
        Binding("enter,space", "open", "more", show=False),
    ]

    is_open: reactive[bool] = reactive(False)
    count: reactive[int] = reactive(0)
    differing: reactive[int] = reactive(0)

    @frozen
    class Toggled(Message):
        """The others are to be shown, or hidden."""

        is_open: bool

    def __init__(self) -> None:
        super().__init__(id="more", classes="field")

    def render(self) -> str:
        told = f" {CHANGED}{self.differing} changed" if self.differing else ""
        return f" ▾ less{told}" if self.is_open else f" ▸ {self.count} more…{told}"

    def action_go(self, down: int) -> None:
        """Go to the next field, or to the one before."""
        go_to_field(self.screen, down)

    @on(Click)
    def action_open(self) -> None:
        """Show the others, or hide them."""
        self.is_open = not self.is_open
        self.post_message(self.Toggled(self.is_open))
