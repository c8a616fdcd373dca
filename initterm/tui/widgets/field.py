"""A labelled input that knows what makes sense in it, and says so where it stands."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Self

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, Label, Select

from initterm.theory.refusal import Refusal
from initterm.theory.settings import Choices, Kind
from initterm.tui.messages import StateChanged, frozen
from initterm.tui.widgets.sentence import Problem


class Field(Widget):
    """A label, an input, and under them a sentence while the text makes no sense.

    Args:
        label: stands before the input.
        text: what the input holds at first; it must make sense.
        parse: gives the value of a text, or raises ``Refusal``.
    """

    @frozen
    class Changed(StateChanged):
        """The text makes sense, which it didn't, or its value is another one."""

        field: Field
        value: Any

        @property
        def control(self) -> Field:
            """The field it is about."""
            return self.field

    class Submitted(Message):
        """Enter was pressed on a text that makes sense."""

    def __init__(self, label: str, text: str, parse: Callable[[str], Any], *, id: str) -> None:
        super().__init__(id=id)
        self._label = label
        self._text = text
        self._parse = parse
        self.value = parse(text)

    def compose(self) -> ComposeResult:
        with Horizontal():
            yield Label(self._label)
            yield Input(self._text, compact=True, select_on_focus=True)
        yield Problem()

    @property
    def problem(self) -> str:
        """Why the text makes no sense; empty where it does."""
        return self.query_one(Problem).sentence

    def focus(self, scroll_visible: bool = True) -> Self:
        """Put the cursor into the input."""
        self.query_one(Input).focus(scroll_visible)
        return self

    def set_text(self, text: str) -> None:
        """Replace what was entered."""
        self.query_one(Input).value = text

    @on(Input.Changed)
    def _read(self, event: Input.Changed) -> None:
        event.stop()
        try:
            value = self._parse(event.value)
        except Refusal as refusal:
            self._say(str(refusal))
            return
        fixed = bool(self.problem)
        self._say("")
        if fixed or value != self.value:
            self.value = value
            self.post_message(self.Changed(self, value))

    @on(Input.Submitted)
    def _submit(self, event: Input.Submitted) -> None:
        event.stop()
        if not self.problem:
            self.post_message(self.Submitted())

    def _say(self, problem: str) -> None:
        self.set_class(bool(problem), "-wrong")
        self.query_one(Problem).say(problem)


def options_of(kind: Kind, chosen: object) -> Choices:
    """Titles with values; ``chosen`` too where it isn't among them."""
    offered = chosen in [value for _, value in kind.choices]
    return kind.choices if offered else (*kind.choices, (kind.text(chosen), chosen))


def choose(select: Select[Any], kind: Kind, chosen: object) -> None:
    """Choose a value, also one that isn't offered yet."""
    if (options := options_of(kind, chosen)) != kind.choices:
        select.set_options(options)
    select.value = chosen
