"""Fields that belong together, and the line under them that explains the one in focus."""

from __future__ import annotations

from collections.abc import Iterator

from textual import on
from textual.widget import Widget

from initterm.tui.widgets.field import Field
from initterm.tui.widgets.sentence import Sentence


class FieldLine(Sentence):
    """What is to be known of a field, or what is wrong; nothing takes no room."""

    def __init__(self) -> None:
        super().__init__(markup=False)
        self.display = False
        self.sentence = ""

    def say(self, sentence: str, *, wrong: bool) -> None:
        """Show a sentence."""
        self.sentence = sentence
        self.display = bool(sentence)
        self.set_class(wrong, "-wrong")
        self.update(sentence)


class Form(Widget):
    """Holds fields, and a ``FieldLine`` somewhere under them."""

    @property
    def refusal(self) -> str:
        """What is wrong with values that make sense alone; empty where nothing is."""
        return ""

    @property
    def fields(self) -> Iterator[Field]:
        """Those that count, as far as they are mounted."""
        return iter(self.query(Field))

    @property
    def problem(self) -> str:
        """What is wrong with the first field that is; empty where nothing is."""
        return next((field.problem for field in self.fields if field.problem), self.refusal)

    @on(Field.Told)
    def _told(self, event: Field.Told) -> None:
        event.stop()
        self.tell()

    def tell(self) -> None:
        """Say what is wrong, first with the field in focus, or else explain that."""
        focused = next((field for field in self.fields if field.has_focus), None)
        problem = (focused.problem if focused else self.problem) or self.refusal
        self.query_one(FieldLine).say(problem or (focused.explanation if focused else ""), wrong=bool(problem))
