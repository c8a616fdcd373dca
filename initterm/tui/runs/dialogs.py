"""What is asked about a run: whether it shall be deleted, and what it shall be called."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Input, Static

from initterm.tui.modal import Modal


class Confirmation(Modal[bool]):
    """A question; enter says yes, esc no.

    Args:
        question: what is asked.
        yes: what enter does.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "dismiss(True)", "yes"),
        Binding("escape", "dismiss(False)", "no"),
    ]

    def __init__(self, question: str, yes: str) -> None:
        super().__init__()
        self._question, self._yes = question, yes

    def compose(self) -> ComposeResult:
        with Vertical() as box:
            box.border_subtitle = f"enter {self._yes}, esc goes back"
            yield Static(self._question, markup=False)


class LineInput(Modal[str | None]):
    """A line of text; gives it, or None when it is closed.

    Args:
        title: what is asked for.
        text: what stands there at first.
        longest: characters at most.
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss", "back")]

    def __init__(self, title: str, text: str, longest: int) -> None:
        super().__init__()
        self._title, self._text, self._longest = title, text, longest

    def compose(self) -> ComposeResult:
        with Vertical() as box:
            box.border_title = self._title
            box.border_subtitle = "enter keeps it, esc goes back"
            yield Input(self._text, compact=True, max_length=self._longest, select_on_focus=False)

    @on(Input.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        event.stop()
        self.dismiss(event.value.strip())
