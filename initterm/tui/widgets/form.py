"""Fields that belong together, and the line under them that explains the one in focus."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from textual import on
from textual.containers import VerticalScroll
from textual.widget import Widget

from initterm.theory.settings import Setting
from initterm.tui.widgets.field import Field
from initterm.tui.widgets.sentence import Sentence

AT_ONCE = 3
"""So many fields are mounted at once: each takes some milliseconds to be styled."""


def in_rows(sentence: str, settings: Iterable[Setting]) -> str:
    """A sentence that names settings as the command line does, ``--train-data``, with the rows of a form instead."""
    for setting in settings:
        row = f"the row {setting.label.rstrip('.')}"
        told = re.sub(rf"with {setting.flag}(?![\w-])", f"in {row}", sentence)
        sentence = re.sub(rf"{setting.flag}(?![\w-])", row, told)
    return sentence[:1].upper() + sentence[1:] if sentence.startswith("the row ") else sentence


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


class Rows(VerticalScroll, can_focus=False):
    """Fields under each other, which are made a few at a time, so that the screen lives on meanwhile."""

    def __init__(self, rows: Iterable[Widget], *, id: str) -> None:
        super().__init__(id=id)
        self._first = tuple(rows)

    async def on_mount(self) -> None:
        """Mount those that are there from the beginning; what holds them is mounted when they are."""
        await self.add(self._first)

    async def add(self, rows: Sequence[Widget]) -> None:
        """Mount more of them under the others."""
        for at in range(0, len(rows), AT_ONCE):
            await self.mount(*rows[at : at + AT_ONCE])


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

    @property
    def settings(self) -> Iterable[tuple[Setting, str]]:
        """All that can be set here, and what it is set to, as it is shown."""
        return [(field.setting, field.setting.kind.shown(field.entered)) for field in self.fields]

    async def go_to(self, setting: Setting) -> None:
        """Put the cursor into the field of a setting."""
        for field in self.fields:
            if field.setting is setting:
                field.focus()

    @on(Field.Told)
    def _told(self, event: Field.Told) -> None:
        event.stop()
        self.tell()

    def tell(self) -> None:
        """Say what is wrong, first with the field in focus, or else explain that."""
        focused = next((field for field in self.fields if field.has_focus), None)
        problem = (focused.problem if focused else self.problem) or self.refusal
        for line in self.query(FieldLine):  # none where the form is being removed
            line.say(problem or (focused.explanation if focused else ""), wrong=bool(problem))
        if focused:
            self.call_after_refresh(focused.scroll_visible, animate=False)  # the line may have taken its place
