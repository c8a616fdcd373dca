"""What is asked before the app leaves a run that is under way."""

from __future__ import annotations

from typing import ClassVar, Literal

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Static

from initterm.tui.modal import Modal
from initterm.tui.widgets.key_line import KeyLine

Leaving = Literal["go on", "stop"]

QUESTION = "A run is under way, and is kept. Shall it go on without the app? The next start tells of it; R shows it."


class LeavingQuestion(Modal[Leaving | None]):
    """What becomes of the run when the app ends; gives nothing where the app shall stay."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,q", "answer('go on')", "let it go on, and quit", key_display="enter"),
        Binding("x", "answer('stop')", "stop it, and quit"),
        Binding("escape", "dismiss", "stay", key_display="esc"),
    ]

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Static(QUESTION, markup=False)
        yield KeyLine()

    def action_answer(self, answer: Leaving) -> None:
        """Give it."""
        self.dismiss(answer)
