"""The catalogue as a list to mark contenders in."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from rich.text import Text
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from initterm.report.palette import name_with_mark
from initterm.theory.initializers import CATALOGUE, InitializerSpec

MARKED, UNMARKED = "✓ ", "  "


class ContenderList(OptionList):
    """A list of initializers in which several can be marked."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space,enter", "select", "mark", key_display="space"),
    ]

    class Changed(Message):
        """Other initializers are marked."""

    def __init__(self, marked: Iterable[InitializerSpec], *, id: str) -> None:
        self._initializers = [InitializerSpec(family.name) for family in CATALOGUE]
        self._marked = set(marked)
        super().__init__(*map(self._option, self._initializers), id=id, compact=True, markup=False)

    @property
    def marked(self) -> tuple[InitializerSpec, ...]:
        """The marked initializers in the list's order."""
        return tuple(initializer for initializer in self._initializers if initializer in self._marked)

    def mark(self, initializer: InitializerSpec) -> None:
        """Mark an initializer, which is added where the list doesn't have it."""
        if initializer not in self._initializers:
            self._initializers.append(initializer)
            self.add_option(self._option(initializer))
        self._set(initializer, marked=True)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Mark what is not marked, and the other way round."""
        event.stop()
        initializer = self._initializers[event.option_index]
        self._set(initializer, marked=initializer not in self._marked)

    def _set(self, initializer: InitializerSpec, *, marked: bool) -> None:
        (self._marked.add if marked else self._marked.discard)(initializer)
        self.replace_option_prompt_at_index(self._initializers.index(initializer), self._prompt(initializer))
        self.post_message(self.Changed())

    def _option(self, initializer: InitializerSpec) -> Option:
        return Option(self._prompt(initializer))

    def _prompt(self, initializer: InitializerSpec) -> Text:
        marked = initializer in self._marked
        name = name_with_mark(initializer)
        return Text.assemble((MARKED if marked else UNMARKED, "bold"), name, no_wrap=True)
